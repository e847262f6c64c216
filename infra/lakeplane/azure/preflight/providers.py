"""Whether resource providers and features are registered in the subscription."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import Needs
    from lakeplane.azure.sign_in import Caller

__all__ = ["FEATURES_API", "PROVIDERS_API", "check_features", "check_providers", "feature_path"]

PROVIDERS_API = "2021-04-01"
FEATURES_API = "2021-07-01"


def feature_path(subscription_id: str, feature: str) -> str:
    """Return the path of a feature such as `Microsoft.Compute/EncryptionAtHost`."""
    namespace, _, name = feature.partition("/")
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.Features/providers/{namespace}/features/{name}"
    )


def check_providers(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Compare the registered providers with those that the program's resource types need."""
    del caller
    try:
        listed = client.list(f"/subscriptions/{needs.subscription_id}/providers", PROVIDERS_API)
        states = {str(one.get("namespace", "")).lower(): str(one.get("registrationState")) for one in listed}
    except AzureError as error:
        return (not_checked("providers", ", ".join(needs.providers), error),)
    return tuple(_each(needs, states))


def _each(needs: Needs, states: dict[str, str]) -> Iterator[Result]:
    for namespace in needs.providers:
        state = states.get(namespace.lower(), "unknown to Azure")
        registered = state == "Registered"
        yield Result(
            code="PRF030",
            area="providers",
            subject=namespace,
            state=State.OK if registered else State.MISSING,
            found=state,
            remedy=""
            if registered
            else f"az provider register --namespace {namespace} --subscription {needs.subscription_id} "
            f"--wait (`lakeplane bootstrap {needs.name}` registers all of them)",
        )


def check_features(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Look at each feature that has to be registered before a resource may use it."""
    del caller
    results = []
    for feature in needs.features:
        namespace, _, name = feature.partition("/")
        try:
            found = client.get(feature_path(needs.subscription_id, feature), FEATURES_API)
        except AzureError as error:
            results.append(not_checked("features", feature, error))
            continue
        state = str((found.get("properties") or {}).get("state", "not told"))
        registered = state == "Registered"
        results.append(
            Result(
                code="PRF031",
                area="features",
                subject=feature,
                state=State.OK if registered else State.MISSING,
                found=state,
                remedy=""
                if registered
                else f"az feature register --namespace {namespace} --name {name} --subscription "
                f"{needs.subscription_id}, and once it is registered: az provider register --namespace "
                f"{namespace} (`lakeplane bootstrap {needs.name}` does both)",
            )
        )
    return tuple(results)
