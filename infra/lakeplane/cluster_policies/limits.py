"""Limits of a policy definition: the seven types, read from the API's JSON and checked.

The types and their fields are those of the reference (see `evaluator.py`). The service itself takes a
definition of any shape and refuses the clusters made under it later (databricks/cli pull request 6492); here
it is refused before it gets there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.cluster_policies.attributes import FREE_MAPS
from lakeplane.diagnostics import Diagnostic

__all__ = ["Limit", "as_text", "check_definition", "equal", "read_limits"]

Rule = Mapping[str, Any]
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
_FIELDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    # type: (fields that it needs, fields that it may have)
    "fixed": (frozenset({"value"}), frozenset({"hidden"})),
    "forbidden": (frozenset(), frozenset({"hidden"})),
    "allowlist": (frozenset({"values"}), frozenset({"defaultValue", "isOptional", "hidden"})),
    "blocklist": (frozenset({"values"}), frozenset({"defaultValue", "isOptional", "hidden"})),
    "regex": (frozenset({"pattern"}), frozenset({"defaultValue", "isOptional", "hidden"})),
    "range": (frozenset(), frozenset({"minValue", "maxValue", "defaultValue", "isOptional", "hidden"})),
    "unlimited": (frozenset(), frozenset({"defaultValue", "isOptional", "hidden"})),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit on one attribute.

    Attributes:
        path: Path of the attribute.
        kind: One of the seven types.
        rule: The limit's JSON.
    """

    path: str
    kind: str
    rule: Rule

    @property
    def required(self) -> bool:
        """Whether the attribute has to be there: any limiting type asks so, unless it is optional."""
        return self.kind not in ("fixed", "forbidden") and not self.rule.get("isOptional", False)

    @property
    def allowed(self) -> str:
        """What the limit allows, in words."""
        return _WORDS[self.kind](self.rule)

    def allows(self, value: Any) -> bool:
        """Tell whether the limit lets a value through that is there."""
        return _TESTS[self.kind](self.rule, value)


def read_limits(definition: Mapping[str, Any]) -> list[Limit]:
    """Read a definition that `check_definition` finds nothing wrong with, in alphabetical order of paths."""
    return [Limit(path, rule["type"], rule) for path, rule in sorted(definition.items())]


def equal(one: Any, other: Any) -> bool:
    """Compare values as policies do: a number with a number as numbers, everything else as text.

    Two texts are never compared as numbers: the tag "0471" is not the tag "471".
    """
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return bool(one == other)
    left, right = _number(one), _number(other)
    if left is not None and right is not None and not (isinstance(one, str) and isinstance(other, str)):
        return left == right
    return as_text(one) == as_text(other)


def check_definition(definition: Any) -> tuple[Diagnostic, ...]:
    """Find what is wrong with a definition itself, before any cluster is held against it."""
    if not isinstance(definition, Mapping):
        found = f"found {type(definition).__name__}"
        return (_wrong("", "definition is not a mapping of attributes to limits", found, "a mapping"),)
    findings: list[Diagnostic] = []
    for path, rule in definition.items():
        findings += _check_path(path) or _check_rule(path, rule)
    return tuple(findings)


def _check_path(path: Any) -> list[Diagnostic]:
    allowed = "an attribute of the Clusters API, its keys joined with dots"
    if not isinstance(path, str) or not all(path.split(".")):
        return [_wrong(str(path), "path of an attribute has an empty part", f"found {path!r}", allowed)]
    first, _, key = path.partition(".")
    if first in FREE_MAPS and "*" in key and key != "*":
        # Taken by its letters it would limit a key that nobody has, which looks like a limit and is none.
        return [_wrong(path, "wildcard inside a key", f"found {key!r}", "one key in full, or * for all keys")]
    return []


def _check_rule(path: str, rule: Any) -> list[Diagnostic]:
    if not isinstance(rule, Mapping) or rule.get("type") not in _FIELDS:
        kind = rule.get("type") if isinstance(rule, Mapping) else rule
        return [_wrong(path, "limit has no known type", f"found {kind!r}", ", ".join(_FIELDS))]
    needs, may = _FIELDS[rule["type"]]
    fields = set(rule) - {"type"}
    findings = [
        _wrong(
            path,
            f"limit of type {rule['type']} takes no {field}",
            f"found {rule[field]!r}",
            ", ".join(sorted(needs | may)),
        )
        for field in sorted(fields - needs - may)
    ] + [
        _wrong(path, f"limit of type {rule['type']} lacks {field}", "found none", field)
        for field in sorted(needs - fields)
    ]
    return findings or _check_fields(path, rule) or _check_values(path, rule)


