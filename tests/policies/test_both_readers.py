"""The engine with the policy pack, and the offline preview, say the same of the same program.

A program with many faults and a small environment with some are compared in every run, all examples by
`-m slow`.
"""

from __future__ import annotations

import contextlib
import json
import runpy
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lakeplane.cli.rules import settings_of
from lakeplane.engine import EngineBinaries
from lakeplane.layout import find_project
from lakeplane.program import main
from lakeplane.render import Graph, render
from lakeplane.spec import load_spec
from lakeplane.wheel import ensure_wheel
from lakeplane_policies import Settings, judge_all
from lakeplane_policies.pack import configuration
from lakeplane_policies.settings import RuleException

sys.path.insert(0, str(Path(__file__).parents[1] / "render"))
from engine_preview import EnginePreviews, engine_previews

pytestmark = pytest.mark.engine

PROJECT = find_project(Path(__file__).parent)
PACK = PROJECT.root / "policies" / "__main__.py"
STACK = "pulumi:pulumi:Stack"
TO_BREAK = ("local", "test", "prod")
EXAMPLES = (
    "bring_your_own",
    "dev",
    "local",
    "prod",
    "test",
    "examples/defaults",
    "examples/max",
    "examples/waf_aligned",
)
# What a deployed foundation would tell, where the plan doesn't know it.
LATER = {
    "aks_certificate_authority": "YXV0aG9yaXR5",
    "aks_fqdn": "aks-1.hcp.westeurope.azmk8s.io",
    "databricks_workspace_number": "1234567890123456",
    "databricks_workspace_url": "adb-1234567890123456.7.azuredatabricks.net",
    "egress_address": "198.51.100.7",
    "jobs_client_id": "00000000-0000-4000-8000-00000000000a",
    "serving_client_id": "00000000-0000-4000-8000-00000000000b",
}
BROKEN = """
overrides:
  lake-account:
    allowSharedKeyAccess: true
    networkRuleSet.ipRules: [{iPAddressOrRange: 128.0.0.0/1}]
  aks-cluster: {disableLocalAccounts: false, sku.tier: Free}
  databricks-databricks-ui-api-endpoint:
    "privateLinkServiceConnections[0].groupIds": [browser_authentication]
  settings-configuration: {customConfig.enableIpAccessLists: "false"}
  scoring-namespace: {metadata.labels: {}}
  workloads-medallion: {"jobClusters[0].newCluster.dataSecurityMode": NONE}
exceptions:
  - {rule: ST004, resource: lake-account, reason: a migration reads with keys, owner: team, until: 2099-12-31}
  - {rule: ST001, resource: lake-account, reason: nothing breaks it at all, owner: team, until: 2099-12-31}
  - {rule: AK001, resource: aks-*, reason: long over by now, owner: team, until: 2020-01-31}
  - {rule: XX999, resource: "*", reason: there is no such rule, owner: team, until: 2099-12-31}
"""
FAULTY = """
import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes

group = azure.resources.ResourceGroup("group", resource_group_name="rg-faulty", location="westeurope")
# Names that only a provider knows, in inputs that rules ask for.
later = azure.managedidentity.UserAssignedIdentity(
    "later", resource_name_="id-later", resource_group_name="rg-faulty", location="eastus"
)
azure.storage.StorageAccount(
    "lake", account_name="stlake", resource_group_name="rg-faulty",
    kind="StorageV2", sku={"name": "Standard_LRS"}, is_hns_enabled=True,
    enable_https_traffic_only=later.client_id.apply(lambda found: found != ""),
    network_rule_set={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": later.client_id}]},
)
vault = azure.keyvault.Vault(
    "vault", vault_name="kv-faulty", resource_group_name="rg-faulty",
    properties={"tenantId": later.tenant_id, "sku": {"family": "A", "name": "standard"}},
)
azure.network.PrivateEndpoint(
    "endpoint", private_endpoint_name="pep-vault", resource_group_name="rg-faulty",
    subnet={"id": later.client_id},
    private_link_service_connections=[{"privateLinkServiceId": vault.id, "groupIds": ["vault"]}],
)
azure.network.NetworkSecurityGroup(
    "open", resource_group_name="rg-faulty", network_security_group_name="nsg-open",
    security_rules=[{
        "name": "all", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "*",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRange": "22",
    }],
)
cluster = kubernetes.Provider("cluster", kubeconfig="{}")
kubernetes.core.v1.Pod(
    "pod", metadata={"namespace": "default"}, opts=pulumi.ResourceOptions(provider=cluster),
    spec={"hostNetwork": True, "containers": [{
        "name": "a", "image": "nginx", "env": [{"name": "API_KEY", "value": pulumi.Output.secret("abcdef")}],
    }]},
)
pulumi.export("storage_account_key", pulumi.Output.secret("abc"))
pulumi.export("vault", vault.id)
"""

