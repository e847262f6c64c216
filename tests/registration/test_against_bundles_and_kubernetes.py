"""Jobs against Databricks' own bundle models, and Kubernetes manifests against the API's own schemas."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from databricks.bundles.jobs import Job

from lakeplane.layout import ProjectLayout
from lakeplane.provider_models.names import pulumi_to_rest
from lakeplane.render import Resource
from lakeplane.spec import load_workload

Rendered = Callable[[str], list[Resource]]
JOB = "databricks:index/job:Job"


def known(value: Any) -> Any:
    """Put a text in the place of each unknown, as an engine would have one by then; open secrets."""
    if isinstance(value, Mapping):
        if "$unknown" in value:
            return "known-later"
        if "$secret" in value:
            return known(value["$secret"])
        return {key: known(item) for key, item in value.items()}
    return [known(item) for item in value] if isinstance(value, list) else value


def jobs(rendered: Rendered) -> list[dict[str, Any]]:
    found = [known(pulumi_to_rest(JOB, one.inputs)) for one in rendered("dev") if one.type == JOB]
    assert found
    return found


def test_bundles_take_every_registered_job(rendered: Rendered) -> None:
    for job in jobs(rendered):
        assert Job.from_dict(job).name == job["name"]


def test_bundles_take_every_manifests_jobs(project: ProjectLayout) -> None:
    folders = sorted(path.parent.name for path in project.root.glob("workloads/*/*/workload.yaml"))
    assert folders
    for folder in folders:
        for key, job in load_workload(folder).jobs.items():
            assert Job.from_dict(copy.deepcopy(dict(job))).tasks, key


@pytest.mark.parametrize(
    "spoil",
    [
        lambda job: job.update(taskz=job.pop("tasks")),
        lambda job: job["tasks"][0].pop("task_key"),
        lambda job: job["tasks"][0].update(run_if="ALLDONE"),
        lambda job: job["job_clusters"][0]["new_cluster"].update(data_security_mode="SINGLEUSER"),
        lambda job: job["job_clusters"][0]["new_cluster"].update(num_worker=1),
        lambda job: job.update(max_concurrent_runs="many"),
    ],
)
def test_bundles_refuse_mutants(spoil: Callable[[dict[str, Any]], object], rendered: Rendered) -> None:
    job = next(each for each in jobs(rendered) if each.get("job_clusters"))
    spoil(job)
    with pytest.raises((ValueError, TypeError)):
        Job.from_dict(job)


@pytest.fixture
def manifests(rendered: Rendered) -> list[dict[str, Any]]:
    found = [known(dict(one.inputs)) for one in rendered("dev") if one.package == "kubernetes"]
    assert found
    return found


def validate(manifest: Mapping[str, Any]) -> None:
    kubernetes_validate.validate(dict(manifest), kubernetes_validate.latest_version(), strict=True)


def test_kubernetes_takes_every_manifest(manifests: list[dict[str, Any]]) -> None:
    for manifest in manifests:
        validate(manifest)


def test_kubernetes_takes_the_service_with_an_image(
    project: ProjectLayout, render_spec: Callable[[Path], list[Resource]], tmp_path: Path
) -> None:
    spec = (project.environments / "dev.yaml").read_text()
    served = tmp_path / "dev.yaml"
    served.write_text(f"{spec}\nserving:\n  image: registry.azurecr.io/scoring@sha256:{'0' * 64}\n")
    found = [one for one in render_spec(served) if one.package == "kubernetes"]
    assert "Deployment" in {one.inputs["kind"] for one in found}
    for one in found:
        validate(known(dict(one.inputs)))


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("NetworkPolicy", lambda spec: spec.update(podSelctor=spec.pop("podSelector"))),
        ("NetworkPolicy", lambda spec: spec.update(policyTypes="Egress")),
        ("Service", lambda spec: spec["ports"][0].update(port="http")),
        ("Service", lambda spec: spec["ports"][0].pop("port")),
    ],
)
def test_kubernetes_refuses_mutants(
    kind: str, spoil: Callable[[dict[str, Any]], object], manifests: list[dict[str, Any]]
) -> None:
    manifest = next(each for each in manifests if each["kind"] == kind)
    spoil(manifest["spec"])
    with pytest.raises(kubernetes_validate.ValidationError):
        validate(manifest)
