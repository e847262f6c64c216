"""The cost and the quota of a preview: resources, what the spec declares, and the project's prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lakeplane.costs import (
    Cost,
    QuotaNeed,
    check_budget,
    check_quota,
    count_quota,
    declared,
    declared_of_hub,
    load_prices,
    tell_unpriced,
    work_out_cost,
)
from lakeplane.diagnostics import Diagnostic
from lakeplane.layout import ProjectLayout
from lakeplane.render import Resource
from lakeplane.spec import EnvironmentSpec, load_workload
from lakeplane.spec.documents import read_document
from lakeplane.spec.hub import HubSpec

__all__ = ["Estimate", "estimate"]

_GROUP = "azure-native:resources:ResourceGroup"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What resources cost and what they take of limits.

    Attributes:
        cost: The cost of a month.
        quota: What is needed of each limit.
        findings: A budget or limit that is exceeded, and how much is not priced.
    """

    cost: Cost
    quota: tuple[QuotaNeed, ...]
    findings: tuple[Diagnostic, ...]


def estimate(
    spec: EnvironmentSpec | HubSpec, spec_path: Path, project: ProjectLayout, resources: Sequence[Resource]
) -> Estimate:
    """Estimate resources of an environment or a hub.

    Args:
        spec: The environment or hub: its region, tier, budget and declared use.
        spec_path: Its file, for the budget's place.
        project: The project, for its own prices.
        resources: What the program registers.

    Raises:
        PlanError: The project's price file is wrong.
        SpecError: A workload's manifest is wrong.
    """
    if isinstance(spec, EnvironmentSpec):
        assumptions, tier = declared(spec, [load_workload(name) for name in spec.workloads]), spec.tier
    else:
        assumptions, tier = declared_of_hub(spec), "prod"
    region = _region_of(resources) or spec.region
    cost = work_out_cost(resources, region=region, assumptions=assumptions, prices=load_prices(project))
    quota = count_quota(resources, region=region)
    findings = (
        *_with_places(check_budget(cost, spec.monthly_budget, tier=tier), spec_path),
        *check_quota(quota),
        *tell_unpriced(cost),
    )
    return Estimate(cost, quota, findings)


def _region_of(resources: Iterable[Resource]) -> str | None:
    """Return where an environment stands; a base may have stood elsewhere than its spec says now."""
    groups = (one.inputs.get("location") for one in resources if one.type == _GROUP)
    return next((location for location in groups if isinstance(location, str)), None)


def _with_places(findings: Iterable[Diagnostic], spec_path: Path) -> list[Diagnostic]:
    found = list(findings)
    document = read_document(spec_path) if found else None
    return [replace(one, location=document.locate(one.path)) for one in found if document is not None]
