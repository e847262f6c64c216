"""The policy pack: its configuration, what it says without one, and what it puts right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy
from pulumi_policy import policy as sdk
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from lakeplane.render import Resource
from lakeplane_policies import RULES, RULES_BY_CODE, RuleException, Settings, judge_all
from lakeplane_policies.engine_requests import install
from lakeplane_policies.pack import configuration, policies
from lakeplane_policies.rule import Level

from .case_files import Engine, as_engine

ACCOUNT = "azure-native:storage:StorageAccount"
TODAY = datetime.now(UTC).date()
KEYS = RuleException("ST004", "lake*", "a migration reads with keys", "team@contoso.example", TODAY)


def account(**inputs: Any) -> Resource:
    urn = f"urn:pulumi:dev.foundation::lakeplane::{ACCOUNT}::lake-account"
    return Resource(urn=urn, type=ACCOUNT, name="lake-account", custom=True, inputs=inputs)


def codes(resource: Resource, settings: Settings) -> set[str]:
    return {found.code for found in judge_all([resource], settings)}


def test_the_pack_has_one_policy_a_rule_and_knows_its_settings_first() -> None:
    names = [policy.name for policy in policies()]
    assert names[0] == "settings"
    assert names[1 : len(RULES) + 1] == [rule.code for rule in RULES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("tier", ["dev", "test", "prod"])
def test_configuration_gives_each_rule_its_level_of_the_tier(tier: Any) -> None:
    settings = Settings(tier, "private", (KEYS,), TODAY)
    written = configuration(settings)
    for rule in RULES:
        assert written[rule.code] == rule.tiers.of(tier).value
    assert written["undecidable"] == ("mandatory" if tier == "prod" else "advisory")
    assert written["settings"].pop("enforcementLevel") == "advisory"
    assert Settings.from_dict(written["settings"], TODAY) == settings
    assert set(written) <= {policy.name for policy in policies()}


def test_levels_without_configuration_are_those_of_prod() -> None:
    for policy in policies():
        if policy.name in RULES_BY_CODE:
            assert policy.enforcement_level is not None
            assert policy.enforcement_level.value == RULES_BY_CODE[policy.name].tiers.prod.value


def test_a_pack_without_configuration_judges_as_prod_and_says_so() -> None:
    told = Engine(None).judge((account(sku={"name": "Standard_LRS"}),))
    found = {policy for policy, _, _ in told}
    assert "ST010" in found, "dev would let it pass"
    (said,) = (text for policy, text, _ in told if policy == "POL006")
    assert "lakeplane policy config" in said
    assert "POL006" not in {policy for policy, _, _ in Engine({"tier": "dev"}).judge((account(),))}


@pytest.mark.parametrize(
    "wrong", [{"tier": "production"}, {"access_mode": "open"}, {"exceptions": [{"rule": "ST001"}]}]
)
def test_settings_rejects_what_is_none(wrong: Mapping[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        Settings.from_dict(wrong, TODAY)


def test_a_valid_exception_covers_its_finding_and_is_counted() -> None:
    lake = account(allowSharedKeyAccess=True)
    found = list(judge_all([lake], Settings("prod", None, (KEYS,), TODAY)))
    assert "ST004" not in {one.code for one in found}
    (counted,) = (one for one in found if one.code == "POL004")
    assert counted.severity == "note"
    assert counted.summary.endswith(": 1")
    assert "team@contoso.example: a migration reads with keys" in counted.detail
    assert "ST005" in {one.code for one in found}, "it covers no other rule"


@pytest.mark.parametrize("pattern", ["lake-account", "lake*", "*::lake-account", "urn:pulumi:dev.*"])
def test_an_exception_names_its_resource_by_name_urn_or_pattern(pattern: str) -> None:
    exception = replace(KEYS, resource=pattern)
    assert "ST004" not in codes(account(), Settings("prod", None, (exception,), TODAY))


def test_an_exception_that_is_over_covers_nothing_and_is_a_finding() -> None:
    over = replace(KEYS, until=date(2026, 1, 31))
    settings = Settings("prod", None, (over,), date(2026, 2, 1))
    found = {one.code: one for one in judge_all([account()], settings)}
    assert {"ST004", "POL002"} <= set(found)
    assert found["POL002"].severity == "error"
    assert found["POL002"].dotted_path == "exceptions[0].until"
    assert "ST004" not in codes(account(), replace(settings, today=date(2026, 1, 31)))
    warned = {one.code: one.severity for one in judge_all([account()], replace(settings, tier="dev"))}
    assert warned["POL002"] == "warning"


def test_exceptions_without_a_rule_or_an_effect_are_findings() -> None:
    nobody = replace(KEYS, resource="lack-account")
    unknown = replace(KEYS, rule="ST999")
    found = {
        one.code: one for one in judge_all([account()], Settings("prod", None, (nobody, unknown), TODAY))
    }
    assert found["POL003"].dotted_path == "exceptions[0].resource"
    assert found["POL003"].severity == "warning"
    assert found["POL001"].dotted_path == "exceptions[1].rule"
    assert found["POL001"].severity == "error"


def test_nothing_is_said_of_an_exception_whose_resource_may_stand_in_another_stack() -> None:
    vault = replace(KEYS, rule="KV003", resource="registry-vault")
    assert not [
        code for code in codes(account(), Settings("prod", None, (vault,), TODAY)) if code[:3] == "POL"
    ]


def test_the_undecidable_warns_before_prod_stops_in_prod_and_is_counted() -> None:
    lake = account(enableHttpsTrafficOnly={"$unknown": True})
    for tier, severity in (("dev", "warning"), ("test", "warning"), ("prod", "error")):
        found = {one.code: one for one in judge_all([lake], Settings(tier, None, (), TODAY))}  # type: ignore[arg-type]
        assert found["ST001"].severity == severity
        assert found["ST001"].detail.startswith("undecidable:")
        assert found["POL005"].summary.endswith(": 1")
        assert found["POL005"].detail == "rules ST001"


def test_an_advisory_rule_stops_nothing_where_it_cannot_be_decided() -> None:
    urn = "urn:pulumi:dev.foundation::lakeplane::azure-native:containerregistry:Registry::registry"
    registry = Resource(urn, "azure-native:containerregistry:Registry", "registry", True)
    unknown = replace(registry, inputs={"policies": {"$unknown": True}})
    found = {one.code: one for one in judge_all([unknown], Settings("prod", None, (), TODAY))}
    assert RULES_BY_CODE["CR011"].tiers.prod is Level.ADVISORY
    assert found["CR011"].severity == "warning"


def test_a_finding_names_resource_place_and_remedy() -> None:
    lake = account(networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "0.0.0.0/0"}]})
    (finding,) = (one for one in judge_all([lake], Settings(today=TODAY)) if one.code == "ST018")
    assert finding.resource == lake.urn
    assert finding.dotted_path == "networkRuleSet.ipRules[0].iPAddressOrRange"
    assert finding.detail == "it is '0.0.0.0/0', which holds everybody"
    assert finding.remedy == "name the ranges of your own networks"


def test_findings_of_rules_about_stacks_come_for_each_stack_by_itself() -> None:
    """An endpoint in one stack is none for an account in another: the engine sees them apart."""
    other = account(accountName="stlake")
    endpoint = Resource(
        urn="urn:pulumi:dev.contents::lakeplane::azure-native:network:PrivateEndpoint::blob",
        type="azure-native:network:PrivateEndpoint",
        name="blob",
        custom=True,
        inputs={
            "privateLinkServiceConnections": [
                {
                    "privateLinkServiceId": "/providers/Microsoft.Storage/storageAccounts/stlake",
                    "groupIds": ["blob"],
                }
            ]
        },
    )
    beside = replace(endpoint, urn=endpoint.urn.replace("contents", "foundation"))
    settings = Settings("dev", "private", (), TODAY)
    assert "ST020" in {one.code for one in judge_all([other, endpoint], settings)}
    assert "ST020" not in {one.code for one in judge_all([other, beside], settings)}


def test_the_sdk_reads_each_resource_of_a_request_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a loop over policies around its reading; the pack has two hundred."""
    read: list[Any] = []
    to_dict = json_format.MessageToDict
    monkeypatch.setattr(json_format, "MessageToDict", lambda one: read.append(one) or to_dict(one))
    for name in (
        "json_format",
        "deserialize_properties",
        "unknown_checking_proxy",
        "_PolicyAnalyzerServicer",
    ):
        monkeypatch.setattr(sdk, name, getattr(sdk, name))  # put back when the test is over
    plainly = _served(sdk)
    as_before = len(read)
    read.clear()
    install()
    assert _served(sdk) == plainly
    assert len(plainly) > 10
    assert (as_before > 100, len(read)) == (True, 2 * len(TWO))


