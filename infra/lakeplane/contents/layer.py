"""The contents layer: what lives inside the workspace and the cluster, wired from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lakeplane.contents.catalog import deploy_catalog
from lakeplane.contents.compute import deploy_policies, deploy_pools, deploy_sql_warehouse
from lakeplane.contents.jobs import deploy_jobs, resource_ids
from lakeplane.contents.serving import deploy_scoring
from lakeplane.contents.workspace import deploy_settings, enter_workspace
from lakeplane.outputs import ContentsOutputs, FoundationOutputs
from lakeplane.planning import EnvironmentPlan
from lakeplane.spec import Workload

__all__ = ["deploy_contents"]


def deploy_contents(
    plan: EnvironmentPlan, foundation: FoundationOutputs, workloads: Sequence[Workload], wheel: Path
) -> ContentsOutputs:
    """Register what is inside the environment's workspace and cluster.

    Args:
        plan: The environment.
        foundation: What the layer below has made.
        workloads: Manifests of the environment's workloads.
        wheel: The workloads' wheel on this machine.
    """
    base = enter_workspace(plan, foundation)
    catalog = deploy_catalog(base)
    deploy_settings(base, catalog)
    policies = deploy_policies(base)
    pools = deploy_pools(base)
    warehouse = deploy_sql_warehouse(base)
    jobs = deploy_jobs(base, catalog, resource_ids(policies, pools, warehouse), workloads, wheel)
    scoring = deploy_scoring(base)
    return ContentsOutputs(
        catalog=catalog.catalog_name,
        job_ids=jobs.job_ids,
        cluster_policy_ids=policies.policy_ids,
        instance_pool_ids={key: pool.pool_id for key, pool in pools.items()},
        sql_warehouse_id=warehouse.warehouse_id,
        wheel_path=jobs.wheel_path,
        scoring_service=scoring.host,
    )
