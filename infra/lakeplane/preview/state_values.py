"""Inputs as the engine keeps them in a state, read as a program gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lakeplane.preview.seals import SEALED_AWAY
from lakeplane.provider_models.wire import UNKNOWN

__all__ = ["plain_inputs", "without_place"]

# Source: pulumi/pulumi, sdk/go/common/resource/sig/sig.go.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's public marker of secrets
_TAGS = {
    "c44067f5952c0a294b673a41bacd8c17": "$asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "$archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "$resource",
}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# What the engine adds to a provider's inputs; the program gives none of it.
_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL"})
_AUTONAMED = "pulumi.com/autonamed"
_BUILT_WHEEL = re.compile(r"^.*[/\\](\.lakeplane[/\\]wheels[/\\].*)$")


def plain_inputs(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's inputs as plain data with the markers of `lakeplane.provider_models.wire`.

    What providers and the engine add by themselves is left out where they say so: inputs listed in
    `__defaults` (pulumi/pulumi-terraform-bridge), names that the Kubernetes provider chose, and a provider's
    version. An encrypted secret becomes `{"$secret": None}`.
    """
    found = {name: _plain(value) for name, value in _without_defaults(inputs).items()}
    if token.startswith("pulumi:providers:"):
        return {name: value for name, value in found.items() if name not in _OF_THE_ENGINE}
    if token.startswith("kubernetes:"):
        return _without_autoname(found)
    return found


def without_place(value: Any) -> Any:
    """Return a value in which the path of a built wheel begins at its project, wherever that lies."""
    if isinstance(value, str):
        return _BUILT_WHEEL.sub(r"\1", value)
    if isinstance(value, Mapping):
        return {name: without_place(item) for name, item in value.items()}
    return [without_place(item) for item in value] if isinstance(value, list | tuple) else value


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return dict(UNKNOWN) if value == _UNKNOWN else value
    if not isinstance(value, Mapping):
        return value
    signature = value.get(_SIGNATURE)
    if not isinstance(signature, str):
        return {name: _plain(item) for name, item in _without_defaults(value).items()}
    if signature == _SECRET:
        return _secret(value)
    content = {name: _plain(item) for name, item in value.items() if name != _SIGNATURE}
    return {_TAGS.get(signature, f"${signature}"): content}


def _secret(value: Mapping[str, Any]) -> dict[str, Any]:
    if "plaintext" not in value:
        return dict(SEALED_AWAY)
    try:
        return {"$secret": _plain(json.loads(value["plaintext"]))}
    except (TypeError, ValueError):
        return dict(SEALED_AWAY)


def _without_defaults(value: Mapping[str, Any]) -> dict[str, Any]:
    defaults = value.get("__defaults")
    left_out = {str(name) for name in defaults} if isinstance(defaults, list) else set()
    return {name: item for name, item in value.items() if not name.startswith("__") and name not in left_out}


def _without_autoname(inputs: dict[str, Any]) -> dict[str, Any]:
    metadata = inputs.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if (
        not isinstance(metadata, Mapping)
        or not isinstance(annotations, Mapping)
        or _AUTONAMED not in annotations
    ):
        return inputs
    kept = {name: item for name, item in annotations.items() if name != _AUTONAMED}
    rest = {name: item for name, item in metadata.items() if name not in ("annotations", "name")}
    return {**inputs, "metadata": {**rest, **({"annotations": kept} if kept else {})}}