TWO = (account(name="one"), replace(account(name="two"), urn=f"{account().urn}-2"))


def _served(module: Any) -> list[str]:
    servicer = module._PolicyAnalyzerServicer("pack", "0.0.1", policies(), EnforcementLevel.MANDATORY)
    stack = proto.AnalyzeStackRequest()
    found = []
    for one in TWO:
        properties = ParseDict(as_engine(dict(one.inputs)), Struct())
        named = {"type": one.type, "urn": one.urn, "name": one.name, "properties": properties}
        found += servicer.Analyze(proto.AnalyzeRequest(**named), None).diagnostics
        stack.resources.add(**named)
    found += servicer.AnalyzeStack(stack, None).diagnostics
    return [str(one) for one in found]


REMEDIABLE = [rule for rule in RULES if rule.remediation]


@pytest.mark.parametrize("rule", REMEDIABLE, ids=lambda rule: rule.code)
def test_a_remediation_puts_right_what_its_rule_finds_and_nothing_else(rule: Any) -> None:
    policy = next(one for one in policies() if one.name == rule.code)
    assert isinstance(policy, ResourceValidationPolicy)
    written = configuration(Settings(today=TODAY), remediate=True)
    assert written[rule.code] == EnforcementLevel.REMEDIATE.value
    given = {"untouched": {"kept": [1, {"unknown": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}]}}
    one = Resource(f"urn:pulumi:a::b::{rule.types[0]}::c", rule.types[0], "c", True, inputs=given)
    arguments = Engine(None).arguments(policy, one)
    arguments.props = unknown_checking_proxy(deserialize_properties(given, True))  # as the SDK does here
    repaired = policy.remediate(arguments)
    assert repaired is not None
    plain = dict(serialize_properties(repaired))  # type: ignore[arg-type]
    assert plain.pop("untouched") == given["untouched"]
    assert plain == dict(rule.remediation), "only top-level switches are put right"
    assert not list(rule.judge(plain, Settings()))
    assert policy.remediate(Engine(None).arguments(policy, replace(one, inputs=plain))) is None


def test_remediations_shut_nobody_out() -> None:
    """Only these are safe to put in unasked; a new one has to be thought over."""
    assert {rule.code for rule in REMEDIABLE} == {
        "CR001", "CR002", "NW011", "ST001", "ST002", "ST003", "ST006", "ST011", "ST015", "ST016",
    }  # fmt: skip
    assert not any(level == "remediate" for level in configuration(Settings()).values())
