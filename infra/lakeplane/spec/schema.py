"""The JSON schemas of specs, for editors and for scripts that write specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from lakeplane.spec.descriptions import describe
from lakeplane.spec.hub import HubSpec
from lakeplane.spec.models import EnvironmentSpec
from lakeplane.spec.tiers import TIER_DEFAULTS, TIERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

__all__ = ["hub_json_schema", "json_schema"]

_DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
_FROM_HUB = ["subscription", "tenant"]


def json_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) that a spec has to meet.

    Keys that the tier fills in are optional, with each tier's value in their description. Rules between keys
    and the names of bundled workloads are not in the schema: `lakeplane validate` checks those.
    """
    schema = {**_DIALECT, **EnvironmentSpec.model_json_schema(mode="validation")}
    filled = {*TIER_DEFAULTS[TIERS[0]], *_FROM_HUB}
    schema["required"] = [key for key in schema["required"] if key not in filled]
    behind_hub = {"required": ["network"], "properties": {"network": {"required": ["hub"]}}}
    schema["anyOf"] = [{"required": _FROM_HUB}, behind_hub]
    definitions = schema["$defs"]
    _explain(schema, EnvironmentSpec)
    for model in _models_below(EnvironmentSpec):
        _explain(definitions[model.__name__], model)
    for name, field in EnvironmentSpec.model_fields.items():
        part = field.annotation
        if not isinstance(part, type) or part.__name__ not in definitions:
            continue
        _explain_section(part, definitions, [TIER_DEFAULTS[tier].get(name, {}) for tier in TIERS])
        if field.default is not None and not field.is_required():
            schema["properties"][name].pop("default", None)  # its parts say their own
    return schema


def hub_json_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) that a hub's spec has to meet."""
    schema = {**_DIALECT, **HubSpec.model_json_schema(mode="validation")}
    definitions = schema["$defs"]
    models = {model.__name__: model for model in _models_below(HubSpec)}
    _explain(schema, HubSpec)
    for name, definition in definitions.items():
        _explain(definition, models[name])
    return schema


def _models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            yield part
            yield from _models_below(part)


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    """Find the models in a key's type, however deep."""
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation
    for one in get_args(annotation):
        yield from _parts(one)


def _explain_section(
    model: type[BaseModel], definitions: dict[str, Any], by_tier: Sequence[Mapping[str, Any]]
) -> None:
    definition = definitions[model.__name__]
    _explain(definition, model)
    if by_tier[0]:
        definition.pop("required", None)
    for key, field in model.model_fields.items():
        values = [defaults[key] for defaults in by_tier if key in defaults]
        part = next((one for one in _types(field.annotation) if one.__name__ in definitions), None)
        if part is not None:
            _explain_section(part, definitions, values or [{}])
        elif values:
            _show_defaults(definition["properties"][key], values)


def _types(annotation: Any) -> list[type]:
    """Return the types that a key takes: one, or several where it may be left out."""
    return [one for one in (annotation, *get_args(annotation)) if isinstance(one, type)]


def _explain(definition: dict[str, Any], model: type) -> None:
    definition["description"] = (model.__doc__ or "").partition("\n")[0]
    for key, text in describe(model).items():
        definition["properties"][key]["description"] = text
        definition["properties"][key].pop("title", None)


def _show_defaults(definition: dict[str, Any], values: Sequence[Any]) -> None:
    by_tier = ", ".join(f"{tier} {value}" for tier, value in zip(TIERS, values, strict=True))
    said = f"By tier: {by_tier}." if len(set(values)) > 1 else f"{values[0]} if left out."
    definition["description"] = f"{definition.get('description', '')} {said}".strip()
