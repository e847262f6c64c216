"""The preview of an environment: the contract for scripts, the view for people, and what is refused."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from lakeplane.cli.previews import judges_for
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, SpecError
from lakeplane.layout import find_project
from lakeplane.preview import Change, Preview, preview_environment, to_json
from lakeplane.preview.judging import Judges
from lakeplane.preview.seals import without_seals
from lakeplane.preview.text import print_preview
from lakeplane.render import Resource

PROJECT = find_project(Path(__file__).parent)
SPEC = PROJECT.environments / "local.yaml"


@pytest.fixture
def preview(local: Preview) -> Preview:
    return local


def small_project(root: Path, program: str) -> Path:
    """Write a project whose program is `program`, and return the path of its spec."""
    (root / "stacks" / "environments").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: small\nruntime: python\nmain: stacks\n")
    (root / "stacks" / "__main__.py").write_text(program)
    return Path(shutil.copy(SPEC, root / "stacks" / "environments" / "local.yaml"))


def test_json_has_the_fields_of_the_contract(preview: Preview) -> None:
    document = json.loads(json.dumps(to_json(preview)))
    contract = ["environment", "layers", "resources", "findings", "covered", "cost", "quota"]
    assert list(document) == [*contract, "base", "budget", "changes"]
    assert document["environment"] == "local"
    assert document["layers"] == ["foundation", "contents"]
    assert list(document["cost"]) == ["currency", "monthly", "low", "high", "delta", "not_priced", "lines"]
    for resource in document["resources"]:
        assert list(resource) == [
            "urn",
            "type",
            "name",
            "layer",
            "inputs",
            "parent",
            "provider",
            "dependencies",
            "protect",
            "change",
            "differences",
            "reasons",
            "former_urn",
            "holds",
        ]
    for line in document["cost"]["lines"]:
        assert {"resource", "service", "what", "workload", "low", "expected", "high", "source"} <= set(line)
    for one in document["cost"]["not_priced"]:
        assert list(one) == ["resource", "what", "reason", "at_most"]
    for need in document["quota"]:
        keys = ["name", "scope", "needed", "unit", "limit", "exceeded", "by", "source", "before"]
        assert list(need) == keys
    assert document["cost"]["monthly"] == round(
        sum(line["expected"] for line in document["cost"]["lines"]), 2
    )
    for finding in document["findings"]:
        assert {"code", "severity", "resource", "path", "message", "remedy"} <= set(finding)


def test_json_tells_differences_against_a_base(tmp_path: Path) -> None:
    spec = small_project(
        tmp_path,
        "import pulumi, pulumi_azure_native as azure\n"
        "from lakeplane.spec import load_spec\n"
        "spec = load_spec(__import__('pathlib').Path(pulumi.Config('lakeplane').require('spec')))\n"
        "azure.resources.ResourceGroup('group', resource_group_name='rg', location=spec.region)\n",
    )
    other = spec.with_name("other.yaml")
    other.write_text(spec.read_text().replace("region: westeurope", "region: northeurope"))
    document = to_json(preview_environment(spec, "foundation", base=[str(other)]))
    (group,) = document["resources"]
    assert group["change"] == "replace"
    assert group["differences"] == [
        {
            "path": "location",
            "before": "northeurope",
            "after": "westeurope",
            "replaces": True,
            "certain": True,
        }
    ]
    assert group["holds"] == "everything in the resource group"
    assert document["base"] == {
        "kind": "spec",
        "name": str(other),
        "commit": None,
        "known": True,
        "use": "own",
    }
    assert document["changes"] == {"replace": 1}
    assert {one["new"] for one in document["findings"]} == {None}, "nobody judged the base"


def test_a_state_is_priced_by_the_use_of_now_and_judged_by_nobody(tmp_path: Path) -> None:
    spec = small_project(
        tmp_path,
        "import pulumi_azure_native as azure\n"
        "azure.resources.ResourceGroup('group', resource_group_name='rg', location='westeurope')\n",
    )
    stack = "urn:pulumi:local.foundation::small::"
    token = "azure-native:resources:ResourceGroup"
    group = {
        "urn": f"{stack}{token}::group",
        "type": token,
        "custom": True,
        "inputs": {"resourceGroupName": "rg", "location": "westeurope"},
    }
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"version": 3, "deployment": {"resources": [group]}}))
    preview = preview_environment(spec, "foundation", judges=judges_for, base=[str(state)])
    assert preview.counts == {Change.SAME: 1}
    out = io.StringIO()
    print_preview(Console(file=out, width=200), preview)
    assert "+0.00 USD against the base, both with the use declared now" in out.getvalue()
    document = to_json(preview)
    assert document["base"]["use"] == "now"
    assert document["findings"]
    assert {one["new"] for one in document["findings"]} == {None}


def test_everything_is_created_but_what_is_only_read(preview: Preview) -> None:
    changes = {one.resource.type: one.change for one in preview.resources}
    assert changes.pop("pulumi:pulumi:StackReference") == "read"
    assert set(changes.values()) == {"create"}


def test_contents_is_shown_on_what_foundation_registers(preview: Preview) -> None:
    by_name = {one.resource.name: one.resource for one in preview.resources}
    credential = by_name["catalog-credential"].inputs["azureManagedIdentity"]
    assert credential["accessConnectorId"].endswith("/accessConnectors/dbac-contoso-local-westeurope")
    assert by_name["workspace"].inputs["host"] == {"$unknown": True}, "only a workspace knows its host"


def test_cost_and_quota_of_all_layers_are_told(preview: Preview) -> None:
    priced = {line.resource.rpartition("::")[2] for line in preview.cost.lines}
    assert {"aks-cluster", "network-nat-gateway", "workloads-medallion", "pool-pool"} <= priced
    listed = {one.resource.rpartition("::")[2] for one in preview.cost.not_priced}
    assert {"lake-account", "vault-vault"} <= listed
    assert not any(name.endswith("-role") for name in (*priced, *listed))
    assert "CST003" in {finding.code for finding in preview.findings}
    assert {"cores", "StorageAccounts"} <= {need.name for need in preview.quota}


def test_one_layer_alone(preview: Preview) -> None:
    contents = preview_environment(SPEC, "contents")
    assert contents.layers == ("contents",)
    assert contents.resources == tuple(one for one in preview.resources if one.layer == "contents")


def test_preview_does_not_depend_on_who_runs_it(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "DATABRICKS_HOST", "DATABRICKS_TOKEN", "KUBECONFIG"):
        monkeypatch.setenv(name, "of the caller")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert to_json(preview_environment(SPEC)) == to_json(preview)


def test_the_platform_breaks_no_rule_and_a_judge_is_heard() -> None:
    assert {finding.code for finding in preview_environment(SPEC, judges=judges_for).findings} == {
        "CST002",
        "CST003",
        "SRV010",
    }

    def grumpy(resources: Sequence[Resource]) -> Iterator[Diagnostic]:
        for found in resources:
            if found.type == "databricks:index/catalog:Catalog" and found.inputs["name"] == "local":
                yield Diagnostic(code="XX001", summary="no", resource=found.urn)

    found = preview_environment(SPEC, "contents", judges=lambda _: Judges(grumpy)).findings
    assert [finding.code for finding in found if finding.resource] == ["XX001"]


def test_text_draws_each_layer_as_a_tree(preview: Preview) -> None:
    out = io.StringIO()
    print_preview(Console(file=out, width=120), preview)
    text = out.getvalue()
    lines = [line.rstrip() for line in text.splitlines()]
    lake = next(index for index, line in enumerate(lines) if line.endswith("+ lake DataLake"))
    assert lines[lake + 1].startswith("│   ├── + lake-")
    assert "local.contents" in lines
    assert "> organization/lakeplane/local.foundation StackReference" in text
    assert "cost of a month in USD" in text
    assert "quota: what is needed" in text


def test_secrets_never_leave_as_values() -> None:
    assert without_seals({"a": [{"$secret": {"password": "p"}}]}) == {"a": [{"$secret": True}]}


def test_wrong_spec_is_told_with_its_findings(tmp_path: Path) -> None:
    spec = small_project(tmp_path, "")
    spec.write_text(spec.read_text().replace("region: westeurope", "region: atlantis"))
    with pytest.raises(SpecError) as caught:
        preview_environment(spec)
    assert caught.value.findings[0].location


def test_a_projects_own_program_is_what_is_shown(tmp_path: Path) -> None:
    spec = small_project(
        tmp_path,
        "import pulumi\n"
        "class Own(pulumi.ComponentResource):\n"
        "    def __init__(self):\n"
        "        super().__init__('own:thing:Own', pulumi.get_stack())\n"
        "Own()\n"
        "pulumi.log.warn('mind the gap')\n",
    )
    found = preview_environment(spec)
    assert [one.resource.urn for one in found.resources] == [
        "urn:pulumi:local.foundation::small::own:thing:Own::local.foundation",
        "urn:pulumi:local.contents::small::own:thing:Own::local.contents",
    ]
    assert [finding.summary for finding in found.findings] == [
        "the program of foundation says: mind the gap",
        "the program of contents says: mind the gap",
        "the scoring service awaits its image",
    ]


def test_findings_of_the_program_stay_findings(tmp_path: Path) -> None:
    program = "from lakeplane.program import main\nmain()\n"
    spec = small_project(tmp_path, program)
    spec.write_text(spec.read_text() + "\nnetwork: {address_space: 10.0.0.0/24}\n")
    found = preview_environment(spec, "foundation")
    assert found.environment == "local"
    (tmp_path / "stacks" / "__main__.py").write_text("import pulumi\nraise pulumi.RunError('no luck')\n")
    with pytest.raises(PlanError) as caught:
        preview_environment(spec)
    assert [(finding.code, finding.detail) for finding in caught.value.findings] == [("PRV001", "no luck")]


@pytest.mark.parametrize(("expiry", "told"), [("2020-01-31", ["EXP001"]), ("2998-01-31", [])])
def test_an_expired_environment_is_told_whatever_the_layer(
    tmp_path: Path, expiry: str, told: list[str]
) -> None:
    spec = small_project(tmp_path, "")
    spec.write_text(f"{spec.read_text()}\nexpiry: {expiry}\n")
    found = preview_environment(spec, "foundation").findings
    assert [one.code for one in found if one.code.startswith("EXP")] == told
