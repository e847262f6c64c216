"""The identity with which Databricks reaches the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pulumi
from pulumi_azure_native import databricks

from lakeplane.components.attachments import attach
from lakeplane.components.locks import lock_what_others_need
from lakeplane.components.managed_identities import ManagedIdentities, kind_of_identity, user_assigned
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import RoleGrant

__all__ = ["AccessConnector", "AccessConnectorArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConnectorArgs:
    """What an access connector needs.

    Attributes:
        placement: Where it goes.
        connector_name: Its name.
        managed_identities: Identities beside the one that Azure makes for it and that the lake knows; none if
            left out.
        lock: Let Azure refuse to delete it, and with it the identity that has the rights; not if left out.
        role_assignments: Rights of others on it; none if left out.
    """

    placement: Placement
    connector_name: str
    managed_identities: ManagedIdentities = field(default_factory=ManagedIdentities)
    lock: bool = False
    role_assignments: Sequence[RoleGrant] = ()


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
        wanted = replace(args.managed_identities, system_assigned=True)
        users = user_assigned(wanted)
        connector = databricks.AccessConnector(
            f"{name}-connector",
            connector_name=args.connector_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            identity=databricks.ManagedServiceIdentityArgs(
                type=kind_of_identity(wanted, users) or "SystemAssigned",
                user_assigned_identities=[one.id for one in users] or None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        arm_id = args.placement.arm_id("Microsoft.Databricks/accessConnectors", args.connector_name)
        self.connector_id = known_id(connector, arm_id)
        if args.lock:
            lock_what_others_need(
                f"{name}-lock", resource_id=self.connector_id, opts=pulumi.ResourceOptions(parent=self)
            )
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.connector_id,
            parent=self,
            placement=args.placement,
            role_assignments=args.role_assignments,
        )
        self.principal_id: pulumi.Output[str] = connector.identity.principal_id
        self.register_outputs({"connector_id": self.connector_id, "principal_id": self.principal_id})
