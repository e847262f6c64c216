"""Judging resources by all rules, with levels of the tier and exceptions of the environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane_policies.catalogue import RULES, rules_about
from lakeplane_policies.notices import Tally, notices
from lakeplane_policies.reading import plain
from lakeplane_policies.rule import Level, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import STACK

__all__ = ["Judged", "Judgement", "as_resource", "judge_all", "judge_resource", "judge_stack"]

_SEVERITIES = {Level.MANDATORY: Severity.ERROR, Level.ADVISORY: Severity.WARNING}


class Judged(Protocol):
    """A resource as a render records it."""

    @property
    def type(self) -> str:
        """Its type token."""

    @property
    def urn(self) -> str:
        """Its URN."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Its inputs on the wire, with the markers of `lakeplane.provider_models.wire`."""

    @property
    def parent(self) -> str | None:
        """URN of its parent."""

    @property
    def dependencies(self) -> Sequence[str]:
        """URNs of what it waits for."""

    @property
    def property_dependencies(self) -> Mapping[str, Sequence[str]]:
        """The same for each input that has any."""

    @property
    def protect(self) -> bool:
        """The engine refuses to delete it."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What a stack or a component registered as its outputs, with the same markers."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One violation of one rule, before anybody asks what it weighs."""

    rule: Rule
    violation: Violation
    urn: str


def judge_resource(
    resource: Resource, settings: Settings, rules: Iterable[Rule] | None = None
) -> Iterator[Judgement]:
    """Judge one resource by rules about its type alone; by all of them if none are given."""
    for rule in rules_about(resource.type) if rules is None else rules:
        if rule.judge is not None and rule.tiers.of(settings.tier) is not Level.OFF:
            for violation in rule.judge(resource.inputs, settings):
                yield Judgement(rule, violation, resource.urn)


def judge_stack(stack: Stack, settings: Settings, rules: Iterable[Rule] = RULES) -> Iterator[Judgement]:
    """Judge a stack by the rules about several resources at once."""
    for rule in rules:
        if (
            rule.judge_stack is not None
            and rule.tiers.of(settings.tier) is not Level.OFF
            and any(True for _ in stack.of(*rule.types))
        ):
            for violation in rule.judge_stack(stack, settings):
                yield Judgement(rule, violation, violation.urn or stack.urn)


def judge_all(resources: Iterable[Judged], settings: Settings | None = None) -> Iterator[Diagnostic]:
    """Judge resources by all rules, each stack by itself, as the engine's policy pack does.

    Args:
        resources: What the stacks register; components and what is only read may be left out.
        settings: What decides how rules judge; as in `prod` if left out.
    """
    given = settings or Settings()
    stacks: dict[str, list[Resource]] = {}
    for one in resources:
        stacks.setdefault(one.urn.split("::", 1)[0], []).append(as_resource(one))
    tally = Tally()
    for members in stacks.values():
        stack = Stack(members)
        tally.see(stack)
        found = [judgement for one in members for judgement in judge_resource(one, given)]
        for judgement in (*found, *judge_stack(stack, given)):
            if tally.excepts(judgement.rule.code, judgement.urn, judgement.violation, given):
                continue
            yield _diagnostic(judgement, given)
    yield from notices(tally, given)


def as_resource(one: Judged) -> Resource:
    """Return a resource of a render as rules see it."""
    return Resource(
        urn=one.urn,
        type=one.type,
        inputs=plain(one.inputs),
        parent=one.parent,
        dependencies=tuple(one.dependencies),
        property_dependencies=one.property_dependencies,
        protect=one.protect,
        outputs=plain(one.outputs) if one.type == STACK else {},
    )


def _diagnostic(judgement: Judgement, settings: Settings) -> Diagnostic:
    rule, violation = judgement.rule, judgement.violation
    return Diagnostic(
        code=rule.code,
        summary=rule.title,
        severity=_SEVERITIES[rule.level(violation, settings.tier)],
        detail=violation.found,
        remedy=rule.remedy,
        path=violation.path,
        resource=judgement.urn,
    )
