"""The preview of an environment: the contract for scripts, the view for people, and what is refused."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, SpecError
from lakeplane.layout import find_project
from lakeplane.preview import Preview, preview_environment, print_preview, to_json
from lakeplane.preview.document import _without_secrets
from lakeplane_policies import judge

PROJECT = find_project(Path(__file__).parent)
SPEC = PROJECT.environments / "local.yaml"


@pytest.fixture(scope="module")
def preview() -> Preview:
    return preview_environment(SPEC)


def small_project(root: Path, program: str) -> Path:
    """Write a project whose program is `program`, and return the path of its spec."""
    (root / "stacks" / "environments").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: small\nruntime: python\nmain: stacks\n")
    (root / "stacks" / "__main__.py").write_text(program)
    return Path(shutil.copy(SPEC, root / "stacks" / "environments" / "local.yaml"))


def test_json_has_the_fields_of_the_contract(preview: Preview) -> None:
    document = json.loads(json.dumps(to_json(preview)))
    assert list(document) == ["environment", "layers", "resources", "findings", "cost", "quota"]
    assert document["environment"] == "local"
    assert document["layers"] == ["foundation", "contents"]
    assert list(document["cost"]) == ["currency", "monthly", "delta", "not_priced", "lines"]
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
        ]
    for finding in document["findings"]:
        assert {"code", "severity", "resource", "path", "message", "remedy"} <= set(finding)


def test_everything_is_created_but_what_is_only_read(preview: Preview) -> None:
    changes = {one.resource.type: one.change for one in preview.resources}
    assert changes.pop("pulumi:pulumi:StackReference") == "read"
    assert set(changes.values()) == {"create"}


def test_contents_is_shown_on_what_foundation_registers(preview: Preview) -> None:
    by_name = {one.resource.name: one.resource for one in preview.resources}
    credential = by_name["catalog-credential"].inputs["azureManagedIdentity"]
    assert credential["accessConnectorId"].endswith("/accessConnectors/dbac-contoso-local-westeurope")
    assert by_name["workspace"].inputs["host"] == {"$unknown": True}, "only a workspace knows its host"


def test_unpriced_resources_are_listed_and_no_sum_is_claimed(preview: Preview) -> None:
    assert preview.cost.monthly is None
    listed = {urn.rpartition("::")[2] for urn in preview.cost.not_priced}
    assert {"aks-cluster", "lake-account", "workloads-medallion", "pool-pool"} <= listed
    assert not any(name.endswith("-role") for name in listed)
    assert "PRV003" in {finding.code for finding in preview.findings}


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
    assert {finding.code for finding in preview_environment(SPEC, judge=judge).findings} == {"PRV003"}

    def grumpy(type_: str, urn: str, inputs: Mapping[str, Any]) -> Iterator[Diagnostic]:
        if type_ == "databricks:index/catalog:Catalog" and inputs["name"] == "local":
            yield Diagnostic(code="XX001", summary="no", resource=urn)

    found = preview_environment(SPEC, "contents", judge=grumpy).findings
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
    assert "13 resources that cost money" in text


def test_secrets_never_leave_as_values() -> None:
    assert _without_secrets({"a": [{"$secret": {"password": "p"}}]}) == {"a": [{"$secret": True}]}


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
