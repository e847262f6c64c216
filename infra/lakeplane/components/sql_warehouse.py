"""A serverless SQL warehouse: where analysts query gold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.group_permissions import AccessRights, permit

__all__ = ["SqlWarehouse", "SqlWarehouseArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlWarehouseArgs:
    """What a warehouse needs.

    Attributes:
        warehouse_name: Name that people see, unique in the workspace.
        cluster_size: Size of each cluster in the service's own words, such as `2X-Small`.
        auto_stop_minutes: Idle minutes after which it stops; 10 if left out.
        max_num_clusters: Most clusters at the same time; one if left out.
        tags: Tags of what it costs; none if left out.
        rights: Who may use it; administrators alone if left out.
    """

    warehouse_name: str
    cluster_size: str
    auto_stop_minutes: int = 10
    max_num_clusters: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    rights: AccessRights = field(default_factory=AccessRights)


class SqlWarehouse(pulumi.ComponentResource):
    """Serverless SQL warehouse of the pro type that stops when nobody asks.

    Attributes:
        warehouse_id: Id in the workspace.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(self, name: str, args: SqlWarehouseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:compute:SqlWarehouse", name, None, opts)
        warehouse = databricks.SqlEndpoint(
            f"{name}-warehouse",
            name=args.warehouse_name,
            cluster_size=args.cluster_size,
            warehouse_type="PRO",
            enable_serverless_compute=True,
            enable_photon=True,
            min_num_clusters=1,
            max_num_clusters=args.max_num_clusters,
            auto_stop_mins=args.auto_stop_minutes,
            # Serverless chooses its own machines; these hold should it ever be switched off.
            spot_instance_policy="RELIABILITY_OPTIMIZED",
            channel=databricks.SqlEndpointChannelArgs(name="CHANNEL_NAME_CURRENT"),
            tags=databricks.SqlEndpointTagsArgs(
                custom_tags=[
                    databricks.SqlEndpointTagsCustomTagArgs(key=key, value=value)
                    for key, value in sorted(args.tags.items())
                ]
            ),
            # An update need not wait, and pay, until it has started once.
            no_wait=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        permit(f"{name}-permissions", args.rights, parent=self, sql_endpoint_id=warehouse.id)
        self.warehouse_id: pulumi.Output[str] = warehouse.id
        self.register_outputs({"warehouse_id": self.warehouse_id})
