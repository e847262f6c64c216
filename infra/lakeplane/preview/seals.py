"""Secrets, sealed: they can be compared with each other, and never be read again.

Nothing of lakeplane is imported here: the process that renders a base runs this file beside another version.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

__all__ = ["SEALED_AWAY", "Seal", "compare_secrets", "is_secret", "new_seal", "seal", "without_seals"]

Seal = bytes
"""Key of one comparison; whoever has it can tell whether two secrets are equal."""

SEALED_AWAY: Mapping[str, Any] = {"$secret": None}
"""A secret that somebody else encrypted: nobody here can compare it."""


def new_seal() -> Seal:
    """Return a key for one comparison; it is never kept."""
    return os.urandom(32)


def seal(value: Any, key: Seal) -> Any:
    """Return a value with each secret in it sealed: `{"$secret": "DIGEST"}`.

    An unknown secret becomes `{"$secret": {"$unknown": True}}`; one that somebody else encrypted stays.
    """
    if isinstance(value, Mapping):
        if "$secret" not in value:
            return {name: seal(item, key) for name, item in value.items()}
        clear = _clear(value)
        text = json.dumps(clear, sort_keys=True, default=str)
        if clear is None or '"$unknown"' in text:
            return dict(SEALED_AWAY) if clear is None else {"$secret": {"$unknown": True}}
        return {"$secret": hashlib.blake2b(text.encode(), key=key, digest_size=32).hexdigest()}
    return [seal(item, key) for item in value] if isinstance(value, list | tuple) else value


def is_secret(value: Any) -> bool:
    """Tell whether a value is a secret."""
    return isinstance(value, Mapping) and "$secret" in value


def compare_secrets(before: Any, after: Any) -> bool | None:
    """Tell whether two sealed values are equal; None if nobody can know, as when one was never secret."""
    if not (is_secret(before) and is_secret(after)):
        return None
    was, is_now = before["$secret"], after["$secret"]
    if not (isinstance(was, str) and isinstance(is_now, str)):
        return None
    return was == is_now


def without_seals(value: Any) -> Any:
    """Return a value for people and scripts: `{"$secret": True}` in the place of each secret."""
    if isinstance(value, Mapping):
        if "$secret" in value:
            return {"$secret": True}
        return {name: without_seals(item) for name, item in value.items()}
    return [without_seals(item) for item in value] if isinstance(value, list | tuple) else value


def _clear(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "$secret" in value:
            return _clear(value["$secret"])
        return {name: _clear(item) for name, item in value.items()}
    return [_clear(item) for item in value] if isinstance(value, list | tuple) else value
