"""How serverless compute of a region reaches what is private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["NetworkConnectivity", "NetworkConnectivityArgs", "PrivateTarget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateTarget:
    """One resource that serverless compute reaches over a private endpoint.

    Attributes:
        resource_id: ARM id of the resource.
        group_id: Its private-link group, such as `dfs`.
    """

    resource_id: str
    group_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConnectivityArgs:
    """What a network connectivity config needs.

    Attributes:
        config_name: Its name, up to 30 characters.
        region: Azure region; workspaces of the same region are bound to it.
        create: Make the config; an existing one of that name is looked up otherwise. True if left out.
        targets: What serverless compute reaches over private endpoints; nothing if left out.
    """

    config_name: str
    region: str
    create: bool = True
    targets: Sequence[PrivateTarget] = ()


class NetworkConnectivity(pulumi.ComponentResource):
    """One network connectivity config with its private endpoints, which their resources' owners approve.

    Attributes:
        config_id: Id of the config, a GUID.
    """

    databricks_provider: ClassVar[str] = "account"

    def __init__(
        self, name: str, args: NetworkConnectivityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:hub:NetworkConnectivity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.config_id: pulumi.Output[str]
        if args.create:
            config = databricks.MwsNetworkConnectivityConfig(
                f"{name}-config", name=args.config_name, region=args.region, opts=child
            )
            self.config_id = config.network_connectivity_config_id
        else:
            found = databricks.get_mws_network_connectivity_config_output(
                name=args.config_name, opts=pulumi.InvokeOutputOptions(parent=self)
            )
            self.config_id = found.network_connectivity_config_id
        for target in args.targets:
            label = target.resource_id.rpartition("/")[2]
            databricks.MwsNccPrivateEndpointRule(
                f"{name}-{label}-{target.group_id}",
                network_connectivity_config_id=self.config_id,
                resource_id=target.resource_id,
                group_id=target.group_id,
                opts=child,
            )
        self.register_outputs({"config_id": self.config_id})
