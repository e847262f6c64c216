"""The identity with which Databricks reaches the lake."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import databricks

from lakeplane.components.placement import Placement, known_id

__all__ = ["AccessConnector", "AccessConnectorArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConnectorArgs:
    """What an access connector needs.

    Attributes:
        placement: Where it goes.
        connector_name: Its name.
    """

    placement: Placement
    connector_name: str


class AccessConnector(pulumi.ComponentResource):
    """Access connector with an identity of its own; Unity Catalog's storage credential names it.

    Attributes:
        connector_id: ARM id of the connector.
        principal_id: Object id of its identity in Entra.
    """

    def __init__(
        self, name: str, args: AccessConnectorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:databricks:AccessConnector", name, None, opts)
        connector = databricks.AccessConnector(
            f"{name}-connector",
            connector_name=args.connector_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            identity=databricks.ManagedServiceIdentityArgs(type="SystemAssigned"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.connector_id = known_id(
            connector, args.placement.arm_id("Microsoft.Databricks/accessConnectors", args.connector_name)
        )
        self.principal_id: pulumi.Output[str] = connector.identity.principal_id
        self.register_outputs({"connector_id": self.connector_id, "principal_id": self.principal_id})
