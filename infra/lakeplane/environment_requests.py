"""What an environment needs of others beside an update: the exact words to send to who may do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.naming import PRIVATE_DNS_ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lakeplane.planning import EnvironmentPlan

__all__ = ["awaited_of_others", "connectivity_request"]


def awaited_of_others(plan: EnvironmentPlan) -> Iterator[Diagnostic]:
    """Find what people have to do for the environment: approvals, zones that exist, things of the account."""
    yield from _serverless(plan)
    yield from _usage_budget(plan)
    brought = plan.spec.network.bring_your_own
    if brought is not None:
        zones = list(PRIVATE_DNS_ZONES)
        if plan.aks_private_dns_zone_id is not None:
            zones.append(plan.aks_private_dns_zone_id.rpartition("/")[2])
        yield Diagnostic(
            code="NET010",
            summary="a network that is brought along brings its private DNS zones",
            severity=Severity.NOTE,
            detail=f"{brought.private_dns_zones} has to hold, linked to where the network asks for names: "
            f"{', '.join(zones)}",
            path=("network", "bring_your_own", "private_dns_zones"),
        )


def connectivity_request(plan: EnvironmentPlan) -> str:
    """Ask the administrator of the Databricks account for a way from serverless compute to the lake.

    Microsoft Learn, "Configure private connectivity to Azure resources". Serverless compute stands in a
    network of Databricks' own: neither the environment's private endpoints nor its allow list are for it.
    """
    named = plan.spec.databricks.network_connectivity
    config = f"the network connectivity config {named!r}" if named else "a network connectivity config"
    return (
        f"Bind {config} of {plan.spec.region} to the workspace {plan.names.databricks_workspace!r}, once "
        f"that exists, with two private endpoint rules for our lake {plan.storage_account_id}: group dfs and "
        "group blob. Without it serverless compute reads nothing of the lake, the SQL warehouse least of all."
    )


def _serverless(plan: EnvironmentPlan) -> Iterator[Diagnostic]:
    """Warn of a lake that serverless compute does not reach, or note what its owner has to approve."""
    approvals = (
        f"az network private-endpoint-connection list --id {plan.storage_account_id} --query "
        "\"[?properties.privateLinkServiceConnectionState.status=='Pending'].id\" -o tsv | "
        "xargs -n1 az network private-endpoint-connection approve --description lakeplane --id"
    )
    if plan.hub is not None and plan.hub.network_connectivity_config_name is not None:
        yield Diagnostic(
            code="DBX011",
            summary="serverless compute waits for its private endpoints to the lake",
            severity=Severity.NOTE,
            detail="once, within 14 days of the first update, approve Databricks' pending connections:\n"
            f"{approvals}",
            path=("network", "hub"),
        )
        return
    if plan.spec.databricks.network_connectivity is not None:
        return
    yield Diagnostic(
        code="DBX014",
        summary="the lake's firewall refuses serverless compute, the SQL warehouse first of all",
        severity=Severity.WARNING,
        detail="only a hub with databricks.account_id may open it a way; send this request:\n"
        f"To the administrator of the Databricks account of tenant {plan.spec.tenant}: please do this. "
        f"{connectivity_request(plan)}\n"
        f"Then, within 14 days, approve the pending connections:\n{approvals}",
        remedy="set databricks.network_connectivity to the config's name once that is done, or network.hub "
        "to a hub with databricks.account_id",
        path=("databricks", "network_connectivity"),
    )


def _usage_budget(plan: EnvironmentPlan) -> Iterator[Diagnostic]:
    """Warn of a budget in the Databricks account that nothing makes, or of which nobody is told."""
    amount, path = plan.spec.databricks.monthly_budget, ("databricks", "monthly_budget")
    if amount is None:
        return
    if not plan.watch_emails:
        yield Diagnostic(
            code="DBX012",
            summary="nobody is told when the Databricks budget runs out, so it is not made",
            severity=Severity.WARNING,
            detail=f"the owner {plan.spec.owner!r} is no e-mail address; allowed: at least one address",
            remedy="add watch.emails",
            path=path,
        )
    elif plan.hub is None or plan.hub.databricks_account_id is None:
        yield Diagnostic(
            code="DBX013",
            summary="the Databricks budget has to be made by an administrator of the account",
            severity=Severity.WARNING,
            detail="only a hub with databricks.account_id may make it; send this request:\n"
            f"To the administrator of the Databricks account of tenant {plan.spec.tenant}: please create the "
            f"budget {plan.names.budget!r} of {amount} USD a month for the workspace "
            f"{plan.names.databricks_workspace!r}, and have it tell {', '.join(plan.watch_emails)}.",
            remedy="set network.hub to a hub with databricks.account_id, or leave this out once it is made",
            path=path,
        )
