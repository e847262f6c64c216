"""Azure Container Apps: the hub's runner."""

from __future__ import annotations

from collections.abc import Mapping

from lakeplane.costs.billed import Billed, Pricer
from lakeplane.costs.ledger import Ledger

__all__ = ["PRICERS"]


def _price_environment(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(
        billed.payer(), "environment of container apps", "no prices of Azure Container Apps are at hand"
    )


def _price_job(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(
        billed.payer(), "cores and memory of a container job", "no prices of Azure Container Apps are at hand"
    )


PRICERS: Mapping[str, Pricer] = {
    "azure-native:app:Job": _price_job,
    "azure-native:app:ManagedEnvironment": _price_environment,
}
