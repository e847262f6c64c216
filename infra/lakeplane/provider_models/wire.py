"""Values as they travel between programs, engine and providers, read value by value.

On the wire, secrets, unknowns and assets are objects with a signature or strings with a magic content. Here
they are plain data with a marker, so that nothing else needs to know the encoding:

    {"$unknown": true}              a value that nobody knows yet
    {"$secret": VALUE}              a secret; VALUE may itself be unknown or hold markers
    {"$asset": {...}}               a file, text or remote asset
    {"$archive": {...}}             an archive
    {"$resource": {"urn": …, "id": …}}  a reference to a resource
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

__all__ = [
    "UNKNOWN",
    "decode",
    "decode_struct",
    "encode",
    "encode_struct",
    "has_unknown",
    "is_unknown",
    "reveal",
]

UNKNOWN: Mapping[str, Any] = {"$unknown": True}

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's public marker of secrets
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
# One sentinel a type in Pulumi's engine; the Python SDK understands the first only, so that one is written.
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_SENTINELS = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_TAGGED = {_ASSET: "$asset", _ARCHIVE: "$archive", _RESOURCE: "$resource"}


def decode(value: struct_pb2.Value) -> Any:
    """Read one value of the wire."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return _decode_object(value.struct_value)
        case "list_value":
            return [decode(item) for item in value.list_value.values]
        case "string_value":
            text: str = value.string_value
            return dict(UNKNOWN) if text in _UNKNOWN_SENTINELS else text
        case "number_value":
            number: float = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return bool(value.bool_value)
        case _:
            return None


def decode_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Read the properties of a resource, without the metadata that the engine adds to some requests."""
    return {key: decode(value) for key, value in sorted(struct.fields.items())}


def _decode_object(struct: struct_pb2.Struct) -> Any:
    fields = struct.fields
    if _SIGNATURE not in fields:
        return {key: decode(value) for key, value in sorted(fields.items())}
    signature = fields[_SIGNATURE].string_value
    if signature == _SECRET:
        return {"$secret": decode(fields["value"])}
    if signature == _OUTPUT:
        inner = decode(fields["value"]) if "value" in fields else dict(UNKNOWN)
        secret = "secret" in fields and fields["secret"].bool_value
        return {"$secret": inner} if secret else inner
    content = {key: decode(value) for key, value in fields.items() if key != _SIGNATURE}
    return {_TAGGED.get(signature, f"${signature}"): content}


def encode(value: Any) -> struct_pb2.Value:
    """Write one value, markers included, as it travels on the wire."""
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case list() | tuple():
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[encode(item) for item in value]))
        case _:
            return _encode_object(value)


def _encode_object(value: Mapping[str, Any]) -> struct_pb2.Value:
    if is_unknown(value):
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    properties = value
    if "$secret" in value:
        properties = {_SIGNATURE: _SECRET, "value": value["$secret"]}
    for signature, tag in _TAGGED.items():
        if tag in value:
            properties = {_SIGNATURE: signature, **value[tag]}
    return struct_pb2.Value(struct_value=encode_struct(properties))


def encode_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write the properties of a resource as they travel on the wire."""
    return struct_pb2.Struct(fields={key: encode(value) for key, value in properties.items()})


def is_unknown(value: Any) -> bool:
    """Tell whether a value is the marker of an unknown."""
    return isinstance(value, Mapping) and "$unknown" in value


def has_unknown(value: Any) -> bool:
    """Tell whether a value is unknown or holds an unknown anywhere inside it."""
    if isinstance(value, Mapping):
        return "$unknown" in value or any(has_unknown(item) for item in value.values())
    return isinstance(value, list | tuple) and any(has_unknown(item) for item in value)


def reveal(value: Any) -> Any:
    """Return the value with the secrets' markers taken off; unknowns keep theirs."""
    if isinstance(value, Mapping):
        if "$secret" in value:
            return reveal(value["$secret"])
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list | tuple) else value
