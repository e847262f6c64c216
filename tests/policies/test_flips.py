"""Whatever is set the other way in a hardened environment is noticed by a rule, or excluded with a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lakeplane_policies import Settings
from lakeplane_policies.judging import Judgement, judge_resource, judge_stack
from lakeplane_policies.stack import Resource, Stack

from .conftest import Environment
from .flips import Flip, flips

EXCLUDED = Path(__file__).with_name("flips_excluded.yaml")


@dataclass
class Exclusion:
    """One entry of the table."""

    entry: dict[str, Any]
    used: int = 0
    _types: re.Pattern[str] = field(init=False)
    _names: re.Pattern[str] = field(init=False)
    _place: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self._types, self._place = _glob(self.entry["types"]), _glob(self.entry["place"])
        self._names = _glob(self.entry.get("names", "*"))

    def covers(self, flip: Flip) -> bool:
        return bool(
            self._types.fullmatch(flip.resource.type)
            and self._names.fullmatch(flip.resource.name)
            and self._place.fullmatch(flip.place)
            and _among(flip.before, self.entry.get("before"))
            and _among(flip.after, self.entry.get("after"))
        )


@dataclass
class Outcome:
    """What came of all flips."""

    noticed: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, set[tuple[str, str, str, str]]] = field(default_factory=dict)
    unnoticed: list[Flip] = field(default_factory=list)
    covered_though_noticed: list[tuple[Exclusion, Flip]] = field(default_factory=list)


def _glob(given: str | list[str]) -> re.Pattern[str]:
    several = given if isinstance(given, list) else [given]
    return re.compile("|".join(re.escape(text).replace(r"\*", ".*") for text in several), re.DOTALL)


def _among(value: Any, wanted: Any) -> bool:
    if wanted is None:
        return True
    several = wanted if isinstance(wanted, list) else [wanted]
    return any(type(value) is type(one) and value == one for one in several)


def _key(judgement: Judgement) -> tuple[Any, ...]:
    violation = judgement.violation
    return judgement.rule.code, violation.path, violation.found, judgement.urn


@dataclass
class Watch:
    """Tells whether rules notice a change in one stack."""

    resources: tuple[Resource, ...]
    settings: Settings

    def __post_init__(self) -> None:
        self._stack = {_key(one) for one in judge_stack(Stack(self.resources), self.settings)}
        self._own = {
            one.urn: {_key(found) for found in judge_resource(one, self.settings)} for one in self.resources
        }

    def notices(self, changed: Resource) -> bool:
        own = self._own[changed.urn]
        if any(_key(found) not in own for found in judge_resource(changed, self.settings)):
            return True
        stack = Stack(changed if one.urn == changed.urn else one for one in self.resources)
        return any(_key(found) not in self._stack for found in judge_stack(stack, self.settings))


@pytest.fixture(scope="module")
def exclusions() -> list[Exclusion]:
    return [Exclusion(entry) for entry in YAML(typ="safe", pure=True).load(EXCLUDED.read_text())]


@pytest.fixture(scope="module")
def outcome(hardened: list[Environment], exclusions: list[Exclusion]) -> Outcome:
    found = Outcome()
    for flip, noticed in _all_flips(hardened):
        covering = [one for one in exclusions if one.covers(flip)]
        for one in covering:
            one.used += 1
        word = "noticed" if noticed else "excluded" if covering else "unnoticed"
        kind = (flip.resource.type, flip.place, str(flip.before), str(flip.after))
        found.kinds.setdefault(f"{flip.kind} {word}", set()).add(kind)
        if noticed:
            found.noticed[flip.kind] += 1
            found.covered_though_noticed += [(one, flip) for one in covering]
        elif covering:
            found.excluded[flip.kind] += 1
        else:
            found.unnoticed.append(flip)
    return found


def _all_flips(environments: list[Environment]) -> Iterator[tuple[Flip, bool]]:
    for environment in environments:
        for resources in environment.stacks.values():
            watch = Watch(resources, environment.settings)
            for resource in resources:
                for flip in flips(resource):
                    yield flip, watch.notices(flip.flipped())


def test_hardened_environments_break_no_rule(hardened: list[Environment]) -> None:
    for environment in hardened:
        for resources in environment.stacks.values():
            found = [one for each in resources for one in judge_resource(each, environment.settings)]
            assert not [*found, *judge_stack(Stack(resources), environment.settings)], environment.name


def test_every_flip_is_noticed_or_excluded(outcome: Outcome) -> None:
    missed = sorted(
        {f"{flip.resource.type} {flip.place}: {flip.before} -> {flip.after}" for flip in outcome.unnoticed}
    )
    assert not missed, "\n".join(missed)
    for counts in (outcome.noticed, outcome.excluded):
        assert set(counts) == {"boolean", "enumeration", "range"}
    print(  # noqa: T201 - `pytest -s` shows what came of them
        *(
            f"{kind}: {outcome.noticed[kind]} noticed, {outcome.excluded[kind]} excluded"
            for kind in outcome.noticed
        ),
        *(f"different, {kind}: {len(each)}" for kind, each in sorted(outcome.kinds.items())),
        sep="\n",
    )


def test_every_exclusion_has_a_reason_and_covers_something(
    outcome: Outcome, exclusions: list[Exclusion]
) -> None:
    del outcome
    assert all(one.entry.get("reason") for one in exclusions)
    assert not [one.entry for one in exclusions if not one.used]


def test_no_exclusion_covers_what_a_rule_notices(outcome: Outcome) -> None:
    found = {
        f"{one.entry['reason']}: {flip.resource.urn} {flip.place} {flip.before} -> {flip.after}"
        for one, flip in outcome.covered_though_noticed
    }
    assert not found, "\n".join(sorted(found))
