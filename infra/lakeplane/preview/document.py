"""The preview as one JSON object, for scripts."""

from __future__ import annotations

from typing import Any

from lakeplane.costs import Cost
from lakeplane.diagnostics import Diagnostic
from lakeplane.preview.differences import Difference
from lakeplane.preview.model import Preview, PreviewedResource
from lakeplane.preview.quota_growth import quota_before
from lakeplane.preview.seals import without_seals

__all__ = ["to_json"]


def to_json(preview: Preview) -> dict[str, Any]:
    """Return the preview as plain data.

    Secrets are told as `{"$secret": true}`, never by their value, unknowns as `{"$unknown": true}`, and what
    isn't there before or after a change as `{"$absent": true}`. `new` of a finding is null if nobody judged
    the base.
    """
    return {
        "environment": preview.environment,
        "layers": list(preview.layers),
        "resources": [_resource(one) for one in preview.resources],
        "findings": [{**finding.to_dict(), "new": preview.is_new(finding)} for finding in preview.findings],
        "covered": [_covered(preview, one) for one in preview.covered],
        "cost": _cost(preview.cost, preview.cost_delta),
        "quota": [{**need.to_dict(), "before": quota_before(preview, need)} for need in preview.quota],
        "base": None
        if preview.base is None
        else {
            "kind": preview.base.kind,
            "name": preview.base.name,
            "commit": preview.base.commit,
            "known": preview.base_is_known,
            "use": "now" if preview.base_use_is_of_now else "own" if preview.base_cost else None,
        },
        "budget": preview.budget,
        "changes": {change.value: count for change, count in preview.counts.items()},
    }


def _covered(preview: Preview, finding: Diagnostic) -> dict[str, Any]:
    new = preview.newly_covered
    return {**finding.to_dict(), "new": None if new is None else finding in new}


def _cost(cost: Cost, delta: float | None) -> dict[str, Any]:
    return {
        "currency": cost.currency,
        "monthly": _cents(cost.expected),
        "low": _cents(cost.low),
        "high": _cents(cost.high),
        "delta": _cents(delta),
        "not_priced": [one.to_dict() for one in cost.not_priced],
        "lines": [line.to_dict() for line in cost.lines],
    }


def _cents(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def _resource(previewed: PreviewedResource) -> dict[str, Any]:
    resource = previewed.resource
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "layer": previewed.layer,
        "inputs": without_seals(resource.inputs),
        "parent": resource.parent,
        "provider": resource.provider,
        "dependencies": list(resource.dependencies),
        "protect": resource.protect,
        "change": previewed.change.value,
        "differences": [_difference(one) for one in previewed.differences],
        "reasons": list(previewed.reasons),
        "former_urn": previewed.former_urn,
        "holds": previewed.holds or None,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "path": difference.path,
        "before": difference.before,
        "after": difference.after,
        "replaces": difference.replaces,
        "certain": difference.certain,
    }
