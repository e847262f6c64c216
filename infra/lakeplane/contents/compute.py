"""The contents' compute: cluster policies, instance pools and the SQL warehouse."""

from __future__ import annotations

from lakeplane.cluster_policies import policy_documents
from lakeplane.components.cluster_policies import ClusterPolicies, ClusterPoliciesArgs
from lakeplane.components.group_permissions import AccessRights
from lakeplane.components.instance_pool import InstancePool, InstancePoolArgs
from lakeplane.components.sql_warehouse import SqlWarehouse, SqlWarehouseArgs
from lakeplane.contents.base import Base

__all__ = ["deploy_policies", "deploy_pools", "deploy_sql_warehouse"]


def deploy_policies(base: Base) -> ClusterPolicies:
    """Register the bundled cluster policies."""
    return ClusterPolicies(
        "policies",
        ClusterPoliciesArgs(
            documents=policy_documents(base.plan.spec, base.plan), rights=_who_makes_clusters(base, "CAN_USE")
        ),
        base.in_workspace,
    )


def deploy_pools(base: Base) -> dict[str, InstancePool]:
    """Register the instance pools, and return them by key; the one with GPUs where the spec has any."""
    spec, names = base.plan.spec.databricks, base.plan.names
    pools = {
        "main": InstancePoolArgs(
            pool_name=names.instance_pool,
            node_type_id=spec.node_type,
            max_capacity=spec.pool_max_capacity,
            spark_versions=(spec.runtime,),
            tags=base.plan.tags,
            rights=_who_makes_clusters(base, "CAN_ATTACH_TO"),
        )
    }
    if spec.gpu_pool_max_capacity:
        pools["gpu"] = InstancePoolArgs(
            pool_name=names.gpu_instance_pool,
            node_type_id=spec.gpu_node_type,
            max_capacity=spec.gpu_pool_max_capacity,
            spark_versions=(spec.gpu_runtime,),
            tags=base.plan.tags,
            rights=_who_makes_clusters(base, "CAN_ATTACH_TO"),
        )
    return {
        key: InstancePool("pool" if key == "main" else f"{key}-pool", args, base.in_workspace)
        for key, args in pools.items()
    }


def deploy_sql_warehouse(base: Base) -> SqlWarehouse:
    """Register the warehouse that analysts query with."""
    spec = base.plan.spec.databricks.sql_warehouse
    return SqlWarehouse(
        "sql",
        SqlWarehouseArgs(
            warehouse_name=f"sql-{base.plan.spec.name}",
            cluster_size=spec.size,
            auto_stop_minutes=spec.auto_stop_minutes,
            max_num_clusters=spec.max_clusters,
            tags=base.plan.tags,
            rights=AccessRights(
                groups={"CAN_MONITOR": (base.engineers,), "CAN_USE": (base.scientists, base.readers)},
                service_principals={"CAN_USE": (base.service_principals["jobs"],)},
            ),
        ),
        base.in_workspace,
    )


def _who_makes_clusters(base: Base, level: str) -> AccessRights:
    return AccessRights(
        groups={level: (base.engineers, base.scientists)},
        service_principals={level: (base.service_principals["jobs"],)},
    )