Finding = tuple[str, str, str, str]
"""Code, weight, resource and text of a finding, as both readers have them."""


@pytest.fixture(scope="module")
def engine(
    tmp_path_factory: pytest.TempPathFactory, engine_binaries: EngineBinaries
) -> Iterator[EnginePreviews]:
    with engine_previews(tmp_path_factory.mktemp("engine"), PROJECT.root, engine_binaries) as previews:
        yield previews


def told_by_the_engine(
    engine: EnginePreviews, stack: str, config: Mapping[str, str], settings: Settings | None
) -> set[Finding]:
    """Preview an empty stack with the pack, and return what the pack reports."""
    engine.pulumi("stack", "init", stack)
    for key, value in config.items():
        engine.pulumi("config", "set", "--stack", stack, key, value)
    log = engine.root / f"{stack}.events"
    arguments = ["preview", "--stack", stack, "--policy-pack", str(PACK), "--event-log", str(log)]
    if settings is not None:
        file = engine.root / f"{stack}.policy.json"
        file.write_text(json.dumps(configuration(settings)))
        arguments += ["--policy-pack-config", str(file)]
    engine.environment["PULUMI_DEBUG_COMMANDS"] = "1"
    said = engine.run(*arguments)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert any("policyLoadEvent" in event for event in events), said.stdout + said.stderr
    assert any("summaryEvent" in event for event in events), said.stdout + said.stderr
    return {_from_event(event["policyEvent"]) for event in events if "policyEvent" in event}


def _from_event(event: Mapping[str, Any]) -> Finding:
    text = event["message"].replace("<{%reset%}>", "").partition("\n")[2].strip()
    code = event["policyName"]
    if code.startswith("undecidable"):
        code, _, text = text.partition(" ")
    return code, event["enforcementLevel"], event["resourceUrn"], text


def told_offline(graph: Graph, settings: Settings) -> set[Finding]:
    """Judge a render as the offline preview does, and write what is found as the pack does."""
    judged = [one for one in graph.resources if (one.custom and not one.read) or one.type == STACK]
    found: set[Finding] = set()
    for one in judge_all(judged, settings):
        path = f"{one.dotted_path}: " if one.path else ""
        notice = one.code.startswith("POL")
        text = f"{path}{one.summary}; {one.detail}" if notice else f"{path}{one.detail}; {one.remedy}"
        level = "mandatory" if one.severity == "error" else "advisory"
        found.add((one.code, level, one.resource or graph.resources[0].urn, text))
    return found


def render_layer(stack: str, config: Mapping[str, str], outputs: Mapping[str, Any]) -> Graph:
    with contextlib.chdir(PROJECT.stacks):
        return render(main, project="lakeplane", stack=stack, config=config, stack_references=outputs)


