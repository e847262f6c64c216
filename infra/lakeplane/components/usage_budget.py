"""The Databricks account's own budget of one workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["UsageBudget", "UsageBudgetArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBudgetArgs:
    """What the budget needs.

    Attributes:
        budget_name: Its name in the account.
        workspace_number: Number of the workspace whose usage is counted.
        monthly_amount: List price of a month's usage in USD, without discounts and without Azure's machines.
        emails: Who is told once it is exceeded; one address at least.
    """

    budget_name: str
    workspace_number: pulumi.Input[str]
    monthly_amount: int
    emails: Sequence[str]


class UsageBudget(pulumi.ComponentResource):
    """Budget of the Databricks units that a workspace uses, serverless ones too; it tells, and stops nothing.

    One alert: the service's reference allowed no more before it allowed four.

    Attributes:
        budget_name: Name of the budget; waits for it.
    """

    databricks_provider: ClassVar[str] = "account"

    def __init__(self, name: str, args: UsageBudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:databricks:UsageBudget", name, None, opts)
        exceeded = databricks.BudgetAlertConfigurationArgs(
            time_period="MONTH",
            trigger_type="CUMULATIVE_SPENDING_EXCEEDED",
            quantity_type="LIST_PRICE_DOLLARS_USD",
            quantity_threshold=str(args.monthly_amount),
            action_configurations=[
                databricks.BudgetAlertConfigurationActionConfigurationArgs(
                    action_type="EMAIL_NOTIFICATION", target=email
                )
                for email in args.emails
            ],
        )
        number = pulumi.Output.from_input(args.workspace_number).apply(_as_number)
        budget = databricks.Budget(
            f"{name}-budget",
            display_name=args.budget_name,
            alert_configurations=[exceeded],
            filter=databricks.BudgetFilterArgs(
                workspace_id=databricks.BudgetFilterWorkspaceIdArgs(operator="IN", values=[number])
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.budget_name: pulumi.Output[str] = budget.urn.apply(lambda _: args.budget_name)
        self.register_outputs({"budget_name": self.budget_name})


def _as_number(text: str) -> Any:
    """Give a workspace's number its type; a preview may have a text that stands for one."""
    return pulumi.UNKNOWN if pulumi.runtime.is_dry_run() and not text.isdigit() else int(text)
