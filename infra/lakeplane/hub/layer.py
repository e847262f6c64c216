"""The hub layer, wired from top to bottom."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import resources

from lakeplane.components.databricks_account import account_provider
from lakeplane.components.log_workspace import LogWorkspace, LogWorkspaceArgs
from lakeplane.components.placement import Placement
from lakeplane.components.protection import protecting_data
from lakeplane.components.spending_budget import SpendingBudget, SpendingBudgetArgs
from lakeplane.hub.account import deploy_account
from lakeplane.hub.base import HubBase
from lakeplane.hub.network import deploy_dns, deploy_firewall, deploy_network
from lakeplane.hub.shared import deploy_login, deploy_runner
from lakeplane.hub_planning import HubPlan
from lakeplane.hub_requests import budget_emails

__all__ = ["deploy_hub"]


def deploy_hub(plan: HubPlan) -> dict[str, Any]:
    """Register the hub's resources.

    Returns:
        What the plan could not know: the outputs of the stack.
    """
    base = _begin(plan)
    network = deploy_network(base)
    firewall = deploy_firewall(base, network)
    zones = deploy_dns(base, network)
    login = deploy_login(base, network, zones)
    runner = deploy_runner(base, network, firewall)
    account = deploy_account(base)
    spec = plan.spec
    if spec.monthly_budget is not None:
        SpendingBudget(
            "spending",
            SpendingBudgetArgs(
                budget_name=plan.names.budget,
                subscription_id=spec.subscription,
                resource_group_names=(base.placement.resource_group_name,),
                monthly_amount=spec.monthly_budget,
                emails=budget_emails(spec),
            ),
            base.opts,
        )
    return {
        "egress_address": network.egress_address,
        "firewall_private_ip": firewall.private_ip if firewall else None,
        "login_workspace_id": login.workspace_id if login else None,
        "runner_client_ids": runner.client_ids if runner else None,
        "runner_principal_ids": runner.principal_ids if runner else None,
        **account,
    }


def _begin(plan: HubPlan) -> HubBase:
    spec = plan.spec
    azure = azure_native.Provider(
        "azure", subscription_id=spec.subscription, tenant_id=spec.tenant, location=spec.region
    )
    # A hub has no tier: what it keeps is kept for every environment of the region.
    protection = protecting_data(True)
    opts = pulumi.ResourceOptions(providers=[azure], transformations=protection)
    group = resources.ResourceGroup(
        "resource-group",
        resource_group_name=plan.names.resource_group,
        location=spec.region,
        tags=plan.tags,
        opts=pulumi.ResourceOptions(provider=azure, transformations=protection),
    )
    placement = Placement(
        resource_group_id=plan.resource_group_id,
        resource_group_name=group.name,
        location=spec.region,
        tags=plan.tags,
    )
    logs = LogWorkspace(
        "logs",
        LogWorkspaceArgs(
            placement=placement,
            workspace_name=plan.names.log_workspace,
            retention_days=spec.watch.log_retention_days,
        ),
        opts,
    )
    providers = {}
    if spec.databricks.account_id is not None:
        providers["account"] = account_provider(spec.databricks.account_id)
    return HubBase(plan=plan, placement=placement, azure=azure, opts=opts, databricks=providers, logs=logs)
