"""The preview as one JSON object, for scripts."""

from __future__ import annotations

from typing import Any

from lakeplane.preview.model import Preview, PreviewedResource

__all__ = ["to_json"]


def to_json(preview: Preview) -> dict[str, Any]:
    """Return the preview as plain data.

    Secrets are told as `{"$secret": true}`, never by their value, and unknowns as `{"$unknown": true}`.
    """
    cost = preview.cost
    return {
        "environment": preview.environment,
        "layers": list(preview.layers),
        "resources": [_resource(one) for one in preview.resources],
        "findings": [finding.to_dict() for finding in preview.findings],
        "cost": {
            "currency": cost.currency,
            "monthly": cost.monthly,
            "delta": cost.delta,
            "not_priced": list(cost.not_priced),
            "lines": [dict(line) for line in cost.lines],
        },
        "quota": [dict(line) for line in preview.quota],
    }


def _resource(previewed: PreviewedResource) -> dict[str, Any]:
    resource = previewed.resource
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "layer": previewed.layer,
        "inputs": _without_secrets(resource.inputs),
        "parent": resource.parent,
        "provider": resource.provider,
        "dependencies": list(resource.dependencies),
        "protect": resource.protect,
        "change": previewed.change,
    }


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        if "$secret" in value:
            return {"$secret": True}
        return {key: _without_secrets(item) for key, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
