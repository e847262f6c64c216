"""What the foundation watches: failures and costs."""

from __future__ import annotations

from lakeplane.components.alerts import Alerts, AlertsArgs
from lakeplane.components.spending_budget import SpendingBudget, SpendingBudgetArgs
from lakeplane.foundation.base import Base

__all__ = ["deploy_watch"]


def deploy_watch(base: Base) -> Alerts:
    """Register the alerts, and the budget if the spec has one."""
    plan = base.plan
    alerts = Alerts(
        "alerts",
        AlertsArgs(
            placement=base.placement,
            action_group_name=plan.names.action_group,
            short_name=plan.spec.name,
            log_workspace_id=base.logs.workspace_id,
            emails=plan.watch_emails,
        ),
        base.opts,
    )
    if plan.spec.monthly_budget is not None:
        SpendingBudget(
            "spending",
            SpendingBudgetArgs(
                budget_name=plan.names.budget,
                subscription_id=plan.subscription_id,
                resource_group_names=(
                    plan.names.resource_group,
                    plan.names.databricks_managed_resource_group,
                    plan.names.aks_node_resource_group,
                ),
                monthly_amount=plan.spec.monthly_budget,
                emails=plan.watch_emails,
                action_group_id=alerts.action_group_id,
            ),
            base.opts,
        )
    return alerts
