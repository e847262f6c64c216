"""Preflight: what would stop an `up`, asked of Azure beforehand, with the remedy for each miss."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.databricks_account import check_account
from lakeplane.azure.preflight.from_plan import needs_of, needs_of_hub, with_counted_cores
from lakeplane.azure.preflight.machine_sizes import check_sizes
from lakeplane.azure.preflight.names import check_names, check_owned_groups, check_soft_deleted
from lakeplane.azure.preflight.needs import (
    ActionElsewhere,
    CoresNeeded,
    ExistingSubnet,
    GlobalName,
    Needs,
    SizeNeeded,
)
from lakeplane.azure.preflight.networks import check_hub_network, check_own_network
from lakeplane.azure.preflight.providers import check_features, check_providers
from lakeplane.azure.preflight.quota import check_quota
from lakeplane.azure.preflight.results import Result, State, fails, not_checked
from lakeplane.azure.preflight.rights import check_rights
from lakeplane.azure.preflight.subscription import check_subscription
from lakeplane.azure.sign_in import Caller, identify

if TYPE_CHECKING:
    from lakeplane.azure.client import Client

__all__ = [
    "CHECKS",
    "ActionElsewhere",
    "CoresNeeded",
    "ExistingSubnet",
    "GlobalName",
    "Needs",
    "Result",
    "SizeNeeded",
    "State",
    "fails",
    "needs_of",
    "needs_of_hub",
    "preflight",
    "with_counted_cores",
]

Check = Callable[["Client", Needs, Caller], tuple[Result, ...]]

CHECKS: tuple[Check, ...] = (
    check_subscription,
    check_rights,
    check_providers,
    check_features,
    check_quota,
    check_sizes,
    check_names,
    check_owned_groups,
    check_soft_deleted,
    check_hub_network,
    check_own_network,
)
"""Every question to ARM, in the order in which the answers are shown."""


def preflight(client: Client, account_client: Client, needs: Needs) -> tuple[Result, ...]:
    """Ask everything at once; never raises because Azure refuses or doesn't answer.

    Args:
        client: Asks ARM.
        account_client: Asks the Databricks account.
        needs: What the plan needs.

    Returns:
        All answers, area by area.
    """
    try:
        caller = identify(client)
    except AzureError as error:
        return (
            Result(
                code="PRF002",
                area="sign-in",
                subject=needs.tenant_id,
                state=State.MISSING,
                found=error.message,
                remedy=f"az login --tenant {needs.tenant_id}; nothing else was asked",
            ),
        )
    with ThreadPoolExecutor(max_workers=8) as pool:
        asked = [pool.submit(_ask, check, client, needs, caller) for check in CHECKS]
        asked.append(pool.submit(_ask, _account, account_client, needs, caller))
        return tuple(result for one in asked for result in one.result())


def _account(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    del caller
    return check_account(client, needs)


def _ask(check: Check, client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Ask one question; an answer of another shape than the documented one answers nothing."""
    try:
        return check(client, needs, caller)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        area = check.__name__.rpartition("_")[2]
        told = AzureError(200, "UnknownShape", f"an answer that is not read here: {error!r}")
        return (not_checked(area, needs.subscription_id, told),)
