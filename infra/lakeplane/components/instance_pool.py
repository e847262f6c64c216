"""A pool of machines that clusters start from quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.group_permissions import AccessRights, permit

__all__ = ["InstancePool", "InstancePoolArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePoolArgs:
    """What a pool needs.

    Attributes:
        pool_name: Name that people see.
        node_type_id: Azure size of its machines.
        max_capacity: Most machines, idle and used together.
        min_idle_instances: Machines that are kept, and paid, though nobody uses them; 0 if left out.
        idle_minutes: Minutes after which an idle machine is given back; 15 if left out.
        spark_versions: Databricks runtimes kept on idle machines; none if left out.
        tags: Tags of its machines; none if left out.
        rights: Who may attach clusters; administrators alone if left out.
    """

    pool_name: str
    node_type_id: str
    max_capacity: int
    min_idle_instances: int = 0
    idle_minutes: int = 15
    spark_versions: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    rights: AccessRights = field(default_factory=AccessRights)


class InstancePool(pulumi.ComponentResource):
    """Instance pool of on-demand machines that costs nothing while it is idle.

    Attributes:
        pool_id: Id in the workspace.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(self, name: str, args: InstancePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:compute:InstancePool", name, None, opts)
        pool = databricks.InstancePool(
            f"{name}-pool",
            instance_pool_name=args.pool_name,
            node_type_id=args.node_type_id,
            min_idle_instances=args.min_idle_instances,
            max_capacity=args.max_capacity,
            idle_instance_autotermination_minutes=args.idle_minutes,
            enable_elastic_disk=True,
            preloaded_spark_versions=list(args.spark_versions) or None,
            azure_attributes=databricks.InstancePoolAzureAttributesArgs(availability="ON_DEMAND_AZURE"),
            custom_tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        permit(f"{name}-permissions", args.rights, parent=self, instance_pool_id=pool.id)
        self.pool_id: pulumi.Output[str] = pool.id
        self.register_outputs({"pool_id": self.pool_id})
