"""The contents' way into the workspace, who takes part in it, and what it lets them do."""

from __future__ import annotations

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.account_binding import AccountBinding, AccountBindingArgs
from lakeplane.components.databricks_account import account_provider
from lakeplane.components.protection import protecting_data
from lakeplane.components.service_principals import Application, ServicePrincipals, ServicePrincipalsArgs
from lakeplane.components.unity_catalog import UnityCatalog
from lakeplane.components.usage_budget import UsageBudget, UsageBudgetArgs
from lakeplane.components.workspace_groups import WorkspaceGroups, WorkspaceGroupsArgs
from lakeplane.components.workspace_settings import WorkspaceSettings, WorkspaceSettingsArgs
from lakeplane.contents.base import Base
from lakeplane.outputs import FoundationOutputs
from lakeplane.planning import EnvironmentPlan

__all__ = ["deploy_settings", "enter_workspace"]


def enter_workspace(plan: EnvironmentPlan, foundation: FoundationOutputs) -> Base:
    """Register the provider of the workspace, and who takes part in it."""
    # Nothing is put into the workspace's catalogs before it has its metastore.
    ready = _bind_to_account(plan, foundation)
    host = pulumi.Output.all(foundation.databricks_workspace_url, ready).apply(
        lambda both: _with_scheme(str(both[0]))
    )
    workspace = databricks.Provider(
        "workspace", host=host, azure_workspace_resource_id=plan.databricks_workspace_id
    )
    protection = protecting_data(plan.spec.tier == "prod")
    in_catalog = pulumi.ResourceOptions(providers=[workspace], transformations=protection)
    in_workspace = pulumi.ResourceOptions(
        providers=[workspace],
        transformations=[*protection, _made_anew_with(foundation.databricks_workspace_number)],
    )
    named = plan.spec.groups
    groups = WorkspaceGroups(
        "groups",
        WorkspaceGroupsArgs(group_names=(named.engineers, named.scientists, named.readers)),
        in_workspace,
    )
    principals = ServicePrincipals(
        "service-principals",
        ServicePrincipalsArgs(
            applications={
                "jobs": Application(
                    application_id=foundation.jobs_client_id,
                    display_name=plan.names.identity_jobs,
                    runs_jobs=True,
                ),
                "serving": Application(
                    application_id=foundation.serving_client_id, display_name=plan.names.identity_serving
                ),
            },
            account_id=plan.spec.databricks.account,
            job_users=(named.engineers,),
        ),
        in_workspace,
    )
    return Base(
        plan=plan,
        foundation=foundation,
        workspace_host=host,
        in_catalog=in_catalog,
        in_workspace=in_workspace,
        groups=groups.by_name,
        service_principals=principals.application_ids,
        run_as=principals.run_as.get("jobs"),
    )


def deploy_settings(base: Base, catalog: UnityCatalog) -> WorkspaceSettings:
    """Register what the workspace lets people do, and from where."""
    spec = base.plan.spec
    return WorkspaceSettings(
        "settings",
        WorkspaceSettingsArgs(
            catalog_name=catalog.catalog_name,
            allowed_addresses=spec.access.addresses,
            egress_address=base.foundation.egress_address if base.plan.has_egress_address else None,
            web_terminal=spec.databricks.web_terminal,
            token_lifetime_days=spec.databricks.token_lifetime_days,
            git_repositories=spec.databricks.git_repositories,
        ),
        base.in_workspace,
    )


def _bind_to_account(plan: EnvironmentPlan, foundation: FoundationOutputs) -> pulumi.Input[str]:
    """Give the workspace what its hub keeps of the account, and return its number once it has it."""
    hub = plan.hub
    if hub is None or hub.databricks_account_id is None:
        return foundation.databricks_workspace_number
    account = pulumi.ResourceOptions(providers=[account_provider(hub.databricks_account_id)])
    amount, emails = plan.spec.databricks.monthly_budget, plan.watch_emails
    if amount is not None and emails:
        UsageBudget(
            "usage",
            UsageBudgetArgs(
                budget_name=plan.names.budget,
                workspace_number=foundation.databricks_workspace_number,
                monthly_amount=amount,
                emails=emails,
            ),
            account,
        )
    return AccountBinding(
        "account-binding",
        AccountBindingArgs(
            workspace_number=foundation.databricks_workspace_number,
            metastore_id=hub.metastore_id,
            metastore_name=hub.metastore_name,
            network_connectivity_config_name=hub.network_connectivity_config_name,
            network_policy_id=hub.network_policy_id,
            lake_id=plan.storage_account_id,
        ),
        account,
    ).workspace_number


def _made_anew_with(workspace_number: pulumi.Input[str]) -> pulumi.ResourceTransformation:
    """Let a workspace that was replaced replace what was in it.

    The workspace is in another stack, so the engine does not see that jobs and policies went with it, and
    would update ids that the new workspace does not know. Its number is what changes: ARM id and name stay.
    The old objects are gone already, so the engine has nothing to wait for before it makes new ones.
    """

    def follow(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("databricks:"):
            return None
        options = pulumi.ResourceOptions(replacement_trigger=workspace_number, delete_before_replace=True)
        return pulumi.ResourceTransformationResult(
            args.props, pulumi.ResourceOptions.merge(options, args.opts)
        )

    return follow


def _with_scheme(host: str) -> str:
    """Azure answers a bare host; a workspace elsewhere may say `http://` itself."""
    return host if "://" in host else f"https://{host}"
