"""Previews of committed specs, rendered once, and single resources in the form that renders give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lakeplane.costs import Assumptions, Cost, PriceTable, work_out_cost
from lakeplane.preview import Preview, preview_environment
from lakeplane.render import Resource

ENVIRONMENTS = Path(__file__).parents[2] / "stacks" / "environments"
REGION = "westeurope"

Previews = Callable[[str], Preview]
Register = Callable[..., Resource]
Work = Callable[..., Cost]


@pytest.fixture(scope="session")
def previewed() -> Previews:
    """Return the preview of a committed spec by its name, such as `examples/max`."""
    known: dict[str, Preview] = {}

    def preview(name: str) -> Preview:
        if name not in known:
            known[name] = preview_environment(ENVIRONMENTS / f"{name}.yaml")
        return known[name]

    return preview


@pytest.fixture
def register() -> Register:
    """Return a function that makes a resource as a render does."""

    def make(
        token: str,
        name: str = "one",
        inputs: Mapping[str, Any] | None = None,
        *,
        needs: Mapping[str, tuple[Resource, ...]] | None = None,
        custom: bool = True,
    ) -> Resource:
        return Resource(
            urn=f"urn:pulumi:dev.contents::lakeplane::{token}::{name}",
            type=token,
            name=name,
            custom=custom,
            inputs=dict(inputs or {}),
            property_dependencies={
                key: tuple(one.urn for one in ones) for key, ones in (needs or {}).items()
            },
        )

    return make


@pytest.fixture
def work() -> Work:
    """Return a function that works out the cost of resources in West Europe."""

    def cost(
        *resources: Resource, prices: PriceTable | None = None, region: str = REGION, **declared: Any
    ) -> Cost:
        return work_out_cost(resources, region=region, assumptions=Assumptions(**declared), prices=prices)

    return cost
