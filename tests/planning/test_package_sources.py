"""Whether jobs get at what they install, behind every kind of way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lakeplane.cluster_policies import policy_documents
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.hub_planning import plan_hub
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import find_workloads, load_spec
from lakeplane.spec.hub import load_hub
from lakeplane.validation import check_workload

SPECS = Path(__file__).parents[2] / "stacks" / "environments"
SERVERLESS = """\
name: nightly
resources:
  jobs:
    nightly:
      name: nightly
      environments:
        - environment_key: default
          spec: {environment_version: "4", dependencies: ["${var.wheel}", "polars==1.35.0"]}
      tasks:
        - task_key: run
          environment_key: default
          python_wheel_task: {package_name: lakeplane_workloads, entry_point: medallion-gold}
"""


def behind_hub(**changes: Any) -> EnvironmentPlan:
    hub = load_hub(SPECS / "hub.yaml")
    update = {
        part: getattr(hub, part).model_copy(update=values)
        for part, values in changes.items()
        if part in ("network", "databricks")
    }
    return plan_environment(load_spec(SPECS / "prod.yaml"), plan_hub(hub.model_copy(update=update)).facts)


def found(manifest: Path, plan: EnvironmentPlan) -> list[Diagnostic]:
    findings = check_workload(manifest, plan, policy_documents(plan.spec, plan))
    return [one for one in findings if one.code == "WKL027"]


def medallion() -> Path:
    return find_workloads()["medallion"]


def test_firewall_that_lets_out_no_host_is_a_warning_with_place_and_remedy() -> None:
    (finding,) = found(medallion(), behind_hub())
    assert finding.severity is Severity.WARNING
    assert "simbench" in (finding.detail or "")
    assert "list your package index's hosts in network.allowed_fqdns of hub.yaml" in (finding.remedy or "")
    assert finding.location is not None
    assert finding.path[-2:] == ("libraries", 0)


def test_hosts_that_nobody_here_knows_are_noted() -> None:
    (finding,) = found(medallion(), behind_hub(network={"allowed_fqdns": ("packages.contoso.example",)}))
    assert finding.severity is Severity.NOTE
    assert "packages.contoso.example" in (finding.detail or "")


def test_brought_network_with_a_firewall_of_others_is_noted() -> None:
    (finding,) = found(medallion(), plan_environment(load_spec(SPECS / "bring_your_own.yaml")))
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize("plan", ["dev", "nat"])
def test_way_out_without_a_firewall_is_no_finding(plan: str) -> None:
    lone = plan_environment(load_spec(SPECS / "dev.yaml"))
    assert found(medallion(), lone if plan == "dev" else behind_hub(network={"egress": "nat"})) == []


def test_serverless_dependencies_are_judged_by_the_network_policy(tmp_path: Path) -> None:
    manifest = tmp_path / "nightly" / "workload.yaml"
    manifest.parent.mkdir()
    manifest.write_text(SERVERLESS, encoding="utf-8")
    (finding,) = found(manifest, behind_hub(network={"allowed_fqdns": ("packages.contoso.example",)}))
    assert finding.severity is Severity.WARNING
    assert "polars==1.35.0" in (finding.detail or "")
    assert "databricks.serverless_allowed_fqdns" in (finding.remedy or "")
    hosts = {"serverless_allowed_fqdns": ("packages.contoso.example",)}
    assert [one.severity for one in found(manifest, behind_hub(databricks=hosts))] == [Severity.NOTE]
    assert found(manifest, behind_hub(databricks={"account_id": None})) == [], (
        "without a policy it may go out"
    )
