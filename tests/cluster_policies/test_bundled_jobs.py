"""The clusters of bundled jobs under the policies that they name: accepted, and refused when made wrong."""

from collections.abc import Iterator
from typing import Any

import pytest

from lakeplane.cluster_policies import evaluate
from lakeplane.planning import plan_environment
from lakeplane.spec import EnvironmentSpec, find_workloads, interpolate, spec_values
from lakeplane.spec.jobs import job_clusters
from lakeplane.spec.sizes import cluster_sizes
from lakeplane.spec.tiers import TIERS
from lakeplane.spec.workloads import read_workload
from lakeplane.validation import check_workload

WORKLOADS = find_workloads()


def bundled_clusters() -> Iterator[tuple[str, Any]]:
    for name, manifest in WORKLOADS.items():
        for key, job in read_workload(manifest).jobs.items():
            for cluster in job_clusters(job, (key,)):
                yield f"{name}.{'.'.join(map(str, cluster.path))}", cluster.spec


CLUSTERS = dict(bundled_clusters())


def test_there_are_bundled_jobs_with_clusters_to_check() -> None:
    assert set(WORKLOADS) <= {name.partition(".")[0] for name in CLUSTERS}


@pytest.mark.parametrize("name", sorted(WORKLOADS))
@pytest.mark.parametrize("tier", TIERS)
def test_bundled_jobs_are_accepted_in_every_tier(spec_of, policies_of, tier: str, name: str) -> None:  # type: ignore[no-untyped-def]
    plan = plan_environment(spec_of(tier=tier))
    assert check_workload(WORKLOADS[name], plan, policies_of(tier=tier)) == []


@pytest.mark.parametrize("name", sorted(WORKLOADS))
@pytest.mark.parametrize("size", cluster_sizes())
def test_bundled_jobs_are_accepted_with_every_node_size(spec_of, policies_of, size: str, name: str) -> None:  # type: ignore[no-untyped-def]
    sizes = {"databricks": {"node_type": size}}
    assert check_workload(WORKLOADS[name], plan_environment(spec_of(**sizes)), policies_of(**sizes)) == []


def judged(policies: Any, spec: EnvironmentSpec, cluster: Any, wrong: dict[str, Any]) -> Any:
    policy = policies[cluster["policy_id"].removeprefix("${resources.cluster_policies.").removesuffix(".id}")]
    values = {**spec_values(spec, wheel="wheel"), f"resources.cluster_policies.{policy.key}.id": "P1"}
    return evaluate(
        policy.definition,
        {**interpolate(dict(cluster), values), **wrong},
        cluster_type="job",
        apply_defaults=bool(cluster.get("apply_policy_default_values")),
    )


@pytest.mark.parametrize("name", sorted(CLUSTERS))
@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"num_workers": 1000}, "num_workers"),
        ({"node_type_id": "Standard_ND96isr_H100_v5"}, "node_type_id"),
        ({"spark_version": "10.4.x-scala2.12"}, "spark_version"),
        ({"custom_tags": {"owner": "somebody.else@contoso.example"}}, "custom_tags.owner"),
        ({"data_security_mode": "NONE"}, "data_security_mode"),
        ({"runtime_engine": "PHOTON"}, "runtime_engine"),
        ({"cluster_log_conf": {"dbfs": {"destination": "dbfs:/logs"}}}, "cluster_log_conf.type"),
        ({"init_scripts": [{"dbfs": {"destination": "dbfs:/x.sh"}}]}, "init_scripts[0].dbfs.destination"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bundled_jobs_made_wrong_are_refused_with_the_reason(  # type: ignore[no-untyped-def]
    spec_of, policies_of, name: str, wrong: dict[str, Any], path: str
) -> None:
    assert judged(policies_of(), spec_of(), CLUSTERS[name], {}).accepted
    result = judged(policies_of(), spec_of(), CLUSTERS[name], wrong)
    assert path in {one.dotted_path for one in result.findings}
    assert all(one.code.startswith("CLP01") and one.summary and one.remedy for one in result.findings)
