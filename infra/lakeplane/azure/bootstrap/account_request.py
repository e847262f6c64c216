"""The request to the administrator of the Databricks account, for an environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lakeplane.azure.bootstrap.names import plan_bootstrap_names
from lakeplane.environment_requests import connectivity_request

if TYPE_CHECKING:
    from lakeplane.hub_facts import HubFacts
    from lakeplane.planning import EnvironmentPlan

__all__ = ["account_request_of", "deployer_key"]


def account_request_of(plan: EnvironmentPlan, deployer_client_id: str = "") -> str:
    """Write the request, ready to be sent.

    Args:
        plan: The environment.
        deployer_client_id: Client id of the identity that deploys contents, which `deployer_key` tells; its
            name is given while it is unknown.
    """
    spec = plan.spec
    lines = [
        f"To the administrator of the Databricks account of tenant {spec.tenant}:",
        f"we set up the environment {spec.name!r} of {spec.organisation} in {spec.region}. Please:",
        *(f"{number}. {asked}" for number, asked in enumerate(_asked(plan, deployer_client_id), 1)),
    ]
    return "\n".join(lines)


def deployer_key(plan: EnvironmentPlan) -> str:
    """Return the key of the bootstrap's step for the identity that deploys contents."""
    return "runner" if _runner(plan) else "identity apply"


def _runner(plan: EnvironmentPlan) -> str:
    """Return the runner's identity for a private environment, which is deployed from inside; else nothing."""
    hub = plan.hub
    if hub is None or plan.spec.access.mode != "private":
        return ""
    return hub.runner_identities.get(plan.spec.name, "")


def _asked(plan: EnvironmentPlan, client_id: str) -> Iterator[str]:
    spec, hub = plan.spec, plan.hub
    runner = _runner(plan)
    if runner:
        named = f"the identity {runner!r} of our hub's runner for this environment"
    elif spec.pipelines.apply:
        named = f"our deployment identity {plan_bootstrap_names(spec).identity_apply!r}"
    else:
        named = "whoever deploys"
    known = f" (application id {client_id})" if client_id else ""
    groups = ", ".join(
        repr(name) for name in (spec.groups.engineers, spec.groups.scientists, spec.groups.readers)
    )
    yield f"Add {named}{known} to the account, a managed identity as a service principal."
    yield f"Make sure that the account has the groups {groups}."
    yield (
        f"On the metastore of {spec.region}, grant it CREATE CATALOG, CREATE EXTERNAL LOCATION "
        "and CREATE STORAGE CREDENTIAL."
    )
    if hub is not None and hub.databricks_account_id is not None:
        yield _administration(plan, hub)
    else:
        yield (
            f"Once the workspace {plan.names.databricks_workspace!r} exists: assign the metastore of "
            f"{spec.region} to it, unless the account does so by itself."
        )
        yield connectivity_request(plan)
    if spec.databricks.account is not None:
        yield (
            "Let it manage who may use our jobs' service principal: the role service principal "
            f"manager, in the account {spec.databricks.account}."
        )
    else:
        yield (
            "Tell us the account's id (accounts.azuredatabricks.net, top right), so that jobs run as a "
            "service principal."
        )


def _administration(plan: EnvironmentPlan, hub: HubFacts) -> str:
    """Ask for what contents register in the account, by `contents.workspace`: administrators alone may."""
    metastore = hub.metastore_id or (repr(hub.metastore_name) if hub.metastore_name else "of the region")
    does = [
        f"assigns the metastore {metastore} to the workspace {plan.names.databricks_workspace!r}",
        f"binds it to the network connectivity config {hub.network_connectivity_config_name!r} with private "
        f"endpoint rules for our lake {plan.storage_account_id} (groups blob and dfs)",
        f"gives it the network policy {hub.network_policy_id!r}",
    ]
    if plan.spec.databricks.monthly_budget is not None and plan.watch_emails:
        does.append(f"keeps the budget {plan.names.budget!r} of the workspace")
    return (
        f"Give it the role account admin in the account {hub.databricks_account_id}: each update of the "
        f"environment {', '.join(does[:-1])}, and {does[-1]}. Nobody with less may do these."
    )
