"""What can be read of the Databricks account: the region's metastore and its connectivity config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import Needs

__all__ = ["check_account"]

_AREA = "databricks"


def check_account(client: Client, needs: Needs) -> tuple[Result, ...]:
    """Look for the region's metastore, and for a network connectivity config that is said to exist.

    Args:
        client: Of the account console, not of ARM.
        needs: What is needed.
    """
    account = needs.databricks_account_id
    if not account:
        return (
            Result(
                code="PRF080",
                area=_AREA,
                subject="account",
                state=State.UNASKED,
                found="the spec names no account, so nothing of it is read",
                remedy="set databricks.account (of a hub: databricks.account_id), as the account console "
                "shows it",
            ),
        )
    return (*_metastore(client, needs), *_connectivity(client, needs))


def _metastore(client: Client, needs: Needs) -> tuple[Result, ...]:
    subject = f"metastore of {needs.region}"
    try:
        # databricks-sdk, AccountMetastoresAPI.list.
        found = client.get(f"/api/2.0/accounts/{needs.databricks_account_id}/metastores")
    except AzureError as error:
        return (_refused(subject, needs, error),)
    here = [one for one in _items(found, "metastores") if one.get("region") == needs.region]
    ids = [str(one.get("metastore_id")) for one in here]
    if needs.metastore_id and needs.metastore_id not in ids:
        return (
            Result(
                code="PRF081",
                area=_AREA,
                subject=subject,
                state=State.MISSING,
                found=f"the region has {', '.join(ids) or 'none'}, the spec says {needs.metastore_id}",
                remedy="correct databricks.metastore.existing in the hub's spec",
            ),
        )
    if not ids:
        return (
            Result(
                code="PRF081",
                area=_AREA,
                subject=subject,
                state=State.MISSING,
                found="the region has none",
                remedy="let a hub create it (databricks.metastore.create), or ask the account's owner",
            ),
        )
    return (Result(code="PRF081", area=_AREA, subject=subject, state=State.OK, found=", ".join(ids)),)


def _connectivity(client: Client, needs: Needs) -> tuple[Result, ...]:
    name = needs.connectivity_config
    if not name:
        return ()
    try:
        # databricks-sdk, NetworkConnectivityAPI.list_network_connectivity_configurations.
        found = client.get(f"/api/2.0/accounts/{needs.databricks_account_id}/network-connectivity-configs")
    except AzureError as error:
        return (_refused(name, needs, error),)
    there = any(
        one.get("name") == name and one.get("region") == needs.region for one in _items(found, "items")
    )
    return (
        Result(
            code="PRF082",
            area=_AREA,
            subject=name,
            state=State.OK if there else State.MISSING,
            found="there" if there else f"no such network connectivity config in {needs.region}",
            remedy="" if there else "correct databricks.network_connectivity, or leave it out to create one",
        ),
    )


def _items(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [one for one in found.get(key) or () if isinstance(one, dict)]


def _refused(subject: str, needs: Needs, error: AzureError) -> Result:
    """Say that the account refused: it tells its administrators alone.

    The program needs such an administrator where it registers something of the account. Elsewhere it touches
    the account by the workspace only, so that a refusal is told and stops nobody.
    """
    if not error.is_refused:
        return not_checked(_AREA, subject, error)
    if needs.account_admin:
        return Result(
            code="PRF083",
            area=_AREA,
            subject=subject,
            state=State.MISSING,
            found=f"only an administrator of the account may do what the program does there: {error}",
            remedy="have an administrator of the account give whoever deploys the role account admin "
            f"(accounts.azuredatabricks.net, account {needs.databricks_account_id}); "
            f"`lakeplane bootstrap {needs.name}` prints the request",
        )
    return Result(
        code="PRF084",
        area=_AREA,
        subject=subject,
        state=State.WARNING,
        found=f"not known, for only an administrator of the account may look: {error}",
        remedy="ask an administrator of the account to look whether the region has its metastore, and that "
        "the workspace is assigned to it (accounts.azuredatabricks.net, account "
        f"{needs.databricks_account_id}); `lakeplane bootstrap {needs.name}` prints the request",
    )
