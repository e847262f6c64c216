"""What a workspace gets from its region's hub through the Databricks account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["AccountBinding", "AccountBindingArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBindingArgs:
    """What the bindings need.

    Attributes:
        workspace_number: Number of the workspace.
        metastore_id: Id of the region's metastore; looked up by `metastore_name` if left out.
        metastore_name: Name of the region's metastore; none is assigned if both are left out, for Azure
            Databricks assigns the one of the region to new workspaces if the account says so.
        network_connectivity_config_name: Name of the region's network connectivity config; the workspace is
            bound to none if left out.
        network_policy_id: Id of the network policy of its serverless compute; the account's default one if
            left out.
        lake_id: ARM id of the lake's storage account, which serverless compute reaches over private endpoints
            of the config; their owner approves them.
    """

    workspace_number: pulumi.Input[str]
    metastore_id: str | None = None
    metastore_name: str | None = None
    network_connectivity_config_name: str | None = None
    network_policy_id: str | None = None
    lake_id: str | None = None


class AccountBinding(pulumi.ComponentResource):
    """The metastore that a workspace's catalogs are kept in, and the ways that its serverless compute has.

    Attributes:
        workspace_number: Number of the workspace; waits until it is bound.
    """

    databricks_provider: ClassVar[str] = "account"

    def __init__(
        self, name: str, args: AccountBindingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:databricks:AccountBinding", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # The provider would update the old workspace's entry, which went with the workspace.
        of_workspace = pulumi.ResourceOptions(parent=self, replace_on_changes=["workspaceId"])
        look_up = pulumi.InvokeOutputOptions(parent=self)
        bound: list[pulumi.Resource] = []
        metastore_id: pulumi.Input[str] | None = args.metastore_id
        if metastore_id is None and args.metastore_name is not None:
            metastore_id = databricks.get_metastore_output(
                name=args.metastore_name, opts=look_up
            ).metastore_id
        if metastore_id is not None:
            bound.append(
                databricks.MetastoreAssignment(
                    f"{name}-metastore",
                    metastore_id=metastore_id,
                    workspace_id=args.workspace_number,
                    opts=of_workspace,
                )
            )
        if args.network_connectivity_config_name is not None:
            found = databricks.get_mws_network_connectivity_config_output(
                name=args.network_connectivity_config_name, opts=look_up
            )
            config_id = found.network_connectivity_config_id
            bound.append(
                databricks.MwsNccBinding(
                    f"{name}-connectivity",
                    network_connectivity_config_id=config_id,
                    workspace_id=args.workspace_number,
                    opts=child,
                )
            )
            for group in ("blob", "dfs") if args.lake_id is not None else ():
                databricks.MwsNccPrivateEndpointRule(
                    f"{name}-lake-{group}",
                    network_connectivity_config_id=config_id,
                    resource_id=args.lake_id,
                    group_id=group,
                    opts=child,
                )
        if args.network_policy_id is not None:
            bound.append(
                databricks.WorkspaceNetworkOption(
                    f"{name}-policy",
                    network_policy_id=args.network_policy_id,
                    workspace_id=args.workspace_number,
                    opts=of_workspace,
                )
            )
        waits = pulumi.Output.all(*[each.urn for each in bound])
        self.workspace_number: pulumi.Output[str] = pulumi.Output.all(waits, args.workspace_number).apply(
            lambda both: str(both[1])
        )
        self.register_outputs({"workspace_number": self.workspace_number})
