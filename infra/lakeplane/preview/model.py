"""The preview of an environment, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane.render import Resource

__all__ = ["Cost", "Preview", "PreviewedResource"]


@dataclass(frozen=True, slots=True)
class PreviewedResource:
    """One resource of an environment.

    Attributes:
        layer: The stack that it belongs to: `foundation` or `contents`.
        resource: What the program registers.
        change: What an update would do; without a base to compare with, `create`, or `read` for what is
            only looked up.
    """

    layer: str
    resource: Resource
    change: str = "create"


@dataclass(frozen=True, slots=True)
class Cost:
    """What the environment would cost.

    Attributes:
        currency: Currency of the figures.
        monthly: Sum of the lines; absent while anything that costs money isn't priced and nothing is.
        delta: Difference to the base; absent without one.
        not_priced: URNs of resources that cost money, but have no price here.
        lines: One entry for each priced resource.
    """

    currency: str = "USD"
    monthly: float | None = None
    delta: float | None = None
    not_priced: tuple[str, ...] = ()
    lines: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """An environment as its program describes it.

    Attributes:
        environment: Name of the environment.
        layers: The layers looked at, in the order in which they are deployed.
        resources: What each layer registers, by layer and URN; stacks themselves are left out.
        findings: What is wrong or worth knowing.
        cost: What it would cost.
        quota: What it would take of the subscription's quota; nothing is counted yet.
    """

    environment: str
    layers: tuple[str, ...]
    resources: tuple[PreviewedResource, ...]
    findings: tuple[Diagnostic, ...] = ()
    cost: Cost = Cost()
    quota: tuple[Mapping[str, Any], ...] = ()
