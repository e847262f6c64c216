"""One resource whose cost or quota is asked, and what has to be known of the others for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.costs.assumptions import Assumptions
from lakeplane.costs.ledger import Ledger, Payer
from lakeplane.provider_models.wire import is_unknown, reveal
from lakeplane.render import Resource

__all__ = ["KNOWN_LATER", "Billed", "Estate", "Pricer", "amount", "at", "is_later", "text", "whole"]

KNOWN_LATER = "known only once it is deployed"
"""Why something has no figure whose size is an unknown of the preview."""

_DATABRICKS_WORKSPACE = "azure-native:databricks:Workspace"
# Standard "is retiring in October 2026" (price notes of 2026-03-07): where no workspace is seen, premium.
_TIER = "premium"


@dataclass(frozen=True, slots=True)
class Estate:
    """All resources of one environment or hub.

    Attributes:
        resources: What a provider manages, by URN. region: Region of what names none. assumptions: Declared
        use. databricks_tier: Tier of the Databricks workspace, in lower case; premium where there is none to
        be seen. by_type: The same resources by type, in the order of the registrations.
    """

    resources: Mapping[str, Resource]
    region: str
    assumptions: Assumptions
    databricks_tier: str
    by_type: Mapping[str, tuple[Resource, ...]]

    @classmethod
    def of(cls, resources: Iterable[Resource], region: str, assumptions: Assumptions) -> Estate:
        """Return the estate of some registrations; components and what is only read cost nothing."""
        managed = {one.urn: one for one in resources if one.managed}
        by_type: dict[str, list[Resource]] = {}
        for one in managed.values():
            by_type.setdefault(one.type, []).append(one)
        tiers = [text(one.inputs, "sku", "name") for one in by_type.get(_DATABRICKS_WORKSPACE, ())]
        return cls(
            managed,
            region,
            assumptions,
            next((tier.lower() for tier in tiers if tier), _TIER),
            {token: tuple(found) for token, found in by_type.items()},
        )

    def billed(self) -> Iterable[Billed]:
        """Return each resource with what its cost depends on, in the order of the registrations."""
        return (Billed(one, dict(reveal(one.inputs)), self) for one in self.resources.values())


@dataclass(frozen=True, slots=True)
class Billed:
    """One resource.

    Attributes:
        resource: What the program registers.
        inputs: Its inputs, without the marks of secrets.
        estate: The resources around it.
    """

    resource: Resource
    inputs: Mapping[str, Any]
    estate: Estate

    @property
    def region(self) -> str:
        """Where it stands; the estate's region where it names none, or is everywhere."""
        location = (text(self.inputs, "location") or "").replace(" ", "").lower()
        return self.estate.region if location in ("", "global") else location

    @property
    def assumptions(self) -> Assumptions:
        """Declared use."""
        return self.estate.assumptions

    def others(self, token: str) -> tuple[Resource, ...]:
        """Return all resources of a type."""
        return self.estate.by_type.get(token, ())

    def payer(self, workload: str | None = None) -> Payer:
        """Return who pays."""
        return Payer(self.resource.urn, self.region, workload)

    def needed(self, token: str, *properties: str) -> tuple[Resource, ...]:
        """Return the resources of a type that some of its properties depend on."""
        urns = [urn for name in properties for urn in self.resource.property_dependencies.get(name, ())]
        found = (self.estate.resources.get(urn) for urn in dict.fromkeys(urns))
        return tuple(one for one in found if one is not None and one.type == token)


Pricer = Callable[[Ledger, Billed], None]
"""Enters what one resource costs."""


def at(document: Any, *path: str) -> Any:
    """Return the value at a path, or None where there is none."""
    for key in path:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def amount(document: Any, *path: str) -> float | None:
    """Return the number at a path; None if there is none or it is not known yet."""
    value = at(document, *path)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(document: Any, *path: str, absent: int | None = None) -> int | None:
    """Return the whole number at a path, or `absent` if there is nothing; None if it is not known yet."""
    if at(document, *path) is None:
        return absent
    value = amount(document, *path)
    return int(value) if value is not None and value >= 0 and value.is_integer() else None


def text(document: Any, *path: str) -> str | None:
    """Return the text at a path; None if there is none or it is not known yet."""
    value = at(document, *path)
    return value if isinstance(value, str) else None


def is_later(document: Any, *path: str) -> bool:
    """Tell whether the value at a path is known only once it is deployed."""
    return is_unknown(at(document, *path))
