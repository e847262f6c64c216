"""Writing one resource by ARM, until it is there; and telling whether it is there as it is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError

if TYPE_CHECKING:
    from lakeplane.azure.bootstrap.steps import Step
    from lakeplane.azure.client import Client

__all__ = ["holds", "write"]

_ENDED = frozenset({"succeeded", "failed", "canceled", "cancelled"})
_ASSIGNED = "RoleAssignmentExists"


def holds(found: Any, wanted: Any) -> bool:
    """Tell whether something has all that is wanted of it; what else it has doesn't matter.

    Texts are compared without regard to letter case, as ARM treats ids, regions and enums; lists by their
    length, item by item, the order of plain texts aside.
    """
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            holds(found.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return False
        if all(isinstance(one, str) for one in (*found, *wanted)):
            return sorted(map(str.lower, found)) == sorted(map(str.lower, wanted))
        return all(holds(one, other) for one, other in zip(found, wanted, strict=True))
    if isinstance(wanted, str) and isinstance(found, str):
        return _plain(found) == _plain(wanted)
    return bool(found == wanted)


def write(
    client: Client,
    step: Step,
    body: Mapping[str, Any],
    sleep: Callable[[float], None],
    poll_seconds: float,
    deadline_seconds: float,
) -> Mapping[str, Any]:
    """Write a resource and wait until it is there.

    Returns:
        The resource as Azure shows it then.

    Raises:
        AzureError: Azure refuses, the operation fails, or it takes too long.
    """
    try:
        answer, headers = client.put(step.path, step.api_version, dict(body))
    except AzureError as error:
        if error.code == _ASSIGNED:
            return _take_over(client, step, body)
        raise
    begun = time.monotonic()
    operation = next(
        (value for name, value in headers.items() if name.lower() == "azure-asyncoperation"), None
    )
    while True:
        if operation is not None:
            ended = _follow(client, operation)
            if ended:
                return client.get(step.path, step.api_version)
        elif _is_ready(answer):
            return answer
        if time.monotonic() - begun >= deadline_seconds:
            raise AzureError(0, "StillWorking", f"{step.title} isn't ready after {deadline_seconds:.0f} s")
        sleep(poll_seconds)
        if operation is None:
            # A resource that is still being made may not be shown yet.
            answer = client.find(step.path, step.api_version) or {}


def _follow(client: Client, operation: str) -> bool:
    """Look at a running operation; tell whether it has ended well."""
    found = client.follow(operation)[0]
    status = str(found.get("status", "")).lower()
    if status in _ENDED and status != "succeeded":
        raise AzureError.from_answer(200, {"error": found.get("error") or {"code": "OperationFailed"}})
    return status == "succeeded"


def _is_ready(answer: Mapping[str, Any]) -> bool:
    if not answer:
        return False
    state = str((answer.get("properties") or {}).get("provisioningState", "Succeeded")).lower()
    if state in _ENDED and state != "succeeded":
        raise AzureError(200, "ProvisioningFailed", f"its provisioning state is {state}")
    return state == "succeeded"


def _take_over(client: Client, step: Step, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring an assignment of another name, made by somebody else, to the wanted condition."""
    wanted = body["properties"]
    scope = step.path.partition("/providers/Microsoft.Authorization/roleAssignments/")[0]
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    for one in client.list(path, step.api_version, _filter=f"principalId eq '{wanted['principalId']}'"):
        properties = one.get("properties") or {}
        same = str(properties.get("roleDefinitionId", "")).rpartition("/")[2].lower() == (
            str(wanted["roleDefinitionId"]).rpartition("/")[2].lower()
        )
        if not same or str(properties.get("scope", "")).lower() != scope.lower():
            continue
        if _plain(str(properties.get("condition") or "")) == _plain(str(wanted.get("condition") or "")):
            return one
        return client.put(str(one["id"]), step.api_version, dict(body))[0]
    raise AzureError(409, _ASSIGNED, "Azure says that the role is assigned, and shows no such assignment")


def _plain(text: str) -> str:
    """Reduce a text to what its spellings share; Key Vault writes a single address as a /32."""
    return "".join(text.split()).lower().removesuffix("/32")
