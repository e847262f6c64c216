"""Whether the subscription and the tenant are those of the spec, and can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import Needs
    from lakeplane.azure.sign_in import Caller

__all__ = ["check_subscription"]

_AREA = "subscription"
# Answers of ARM to a token of another tenant, and to a subscription that the caller cannot see.
_FOREIGN = frozenset({"InvalidAuthenticationTokenTenant", "SubscriptionNotFound", "InvalidSubscriptionId"})


def check_subscription(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Read the subscription, and compare its tenant with the spec's."""
    del caller
    subject = needs.subscription_id
    log_in = f"az login --tenant {needs.tenant_id}"
    try:
        found = client.get(f"/subscriptions/{needs.subscription_id}", "2022-12-01")
    except AzureError as error:
        if error.code not in _FOREIGN:
            return (not_checked(_AREA, subject, error),)
        return (
            _missing(
                subject, str(error), f"correct subscription and tenant in the spec, or sign in: {log_in}"
            ),
        )
    tenant, state = str(found.get("tenantId", "")), str(found.get("state", ""))
    if tenant.lower() != needs.tenant_id.lower():
        return (_missing(subject, f"belongs to tenant {tenant}", f"set tenant in the spec to {tenant}"),)
    if state != "Enabled":
        return (
            _missing(
                subject,
                f"its state is {state or 'not told'}",
                "have the account's owner enable the subscription, or name another one",
            ),
        )
    name = str(found.get("displayName", ""))
    return (
        Result(code="PRF010", area=_AREA, subject=subject, state=State.OK, found=f"{name}, tenant {tenant}"),
    )


def _missing(subject: str, found: str, remedy: str) -> Result:
    return Result(code="PRF010", area=_AREA, subject=subject, state=State.MISSING, found=found, remedy=remedy)
