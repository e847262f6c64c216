"""The monthly budget of an environment or of a hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pulumi
from pulumi_azure_native import consumption

__all__ = ["SpendingBudget", "SpendingBudgetArgs"]

_PERCENT = (80, 100, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingBudgetArgs:
    """What a budget needs.

    Attributes:
        budget_name: Its name.
        subscription_id: Subscription whose costs are counted, a GUID.
        resource_group_names: Groups whose costs are counted; with those that Databricks and AKS make for
            themselves, for machines stand there.
        monthly_amount: Amount a month, in the subscription's currency.
        emails: Who is told at 80, 100 and 120 percent.
        action_group_id: ARM id of the group that is told as well; none if left out.
    """

    budget_name: str
    subscription_id: str
    resource_group_names: Sequence[pulumi.Input[str]]
    monthly_amount: int
    emails: Sequence[str]
    action_group_id: pulumi.Input[str] | None = None


class SpendingBudget(pulumi.ComponentResource):
    """Budget that tells, and stops nothing: at 80 and 100 percent spent, and at 120 percent expected.

    Azure takes no start before the current month and lets none be changed. So the month of the first update
    is kept in the stack's state, where every later one finds it; before the first it is not known.

    Attributes:
        budget_name: Name of the budget; waits for it.
    """

    def __init__(
        self, name: str, args: SpendingBudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:watch:SpendingBudget", name, None, opts)
        start = pulumi.Stash(
            f"{name}-start",
            input=_this_month(),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["input"],
                # Another budget starts in the month in which it is made.
                replacement_trigger=f"{args.subscription_id} {args.budget_name}",
            ),
        )
        groups = [args.action_group_id] if args.action_group_id is not None else None
        budget = consumption.Budget(
            f"{name}-budget",
            budget_name=args.budget_name,
            scope=f"/subscriptions/{args.subscription_id}",
            category="Cost",
            amount=float(args.monthly_amount),
            time_grain="Monthly",
            time_period=consumption.BudgetTimePeriodArgs(start_date=start.output),
            filter=consumption.BudgetFilterArgs(
                dimensions=consumption.BudgetComparisonExpressionArgs(
                    name="ResourceGroupName", operator="In", values=list(args.resource_group_names)
                )
            ),
            notifications={
                f"at-{percent}-percent": consumption.NotificationArgs(
                    enabled=True,
                    operator="GreaterThanOrEqualTo",
                    threshold=float(percent),
                    threshold_type="Forecasted" if percent > 100 else "Actual",
                    contact_emails=list(args.emails),
                    contact_groups=groups,
                )
                for percent in _PERCENT
            },
            # A state from before the month was kept has it here alone.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["timePeriod"]),
        )
        self.budget_name: pulumi.Output[str] = budget.name
        self.register_outputs({"budget_name": self.budget_name})


def _this_month() -> str:
    return datetime.now(tz=UTC).strftime("%Y-%m-01T00:00:00Z")
