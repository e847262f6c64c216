"""What serverless compute of a region may reach on the internet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["ServerlessEgress", "ServerlessEgressArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessEgressArgs:
    """What the policy needs.

    Attributes:
        network_policy_id: Its id, which is also its name.
        allowed_fqdns: Domain names that may be reached over HTTPS; none if left out.
    """

    network_policy_id: str
    allowed_fqdns: Sequence[str] = ()


class ServerlessEgress(pulumi.ComponentResource):
    """Network policy under which serverless compute reaches Unity Catalog's storage and what is listed.

    Attributes:
        network_policy_id: Id of the policy; waits for it.
    """

    databricks_provider: ClassVar[str] = "account"

    def __init__(
        self, name: str, args: ServerlessEgressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:hub:ServerlessEgress", name, None, opts)
        destinations = [
            databricks.AccountNetworkPolicyEgressNetworkAccessAllowedInternetDestinationArgs(
                destination=fqdn, internet_destination_type="DNS_NAME"
            )
            for fqdn in args.allowed_fqdns
        ]
        policy = databricks.AccountNetworkPolicy(
            f"{name}-policy",
            network_policy_id=args.network_policy_id,
            egress=databricks.AccountNetworkPolicyEgressArgs(
                network_access=databricks.AccountNetworkPolicyEgressNetworkAccessArgs(
                    restriction_mode="RESTRICTED_ACCESS",
                    allowed_internet_destinations=destinations or None,
                    policy_enforcement=databricks.AccountNetworkPolicyEgressNetworkAccessPolicyEnforcementArgs(
                        enforcement_mode="ENFORCED"
                    ),
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.network_policy_id: pulumi.Output[str] = policy.urn.apply(lambda _: args.network_policy_id)
        self.register_outputs({"network_policy_id": self.network_policy_id})
