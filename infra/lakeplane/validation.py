"""Everything about a spec that can be known without an engine, a cloud or credentials.

Spec, names and addresses; what is to be asked of others; whether every bundled cluster policy can be
satisfied; whether every cluster of the environment's workloads is accepted by the policy that it names, with
the values of this environment; and whether jobs get at what they install.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakeplane.cluster_policies import PolicyDocument, evaluate, policy_documents
from lakeplane.cluster_policies.witness import explain_witness
from lakeplane.diagnostics import Diagnostic
from lakeplane.environment_requests import awaited_of_others
from lakeplane.errors import PlatformError
from lakeplane.hub_planning import hub_beside, plan_hub
from lakeplane.hub_requests import check_hub
from lakeplane.package_sources import check_package_sources
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import find_workloads, interpolate, load_spec, spec_values
from lakeplane.spec.awaited import awaited
from lakeplane.spec.documents import Document, read_document
from lakeplane.spec.expiry import expired, today
from lakeplane.spec.hub import is_hub, load_hub
from lakeplane.spec.jobs import JobCluster, check_jobs, job_clusters
from lakeplane.spec.workloads import read_workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["check_plan", "check_policies", "check_workload", "validate"]

_WHEEL = "/Volumes/catalog/ml/artifacts/lakeplane_workloads.whl"  # stands for one that is not built yet
_POLICY = "resources.cluster_policies."
_POOL = "resources.instance_pools."


def validate(path: Path) -> tuple[Diagnostic, ...]:
    """Find everything that is wrong with a spec; never raises on bad input.

    Args:
        path: The spec; findings show it as given.

    Returns:
        The findings in the order of the file, then of the workloads; empty if the spec is fine.
    """
    try:
        if is_hub(path):
            return check_hub(plan_hub(load_hub(path)))
        spec = load_spec(path)
        plan = plan_environment(spec, hub_beside(path, spec.network.hub))
    except PlatformError as error:
        return error.findings
    return check_plan(plan)


def check_plan(plan: EnvironmentPlan) -> tuple[Diagnostic, ...]:
    """Find what is wrong with a spec that could be loaded and planned: its policies and its workloads."""
    policies = policy_documents(plan.spec, plan)
    findings = [
        *expired(plan.spec, today()),
        *awaited(plan.spec),
        *awaited_of_others(plan),
        *check_policies(policies),
    ]
    known = find_workloads()
    for name in plan.spec.workloads:
        findings += check_workload(known[name], plan, policies)
    return tuple(findings)


def check_policies(policies: Mapping[str, PolicyDocument]) -> Iterator[Diagnostic]:
    """Find the policies that accept no cluster."""
    for policy in policies.values():
        answer = explain_witness(policy.definition)
        if not answer.accepted:
            yield Diagnostic(
                code="CLP002",
                summary="cluster policy accepts no cluster",
                detail=f"found {policy.key}: {answer.message}",
                remedy="change the sizes or limits under databricks in the spec",
                path=("databricks",),
                resource=policy.key,
            )


def check_workload(
    manifest: Path, plan: EnvironmentPlan, policies: Mapping[str, PolicyDocument]
) -> list[Diagnostic]:
    """Find what is wrong with a workload in an environment.

    Args:
        manifest: The workload's manifest.
        plan: The environment.
        policies: The environment's cluster policies by key.
    """
    try:
        workload = read_workload(manifest)
        document = read_document(manifest, what="workload manifest")
    except PlatformError as error:
        return list(error.findings)
    findings = [*check_package_sources(workload, document, plan)]
    for key, job in workload.jobs.items():
        place = ("resources", "jobs", key)
        findings += check_jobs(job, document, place)
        for cluster in job_clusters(job, place):
            findings += _check_cluster(cluster, document, plan, policies)
    return findings


def _check_cluster(
    cluster: JobCluster, document: Document, plan: EnvironmentPlan, policies: Mapping[str, PolicyDocument]
) -> list[Diagnostic]:
    reference = str(cluster.spec.get("policy_id", ""))
    key = reference.removeprefix(f"${{{_POLICY}").removesuffix(".id}")
    if key not in policies:
        return [
            Diagnostic(
                code="WKL022",
                summary="job cluster names no bundled cluster policy",
                detail=f"found {reference or 'nothing'}; allowed: {', '.join(policies)}",
                remedy=f"set policy_id to ${{{_POLICY}KEY.id}}",
                path=(*cluster.path, "policy_id"),
                location=document.locate((*cluster.path, "policy_id")),
            )
        ]
    values = _Values(spec_values(plan.spec, wheel=_WHEEL))
    spec = interpolate(cluster.spec, values)
    answer = evaluate(
        policies[key].definition,
        spec,
        cluster_type="job",
        apply_defaults=bool(spec.get("apply_policy_default_values")),
        pools=values.pools(plan),
    )
    return [
        Diagnostic(
            code=finding.code,
            summary=f"cluster policy {key} refuses the cluster: {finding.summary}",
            detail=finding.detail,
            remedy=finding.remedy,
            path=(*cluster.path, *finding.path),
            location=document.locate((*cluster.path, *finding.path)),
            resource=key,
        )
        for finding in answer.findings
    ]


class _Values(dict[str, Any]):
    """Values of references; ids that exist only later stand for themselves."""

    def __missing__(self, reference: str) -> str:
        self[reference] = reference
        return reference

    def pools(self, plan: EnvironmentPlan) -> dict[str, str]:
        """Size of the machines of every pool that was referred to."""
        databricks = plan.spec.databricks
        return {
            pool: databricks.gpu_node_type if "gpu" in pool else databricks.node_type
            for pool in self
            if pool.startswith(_POOL)
        }