def _check_fields(path: str, rule: Rule) -> list[Diagnostic]:
    values = [rule[field] for field in ("value", "defaultValue") if field in rule]
    values += rule["values"] if isinstance(rule.get("values"), list) else []
    findings = [
        _wrong(path, "value is neither text nor number nor boolean", f"found {value!r}", "one of those")
        for value in values
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value))
    ]
    return findings + [
        _wrong(path, f"{field} is not true or false", f"found {rule[field]!r}", "true, false")
        for field in ("hidden", "isOptional")
        if not isinstance(rule.get(field, False), bool)
    ]


def _check_values(path: str, rule: Rule) -> list[Diagnostic]:
    if "values" in rule and (not isinstance(rule["values"], list) or not rule["values"]):
        return [
            _wrong(
                path,
                "values is not a list of values",
                f"found {rule['values']!r}",
                "a list with a value at least",
            )
        ]
    if "pattern" in rule:
        try:
            re.compile(rule["pattern"])
        except (re.error, TypeError) as error:
            return [_wrong(path, "pattern is no regular expression", str(error), "a regular expression")]
    bounds = [rule[field] for field in ("minValue", "maxValue") if field in rule]
    if any(isinstance(bound, str) or _number(bound) is None for bound in bounds):
        return [_wrong(path, "bound of a range is no number", f"found {bounds!r}", "numbers")]
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        return [
            _wrong(path, "range is empty", f"found {bounds[0]} to {bounds[1]}", "minValue not above maxValue")
        ]
    if "defaultValue" in rule and not Limit(path, rule["type"], rule).allows(rule["defaultValue"]):
        allowed = Limit(path, rule["type"], rule).allowed
        return [
            _wrong(
                path, "default is not allowed by its own limit", f"found {rule['defaultValue']!r}", allowed
            )
        ]
    return []


def _wrong(path: str, summary: str, found: str, allowed: str) -> Diagnostic:
    return Diagnostic(
        code="CLP001",
        summary=summary,
        detail=f"{found}; allowed: {allowed}",
        remedy="correct the policy's definition",
        path=(path,) if path else (),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    return float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _in_range(rule: Rule, value: Any) -> bool:
    number, low, high = _number(value), rule.get("minValue"), rule.get("maxValue")
    return number is not None and (low is None or number >= low) and (high is None or number <= high)


def _matches(rule: Rule, value: Any) -> bool:
    # The whole value has to match, whether or not the pattern has its own anchors.
    return not isinstance(value, dict | list) and re.fullmatch(rule["pattern"], as_text(value)) is not None


def _listed(rule: Rule, value: Any) -> bool:
    return any(equal(value, one) for one in rule["values"])


def as_text(value: Any) -> str:
    """Write a value as JSON does: true and false in lower case, whole numbers without a point."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else as_text(value)


def _range_words(rule: Rule) -> str:
    words = (("minValue", "at least"), ("maxValue", "at most"))
    return (
        ", ".join(f"{word} {as_text(rule[field])}" for field, word in words if field in rule) or "any number"
    )


_TESTS: Mapping[str, Callable[[Rule, Any], bool]] = {
    "fixed": lambda rule, value: equal(value, rule["value"]),
    "forbidden": lambda _rule, _value: False,
    "allowlist": _listed,
    "blocklist": lambda rule, value: not _listed(rule, value),
    "regex": _matches,
    "range": _in_range,
    "unlimited": lambda _rule, _value: True,
}
_WORDS: Mapping[str, Callable[[Rule], str]] = {
    "fixed": lambda rule: _shown(rule["value"]),
    "forbidden": lambda _rule: "no value",
    "allowlist": lambda rule: ", ".join(map(_shown, rule["values"])),
    "blocklist": lambda rule: f"anything but {', '.join(map(_shown, rule['values']))}",
    "regex": lambda rule: f"what matches {rule['pattern']}",
    "range": _range_words,
    "unlimited": lambda _rule: "any value",
}
