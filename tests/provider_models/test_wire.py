"""Wire values: every marker there and back, and what the SDK itself writes."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from lakeplane.provider_models.wire import decode, decode_struct, encode, encode_struct, has_unknown, reveal

VALUES: dict[str, Any] = {
    "plain": {"text": "a", "number": 3, "part": 0.5, "yes": True, "none": None, "list": [1, [2]]},
    "unknown": {"$unknown": True},
    "secret": {"$secret": {"password": "p", "later": {"$unknown": True}}},
    "asset": {"$asset": {"path": "a.whl", "hash": "1"}},
    "archive": {"$archive": {"path": "a.zip"}},
    "resource": {"$resource": {"urn": "urn:pulumi:s::p::t::n", "id": "x"}},
}


def test_every_marker_survives_the_round_trip() -> None:
    assert decode_struct(encode_struct(VALUES)) == VALUES


def test_all_sentinels_of_the_engine_are_unknown() -> None:
    numbers = struct_pb2.Value(string_value="3eeb2bf0-c639-47a8-9e75-3b44932eb421")
    assert decode(numbers) == {"$unknown": True}


def test_the_sdk_reads_what_is_written() -> None:
    read = rpc.deserialize_properties(encode_struct(VALUES), keep_unknowns=True)
    assert read["plain"]["number"] == 3
    assert isinstance(read["unknown"], pulumi.output.Unknown)
    assert rpc.is_rpc_secret(read["secret"])


def test_what_the_sdk_writes_is_read() -> None:
    async def serialized() -> Any:
        asset = pulumi.FileAsset(__file__)
        return await rpc.serialize_property(asset, [], None)

    value = struct_pb2.Value()
    value.struct_value.update(asyncio.run(serialized()))
    assert decode(value)["$asset"]["path"] == __file__


def test_unknowns_and_secrets_are_found_inside() -> None:
    assert has_unknown(VALUES["secret"])
    assert not has_unknown(VALUES["plain"])
    assert reveal(VALUES["secret"]) == {"password": "p", "later": {"$unknown": True}}
    assert decode(encode("text")) == "text"
