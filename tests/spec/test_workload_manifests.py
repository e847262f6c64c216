"""Workload manifests: the bundled ones are fine; wrong ones are told apart, each with its place."""

import re
from pathlib import Path

import pytest

from lakeplane.cluster_policies import policy_documents
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import find_workloads, interpolate, load_spec, load_workload, spec_values
from lakeplane.spec.workloads import read_workload
from lakeplane.validation import check_workload

LOCAL = Path(__file__).parents[2] / "stacks" / "environments" / "local.yaml"
MANIFEST = """\
name: sample
description: A sample.
resources:
  jobs:
    sample:
      name: sample
      parameters: [{name: catalog, default: "${var.catalog}"}]
      job_clusters:
        - job_cluster_key: main
          new_cluster:
            policy_id: "${resources.cluster_policies.single_node_job.id}"
            apply_policy_default_values: true
            spark_version: "${var.runtime}"
            node_type_id: "${var.node_type}"
            data_security_mode: SINGLE_USER
      tasks:
        - task_key: one
          job_cluster_key: main
          python_wheel_task: {package_name: p, entry_point: e, parameters: ["{{job.parameters.catalog}}"]}
        - task_key: two
          depends_on: [{task_key: one}]
          job_cluster_key: main
          python_wheel_task: {package_name: p, entry_point: e, parameters: ["{{job.run_id}}"]}
tables:
  - {name: silver.sample, layer: silver, description: A row a sample.}
models: [sample_model]
"""


@pytest.fixture(scope="module")
def plan() -> EnvironmentPlan:
    return plan_environment(load_spec(LOCAL))


def manifest(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = MANIFEST
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "sample" / "workload.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check(path: Path, plan: EnvironmentPlan) -> list[Diagnostic]:
    return check_workload(path, plan, policy_documents(plan.spec, plan))


@pytest.mark.parametrize("name", ["medallion", "forecasting"])
def test_bundled_workloads_are_accepted_by_their_policies(name: str, plan: EnvironmentPlan) -> None:
    workload = load_workload(name)
    assert workload.path == find_workloads()[name]
    assert workload.jobs
    assert workload.tables
    assert check(workload.path, plan) == []


def test_read_workload_returns_the_jobs_verbatim(tmp_path: Path) -> None:
    workload = read_workload(manifest(tmp_path))
    assert workload.jobs["sample"]["parameters"] == [{"name": "catalog", "default": "${var.catalog}"}]
    assert [table.name for table in workload.tables] == ["silver.sample"]
    assert workload.models == ("sample_model",)


def test_manifest_is_accepted(tmp_path: Path, plan: EnvironmentPlan) -> None:
    assert check(manifest(tmp_path), plan) == []


POLICY = 'policy_id: "${resources.cluster_policies.single_node_job.id}"'


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("models:", "model:", "WKL010", "model:"),
        ("tables:", "tables: []\nother:", "WKL010", "other:"),
        ("layer: silver", "layer: platinum", "WKL014", "platinum"),
        ("name: silver.sample", "name: unqualified", "WKL019", "unqualified"),
        ("name: sample\ndesc", "desc", "WKL012", "description: A sample"),
        ("name: sample\ndesc", "name: other\ndesc", "WKL020", "other"),
        ('"${var.runtime}"', "${var.runtme}", "WKL021", "${var.runtme}"),
        ('"${var.node_type}"', "${workspace.host}", "WKL021", "${workspace.host}"),
        ('"${var.catalog}"', '"x ${catalog}"', "WKL021", '"x ${catalog}"'),
        (POLICY, "policy_id: tiny", "WKL022", "tiny"),
        (POLICY, "idempotency_token: t", "WKL022", "new_cluster:"),
        ("depends_on: [{task_key: one}]", "depends_on: [{task_key: zero}]", "WKL024", "zero"),
        ("{{job.run_id}}", "{{job.start}}", "WKL025", '"{{job.start}}"'),
        ("{name: catalog", "{name: catalogue", "WKL025", '"{{job.parameters.catalog}}"'),
        ("SINGLE_USER", "NONE", "CLP010", "NONE"),
        ('"${var.node_type}"', "Standard_E64ds_v4", "CLP010", "new_cluster:"),
        ('"${var.node_type}"', "Standard_D4ds_v5\n            num_workers: 7", "CLP010", "new_cluster:"),
        ('"${var.node_type}"', "Standard_D4ds_v5\n            instance_pool_id: p", "CLP011", "p\n"),
    ],
)
def test_manifest_that_is_wrong(  # type: ignore[no-untyped-def]
    old: str, new: str, code: str, at: str, tmp_path: Path, plan
) -> None:
    file = manifest(tmp_path, (old, new))
    findings = [one for one in check(file, plan) if one.code == code]
    assert findings
    assert all(one.remedy and one.detail for one in findings)
    text = file.read_text(encoding="utf-8")
    start = re.search(rf"(?<![^ \[\n]){re.escape(at)}", text).start()  # type: ignore[union-attr]
    lines = text[:start].split("\n")
    place = f"{file}:{len(lines)}:{len(lines[-1]) + 1}"
    assert place in [str(one.location) for one in findings]


def test_task_on_a_cluster_that_does_not_exist(tmp_path: Path, plan: EnvironmentPlan) -> None:
    findings = check(manifest(tmp_path, ("- job_cluster_key: main", "- job_cluster_key: other")), plan)
    assert [one.code for one in findings] == ["WKL023", "WKL023"]
    assert findings[0].detail == "found 'main'; allowed: other"


def test_every_finding_of_a_manifest_comes_at_once(tmp_path: Path, plan: EnvironmentPlan) -> None:
    changes = [
        ("SINGLE_USER", "NONE"),
        ("{{job.run_id}}", "{{nothing}}"),
        ("[{task_key: one}]", "[{task_key: two}]"),
    ]
    findings = check(manifest(tmp_path, *changes), plan)
    assert sorted(one.code for one in findings) == ["CLP010", "WKL024", "WKL025"]


def test_load_workload_rejects_an_unknown_name() -> None:
    with pytest.raises(SpecError) as caught:
        load_workload("bronze")
    assert "forecasting, medallion" in caught.value.findings[0].detail


def test_interpolate_replaces_references_anywhere(plan: EnvironmentPlan) -> None:
    values = spec_values(plan.spec, wheel="/Volumes/x.whl")
    data = {
        "a": ["${var.catalog}/${var.environment}", 5, None],
        "b": {"c": "${var.max_workers}", "d": "{{job.id}}"},
    }
    assert interpolate(data, values) == {"a": ["local/local", 5, None], "b": {"c": 4, "d": "{{job.id}}"}}
    with pytest.raises(KeyError, match=r"var\.nothing"):
        interpolate("x ${var.nothing}", values)
