"""Values and texts as people read them, on one line."""

from __future__ import annotations

import itertools
import json
import unicodedata
from typing import Any

__all__ = ["cut", "told_pair", "told_value", "visible"]

_MARKED = {"$unknown": "known after the update", "$secret": "secret", "$absent": "not set"}
_LONG = 60


def cut(text: str, most: int) -> str:
    """Return a text, shortened to a number of characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def told_value(value: Any, most: int = 160) -> str:
    """Write a value on one line: JSON, with markers in words; cut after `most` characters."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if name in _MARKED:
            return f"({_MARKED[name]})"
    text = visible(json.dumps(_spelled(value), ensure_ascii=False, sort_keys=True))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def told_pair(before: Any, after: Any) -> tuple[str, str]:
    """Write two values one above the other: of long paths only what follows the part that both share."""
    if isinstance(before, str) and isinstance(after, str) and min(len(before), len(after)) > _LONG:
        equal = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
        shared = "".join(one for one, _ in equal).rpartition("/")[0]
        if len(shared) > _LONG // 2:
            before, after = f"…{before[len(shared) :]}", f"…{after[len(shared) :]}"
    return told_value(before), told_value(after)


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in _MARKED:
            return f"({_MARKED[next(iter(value))]})"
        return {name: _spelled(item) for name, item in value.items()}
    return [_spelled(item) for item in value] if isinstance(value, list) else value


def visible(text: str) -> str:
    """Write what nobody sees, or what turns text around, by its number; line breaks among them."""
    return "".join(
        f"\\u{{{ord(one):x}}}" if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else one
        for one in text
    )
