"""Registering resource providers and features, which takes minutes and is asked about until it is done."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lakeplane.azure.bootstrap.steps import Kind, Step
from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.providers import PROVIDERS_API

if TYPE_CHECKING:
    from lakeplane.azure.client import Client

__all__ = ["registered"]

_DONE = "Registered"


def registered(
    client: Client,
    step: Step,
    say: Callable[[str], None],
    sleep: Callable[[float], None],
    poll_seconds: float,
    deadline_seconds: float,
    *,
    begin_only: bool = False,
) -> bool:
    """Register a provider or a feature, and wait until it is.

    Args:
        client: Asks ARM.
        step: The registration.
        say: Told the state while it lasts.
        sleep: Waits some seconds.
        poll_seconds: Seconds between two looks.
        deadline_seconds: Seconds after which it counts as failed.
        begin_only: Whether to come back at once instead of waiting.

    Returns:
        Whether anything was changed.

    Raises:
        AzureError: Azure refuses, or it takes too long.
    """
    state = _state(client.get(step.path, step.api_version), step.kind)
    if state == _DONE:
        if step.kind is Kind.REGISTER_FEATURE:
            # A run that was killed may have come as far as this, and no further.
            with contextlib.suppress(AzureError):
                _let_provider_know(client, step)
        return False
    if state not in ("Registering", "Pending"):
        client.post(f"{step.path}/register", step.api_version)
    if begin_only:
        return True
    begun = time.monotonic()
    while (state := _state(client.get(step.path, step.api_version), step.kind)) != _DONE:
        waited = time.monotonic() - begun
        if waited >= deadline_seconds:
            raise AzureError(
                0, "StillRegistering", f"{step.title} is {state} after {waited:.0f} s; Azure goes on with it"
            )
        say(f"{step.title}: {state}")
        sleep(poll_seconds)
    if step.kind is Kind.REGISTER_FEATURE:
        _let_provider_know(client, step)
    return True


def _let_provider_know(client: Client, step: Step) -> None:
    """Register the feature's provider again, for only then it takes note of the feature.

    Microsoft Learn, "Set up preview features in Azure subscription".
    """
    _, _, subscription, _, _, _, namespace, *_ = step.path.split("/")
    client.post(f"/subscriptions/{subscription}/providers/{namespace}/register", PROVIDERS_API)


def _state(found: dict[str, Any], kind: Kind) -> str:
    if kind is Kind.REGISTER_PROVIDER:
        return str(found.get("registrationState", ""))
    return str((found.get("properties") or {}).get("state", ""))
