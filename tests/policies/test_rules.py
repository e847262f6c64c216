"""Every rule against its cases, in the offline form and in the form in which the engine hands inputs over."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy
from ruamel.yaml import YAML

from lakeplane_policies import RULES, judge
from lakeplane_policies.pack import policies
from lakeplane_policies.rule import Rule

CASES = Path(__file__).parent / "cases"
BY_CODE = {rule.code: rule for rule in RULES}


def load(code: str) -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load((CASES / f"{code}.yaml").read_text()))


def cases() -> list[Any]:
    return [
        pytest.param(rule, load(rule.code)["type"], name, inputs, id=f"{rule.code} {name}")
        for rule in RULES
        for name, inputs in load(rule.code).items()
        if name != "type"
    ]


def as_engine(value: Any) -> Any:
    """Write unknowns and secrets as a policy receives them from the engine."""
    if isinstance(value, dict):
        if "$unknown" in value:
            return UNKNOWN_STRING_VALUE
        return (
            as_engine(value["$secret"]) if "$secret" in value else {k: as_engine(v) for k, v in value.items()}
        )
    return [as_engine(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("rule", "type_", "name", "inputs"), cases())
def test_rule_judges_its_case(rule: Rule, type_: str, name: str, inputs: dict[str, Any]) -> None:
    offline = [finding.code for finding in judge(type_, "urn", inputs) if finding.code == rule.code]
    assert bool(offline) == name.startswith("fail")
    engine = list(rule.judge(unknown_checking_proxy(as_engine(inputs))))
    assert len(engine) == len(offline), "the engine's pack and the offline preview agree"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_its_page_sources_and_cases(rule: Rule) -> None:
    area = rule.judge.__module__ if rule.judge.__module__.endswith(rule.code) else None
    module = importlib.import_module(area or next(m for m in rule_modules() if m.endswith(rule.code)))
    page = module.__doc__ or ""
    assert "Anti-pattern:" in page
    assert "Best practice:" in page
    assert rule.sources
    kinds = {name.partition("_")[2] for name in load(rule.code)}
    assert {"absent", "unknown"} <= kinds
    assert any(name.startswith("pass_") for name in load(rule.code))


def rule_modules() -> list[str]:
    root = Path(__file__).parents[2] / "policies" / "lakeplane_policies" / "rules"
    return [f"lakeplane_policies.rules.{path.parent.name}.{path.stem}" for path in root.glob("*/[A-Z]*.py")]


def test_every_file_of_a_rule_is_in_the_catalogue() -> None:
    assert sorted(name.rpartition(".")[2] for name in rule_modules()) == [rule.code for rule in RULES]
    assert sorted(path.stem for path in CASES.glob("*.yaml")) == [rule.code for rule in RULES]


def test_the_pack_has_one_policy_a_rule() -> None:
    assert [policy.name for policy in policies()] == [rule.code for rule in RULES]


def test_a_finding_names_resource_place_and_remedy() -> None:
    (finding,) = (
        one
        for one in judge(
            "azure-native:keyvault:Vault", "urn:v", {"properties": {"enableRbacAuthorization": True}}
        )
    )
    assert finding.code == "KV001"
    assert finding.resource == "urn:v"
    assert finding.dotted_path == "properties.enablePurgeProtection"
    assert finding.detail == "it is not set"
    assert finding.remedy
