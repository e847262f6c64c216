"""Limits of a policy definition: the seven types, read from the API's JSON and checked.

Reference: "Compute policy reference", learn.microsoft.com/azure/databricks/admin/clusters/policy-definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.diagnostics import Diagnostic

__all__ = ["Limit", "check_definition", "equal", "read_limits"]

Rule = Mapping[str, Any]
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
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
    """Compare values as policies do: numbers as numbers, everything else as text."""
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return bool(one == other)
    left, right = _number(one), _number(other)
    if left is not None and right is not None:
        return left == right
    return _text(one) == _text(other)


def check_definition(definition: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """Find what is wrong with a definition itself, before any cluster is held against it."""
    findings: list[Diagnostic] = []
    for path, rule in definition.items():
        findings += _check_rule(path, rule)
    return tuple(findings)


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
    return findings or _check_values(path, rule)


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
    if any(isinstance(bound, bool) or not isinstance(bound, int | float) for bound in bounds):
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
        path=(path,),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _in_range(rule: Rule, value: Any) -> bool:
    number, low, high = _number(value), rule.get("minValue"), rule.get("maxValue")
    return number is not None and (low is None or number >= low) and (high is None or number <= high)


def _matches(rule: Rule, value: Any) -> bool:
    # The whole value has to match, whether or not the pattern has its own anchors.
    return not isinstance(value, dict | list) and re.fullmatch(rule["pattern"], _text(value)) is not None


def _listed(rule: Rule, value: Any) -> bool:
    return any(equal(value, one) for one in rule["values"])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else _text(value)


def _range_words(rule: Rule) -> str:
    low, high = rule.get("minValue"), rule.get("maxValue")
    bounds = (f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else "")
    return ", ".join(filter(None, bounds)) or "any number"


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
