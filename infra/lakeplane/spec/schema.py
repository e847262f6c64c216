"""The JSON schema of environment specs, for editors and for scripts that write specs."""

from __future__ import annotations

from typing import Any

from lakeplane.spec.descriptions import describe
from lakeplane.spec.models import EnvironmentSpec
from lakeplane.spec.tiers import TIER_DEFAULTS, TIERS

__all__ = ["json_schema"]


def json_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) that a spec has to meet.

    Keys that the tier fills in are optional, with each tier's value in their description. Rules between keys
    and the names of bundled workloads are not in the schema: `lakeplane validate` checks those.
    """
    schema = EnvironmentSpec.model_json_schema(mode="validation")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    schema["required"] = [key for key in schema["required"] if key not in TIER_DEFAULTS[TIERS[0]]]
    definitions = schema["$defs"]
    _explain(schema, EnvironmentSpec)
    for name, field in EnvironmentSpec.model_fields.items():
        part = field.annotation
        if not isinstance(part, type) or part.__name__ not in definitions:
            continue
        definition = definitions[part.__name__]
        _explain(definition, part)
        if name in TIER_DEFAULTS[TIERS[0]]:
            definition.pop("required", None)
            for key in TIER_DEFAULTS[TIERS[0]][name]:
                _show_defaults(definition["properties"][key], name, key)
        if field.default is not None and not field.is_required():
            schema["properties"][name].pop("default", None)  # its parts say their own
    return schema


def _explain(definition: dict[str, Any], model: type) -> None:
    definition["description"] = (model.__doc__ or "").partition("\n")[0]
    for key, text in describe(model).items():
        definition["properties"][key]["description"] = text
        definition["properties"][key].pop("title", None)


def _show_defaults(definition: dict[str, Any], section: str, key: str) -> None:
    values = [TIER_DEFAULTS[tier][section][key] for tier in TIERS]
    by_tier = ", ".join(f"{tier} {value}" for tier, value in zip(TIERS, values, strict=True))
    said = f"By tier: {by_tier}." if len(set(values)) > 1 else f"{values[0]} if left out."
    definition["description"] = f"{definition.get('description', '')} {said}".strip()
