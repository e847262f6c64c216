"""Whether names are free: in the world, in the subscription, and among what is deleted but not gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import GlobalName, Needs
    from lakeplane.azure.sign_in import Caller

__all__ = ["check_names", "check_owned_groups", "check_soft_deleted"]

_AREA = "names"
# Where each service tells whether a name is free, and its api-version.
_SERVICES = {
    "Microsoft.ContainerRegistry/registries": ("Microsoft.ContainerRegistry", "2023-07-01"),
    "Microsoft.KeyVault/vaults": ("Microsoft.KeyVault", "2023-07-01"),
    "Microsoft.Storage/storageAccounts": ("Microsoft.Storage", "2023-05-01"),
}
_DATABRICKS_API = "2024-05-01"


def check_names(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Ask each service for each name, unless the name is in use by the environment itself."""
    del caller
    results = []
    deleted: dict[str, str] | None = None
    for name in needs.names:
        subject = f"{name.name}, {name.use}"
        try:
            result = _check(client, needs, name, subject)
            if result.state is State.MISSING and name.type == "Microsoft.KeyVault/vaults":
                deleted = _deleted_vaults(client, needs) if deleted is None else deleted
                result = _soft_deleted(result, name, deleted)
        except AzureError as error:
            result = not_checked(_AREA, subject, error)
        results.append(result)
    return tuple(results)


def _check(client: Client, needs: Needs, name: GlobalName, subject: str) -> Result:
    namespace, version = _SERVICES[name.type]
    if client.find(name.arm_id, version) is not None:
        return _ok("PRF060", subject, "in use by this environment")
    found = client.post(
        f"/subscriptions/{needs.subscription_id}/providers/{namespace}/checkNameAvailability",
        version,
        {"name": name.name, "type": name.type},
    )
    if found.get("nameAvailable") is True:
        return _ok("PRF060", subject, "free")
    return Result(
        code="PRF060",
        area=_AREA,
        subject=subject,
        state=State.MISSING,
        found=str(found.get("message") or found.get("reason") or "taken"),
        remedy=f"set generation: {needs.generation + 1} in the spec, which changes every such name",
    )


def _deleted_vaults(client: Client, needs: Needs) -> dict[str, str]:
    """Return the day on which each soft-deleted vault of the subscription goes, by name."""
    listed = client.list(
        f"/subscriptions/{needs.subscription_id}/providers/Microsoft.KeyVault/deletedVaults", "2023-07-01"
    )
    return {
        # The id ends in the vault's name; `name` may be something else.
        str(one.get("id", "")).rpartition("/")[2].lower(): str(
            (one.get("properties") or {}).get("scheduledPurgeDate", "")
        )[:10]
        for one in listed
    }


def _soft_deleted(result: Result, name: GlobalName, deleted: dict[str, str]) -> Result:
    day = deleted.get(name.name.lower())
    if day is None:
        return result
    return Result(
        code="PRF061",
        area=_AREA,
        subject=result.subject,
        state=State.MISSING,
        found=f"soft-deleted in this subscription until {day or 'an unknown day'}",
        remedy=f"{result.remedy}; or recover the vault: az keyvault recover --name {name.name}",
    )


def check_owned_groups(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Look for resource groups that a service wants to make, and that somebody has already."""
    del caller
    return tuple(_owned(client, needs))


def _owned(client: Client, needs: Needs) -> Iterator[Result]:
    for resource_id, group_id in needs.owned_groups.items():
        subject = group_id.rpartition("/")[2]
        version = _DATABRICKS_API if "/Microsoft.Databricks/" in resource_id else "2024-09-01"
        try:
            if client.find(group_id, "2021-04-01") is None:
                yield _ok("PRF062", subject, "free")
            elif client.find(resource_id, version) is not None:
                yield _ok("PRF062", subject, "in use by this environment")
            else:
                yield Result(
                    code="PRF062",
                    area=_AREA,
                    subject=subject,
                    state=State.MISSING,
                    found="a resource group of this name is there, but not the resource that would own it",
                    remedy=f"wait until it is gone if it is being deleted, delete it, or set generation: "
                    f"{needs.generation + 1} in the spec",
                )
        except AzureError as error:
            yield not_checked(_AREA, subject, error)


def check_soft_deleted(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Say what no interface of Azure tells: whether an Azure ML workspace is soft-deleted."""
    del caller
    if not needs.ml_workspace_id:
        return ()
    subject = needs.ml_workspace_id.rpartition("/")[2]
    try:
        if client.find(needs.ml_workspace_id, "2024-04-01") is not None:
            return (_ok("PRF063", subject, "in use by this environment"),)
    except AzureError as error:
        return (not_checked(_AREA, subject, error),)
    return (
        Result(
            code="PRF063",
            area=_AREA,
            subject=subject,
            state=State.UNASKED,
            # Microsoft Learn, "Workspace soft deletion": 14 days, shown in the portal under recently deleted.
            found="Azure tells only in its portal whether a workspace of this name was deleted in the last "
            "14 days, which would keep the name",
            remedy=f"if the environment existed before, look there, or set generation: "
            f"{needs.generation + 1} in the spec",
        ),
    )


def _ok(code: str, subject: str, found: str) -> Result:
    return Result(code=code, area=_AREA, subject=subject, state=State.OK, found=found)
