"""The contents' jobs: the workloads' wheel, and what their manifests deploy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lakeplane.components.cluster_policies import ClusterPolicies
from lakeplane.components.group_permissions import AccessRights
from lakeplane.components.instance_pool import InstancePool
from lakeplane.components.sql_warehouse import SqlWarehouse
from lakeplane.components.unity_catalog import UnityCatalog
from lakeplane.components.workload_jobs import JobDefaults, WorkloadJobs, WorkloadJobsArgs, workload_urns
from lakeplane.contents.base import Base
from lakeplane.spec import EnvironmentSpec, Workload, spec_values

__all__ = ["deploy_jobs", "resource_ids", "workload_targets"]

_NAME = "workloads"
_PROD_RETRIES = 2


def deploy_jobs(
    base: Base,
    catalog: UnityCatalog,
    references: Mapping[str, Any],
    workloads: Sequence[Workload],
    wheel: Path,
) -> WorkloadJobs:
    """Register the wheel and the jobs."""
    return WorkloadJobs(
        _NAME,
        WorkloadJobsArgs(
            jobs={key: job for workload in workloads for key, job in workload.jobs.items()},
            wheel=wheel,
            artifacts_path=catalog.artifacts_path,
            values={**spec_values(base.plan.spec, wheel=None), **references},
            run_as=base.run_as,
            defaults=_defaults(base.plan.spec, base.plan.tags),
            rights=AccessRights(
                groups={"CAN_MANAGE_RUN": (base.engineers,), "CAN_VIEW": (base.scientists,)},
            ),
        ),
        base.in_workspace,
    )


def resource_ids(
    policies: ClusterPolicies, pools: Mapping[str, InstancePool], warehouse: SqlWarehouse
) -> dict[str, Any]:
    """Return the ids that manifests may refer to, such as `resources.cluster_policies.KEY.id`."""
    ids: dict[str, Any] = {
        f"resources.cluster_policies.{key}.id": id_ for key, id_ in policies.policy_ids.items()
    }
    ids |= {f"resources.instance_pools.{key}.id": pool.pool_id for key, pool in pools.items()}
    ids["resources.sql_warehouses.main.id"] = warehouse.warehouse_id
    return ids


def workload_targets(workload: Workload, *, project: str, stack: str) -> tuple[str, ...]:
    """Return the URNs of what alone changes when a workload is deployed by itself.

    Args:
        workload: The workload.
        project: Name of the Pulumi project.
        stack: Name of the environment's contents stack.
    """
    return workload_urns(_NAME, project=project, stack=stack, job_keys=workload.jobs)


def _defaults(spec: EnvironmentSpec, tags: Mapping[str, str]) -> JobDefaults:
    prod = spec.tier == "prod"
    owner = (spec.owner,) if "@" in spec.owner else ()
    return JobDefaults(
        tags=tags,
        paused=not prod,
        task_retries=_PROD_RETRIES if prod else 0,
        emails=spec.watch.emails or owner,
    )
