"""What the hub has of the Databricks account."""

from __future__ import annotations

from typing import Any

from lakeplane.components.metastore import Metastore, MetastoreArgs
from lakeplane.components.network_connectivity import (
    NetworkConnectivity,
    NetworkConnectivityArgs,
    PrivateTarget,
)
from lakeplane.components.serverless_egress import ServerlessEgress, ServerlessEgressArgs
from lakeplane.hub.base import HubBase

__all__ = ["deploy_account"]


def deploy_account(base: HubBase) -> dict[str, Any]:
    """Register the metastore, if it is to be created, and serverless compute's ways and limits.

    Without account rights nothing is registered; `lakeplane.hub_requests` says what to ask for.
    """
    plan, wanted = base.plan, base.plan.spec.databricks
    if "account" not in base.databricks:
        return {}
    metastore_id: Any = wanted.metastore.existing
    new = wanted.metastore.create
    if new is not None:
        metastore_id = Metastore(
            "metastore",
            MetastoreArgs(metastore_name=new.name, region=plan.spec.region, owner=new.owner),
            base.opts_of(Metastore),
        ).metastore_id
    connectivity = NetworkConnectivity(
        "connectivity",
        NetworkConnectivityArgs(
            config_name=plan.names.network_connectivity_config,
            region=plan.spec.region,
            create=wanted.network_connectivity is None,
            targets=tuple(
                PrivateTarget(resource_id=rule.resource, group_id=rule.group)
                for rule in wanted.private_endpoint_rules
            ),
        ),
        base.opts_of(NetworkConnectivity),
    )
    ServerlessEgress(
        "serverless-egress",
        ServerlessEgressArgs(
            network_policy_id=plan.names.network_policy, allowed_fqdns=wanted.serverless_allowed_fqdns
        ),
        base.opts_of(ServerlessEgress),
    )
    return {"metastore_id": metastore_id, "network_connectivity_config_id": connectivity.config_id}
