"""Cases of rules as data: what they say, as the offline render has it and as the engine hands it over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy
from ruamel.yaml import YAML

from lakeplane.render import Resource
from lakeplane_policies import RULES_BY_CODE, Settings
from lakeplane_policies.pack import policies

CASES = Path(__file__).parent / "cases"
KINDS = ("pass", "fail", "undecidable")
TODAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Case:
    """One case: its rule, what it is expected to come to, and resources under settings."""

    code: str
    name: str
    settings: Mapping[str, Any]
    resources: tuple[Resource, ...]

    @property
    def expected(self) -> str:
        return self.name.partition("_")[0]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def judged_by(self) -> Settings:
        return Settings.from_dict(self.settings, TODAY)


def load(code: str) -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load((CASES / f"{code}.yaml").read_text()))


def cases() -> Iterator[Case]:
    for code in sorted(RULES_BY_CODE):
        document = load(code)
        type_ = document.pop("type", None)
        for name, written in document.items():
            given: Mapping[str, Any] = {}
            content = written
            if isinstance(written, dict) and "given" in written:
                given, content = written["given"], written.get("resources", written.get("inputs"))
            parts = content if isinstance(content, list) else [{"type": type_, "inputs": content}]
            yield Case(code, name, given, tuple(_resource(part, parts) for part in parts))


def _resource(part: Mapping[str, Any], all_parts: list[Any]) -> Resource:
    urns = {one.get("name", "it"): _urn(one) for one in all_parts}
    links = {key: tuple(urns[name] for name in names) for key, names in part.get("links", {}).items()}
    return Resource(
        urn=_urn(part),
        type=part["type"],
        name=part.get("name", "it"),
        custom=True,
        inputs=part.get("inputs", {}),
        protect=part.get("protect", False),
        outputs=part.get("outputs", {}),
        dependencies=tuple(sorted({urn for each in links.values() for urn in each})),
        property_dependencies=links,
    )


def _urn(part: Mapping[str, Any]) -> str:
    return f"urn:pulumi:dev.foundation::lakeplane::{part['type']}::{part.get('name', 'it')}"


def as_engine(value: Any) -> Any:
    """Write unknowns and secrets as a policy receives them from the engine."""
    if isinstance(value, dict):
        if "$unknown" in value:
            return UNKNOWN_STRING_VALUE
        if "$secret" in value:
            return as_engine(value["$secret"])
        return {key: as_engine(item) for key, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return [as_engine(item) for item in value] if isinstance(value, list) else value


class Engine:
    """Asks the pack's policies in the order and by the arguments of the engine."""

    def __init__(self, settings: Mapping[str, Any] | None) -> None:
        self.policies = policies()
        self._settings = settings

    def judge(self, resources: tuple[Resource, ...]) -> list[tuple[str, str, str]]:
        """Return what is reported: policy, message and URN."""
        found: list[tuple[str, str, str]] = []
        for one in resources:
            for policy in self.policies:
                if isinstance(policy, ResourceValidationPolicy):
                    policy.validate(
                        self.arguments(policy, one),
                        lambda text, urn=None, one=one, policy=policy: found.append(
                            (policy.name, text, one.urn)
                        ),
                    )
        stack = StackValidationArgs(_registered(resources))
        for policy in self.policies:
            if isinstance(policy, StackValidationPolicy):
                policy.validate(
                    stack,
                    lambda text, urn=None, policy=policy: found.append((policy.name, text, urn or "")),
                )
        return found

    def arguments(self, policy: Policy, one: Resource) -> ResourceValidationArgs:
        config = dict(self._settings or {}) if policy.name == "settings" else None
        props = unknown_checking_proxy(as_engine(dict(one.inputs)))
        return ResourceValidationArgs(one.type, props, one.urn, one.name, _options(one), None, config)


def _options(one: Resource) -> PolicyResourceOptions:
    timeouts = PolicyCustomTimeouts(0, 0, 0)
    return PolicyResourceOptions(one.protect, [], None, [], timeouts, [], one.parent)


def _registered(resources: tuple[Resource, ...]) -> list[PolicyResource]:
    known = {
        # The engine shows outputs here; rules must not lean on them, but for a stack's own.
        one.urn: PolicyResource(
            one.type,
            unknown_checking_proxy(as_engine(dict(one.outputs))),
            one.urn,
            one.name,
            _options(one),
            None,
            None,
            [],
            {},
        )
        for one in resources
    }
    for one in resources:
        known[one.urn].dependencies = [known[urn] for urn in one.dependencies if urn in known]
        known[one.urn].property_dependencies = {
            key: [known[urn] for urn in urns if urn in known]
            for key, urns in one.property_dependencies.items()
        }
    return list(known.values())