def compare(spec: Path, engine: EnginePreviews) -> set[Finding]:
    """Compare both readers on both layers of an environment; return all findings."""
    settings = settings_of(spec)
    name = _name(spec)
    config = {"lakeplane:spec": str(spec), "lakeplane:wheel": str(ensure_wheel(PROJECT))}
    foundation = render_layer(f"{name}.foundation", config, {})
    told = told_by_the_engine(engine, f"{name}.foundation", config, settings)
    assert told == told_offline(foundation, settings)
    outputs = {**foundation.outputs, "foundation": _deployed(foundation.outputs["foundation"])}
    engine.pulumi("stack", "rm", "--yes", f"{name}.foundation")
    engine.deploy_outputs(f"{name}.foundation", outputs)
    contents = render_layer(
        f"{name}.contents", config, {f"organization/lakeplane/{name}.foundation": outputs}
    )
    also = told_by_the_engine(engine, f"{name}.contents", config, settings)
    assert also == told_offline(contents, settings)
    for stack in (f"{name}.foundation", f"{name}.contents"):
        engine.pulumi("stack", "rm", "--yes", "--force", stack)
    return told | also


def _deployed(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: LATER.get(key, value) if "$unknown" in str(value) else value for key, value in outputs.items()
    }


def _name(spec: Path) -> str:
    return next(line.split()[1] for line in spec.read_text().splitlines() if line.startswith("name: "))


@pytest.mark.parametrize("spec", [pytest.param(name, marks=pytest.mark.slow) for name in TO_BREAK])
def test_both_readers_find_the_same_faults_in_an_environment(
    spec: str, engine: EnginePreviews, tmp_path: Path
) -> None:
    shutil.copy(PROJECT.environments / "hub.yaml", tmp_path)
    broken = tmp_path / "broken.yaml"
    broken.write_text((PROJECT.environments / f"{spec}.yaml").read_text() + BROKEN)
    codes = {code for code, *_ in compare(broken, engine)}
    assert codes >= {"AK001", "DB024", "KP016", "ST018"}
    behind_private_link = load_spec(broken).access.mode == "private"
    assert ("DB009" in codes) is not behind_private_link, "there the list of addresses guards nothing"
    assert codes >= {"POL001", "POL002", "POL003", "POL004"}
    assert "ST004" not in codes, "an exception covers it"


def test_both_readers_find_the_same_in_a_program_full_of_faults(
    engine_binaries: EngineBinaries, tmp_path: Path
) -> None:
    (tmp_path / "stacks").mkdir()
    program = tmp_path / "stacks" / "__main__.py"
    program.write_text(FAULTY)

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    today = datetime.now(UTC).date()
    covered = RuleException("KV001", "vault", "for this test alone", "team", today)
    with engine_previews(tmp_path, tmp_path, engine_binaries) as engine:
        for stack, settings in {
            "dev.faulty": Settings("dev", "allow_list", (covered,), today),
            "prod.faulty": Settings("prod", "private", (covered,), today),
            "bare.faulty": None,
        }.items():
            graph = render(run, project="lakeplane", stack=stack)
            told = told_by_the_engine(engine, stack, {}, settings)
            if settings is None:
                said = {one for one in told if one[0] == "POL006"}
                assert len(said) == 1, "without its configuration the pack says so"
                told -= said
            assert told == told_offline(graph, settings or Settings(today=today))
            found = {(code, level) for code, level, *_ in told}
            undecided = "advisory" if stack == "dev.faulty" else "mandatory"
            assert {("ST001", undecided), ("ST018", undecided), ("POL005", "advisory")} <= found
            assert {("NW001", "mandatory"), ("KP006", "mandatory"), ("RS007", "mandatory")} <= found
            assert ("KV001" in {code for code, _ in found}) == (settings is None)


@pytest.mark.slow
@pytest.mark.parametrize("spec", EXAMPLES)
def test_both_readers_agree_on_every_example(spec: str, engine: EnginePreviews) -> None:
    told = compare(PROJECT.environments / f"{spec}.yaml", engine)
    assert {code for code, *_ in told} <= {"POL004"}


@pytest.mark.slow
def test_both_readers_agree_on_the_hub(engine: EnginePreviews) -> None:
    spec = PROJECT.environments / "hub.yaml"
    config, settings = {"lakeplane:spec": str(spec)}, settings_of(spec)
    assert told_by_the_engine(engine, "hub.hub", config, settings) == set()
    assert told_offline(render_layer("hub.hub", config, {}), settings) == set()
