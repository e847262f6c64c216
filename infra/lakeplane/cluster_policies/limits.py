"""Limits of a policy definition: the seven types, read from the API's JSON and checked.

Reference: "Compute policy reference", learn.microsoft.com/azure/databricks/admin/clusters/policy-definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.diagnostics import Diagnostic

__all__ = ["Limit", "check_definition", "equal", "read_limits"]

_NUMBER = (int, float)
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
    rule: Mapping[str, Any]

    @property
    def required(self) -> bool:
        """Whether the attribute has to be there: any limiting type asks so, unless it is optional."""
        return self.kind not in ("fixed", "forbidden") and not self.rule.get("isOptional", False)

    @property
    def allowed(self) -> str:
        """What the limit allows, in words."""
        match self.kind:
            case "fixed":
                return _shown(self.rule["value"])
            case "forbidden":
                return "no value"
            case "allowlist":
                return ", ".join(map(_shown, self.rule["values"])) or "no value"
            case "blocklist":
                return f"anything but {', '.join(map(_shown, self.rule['values']))}"
            case "regex":
                return f"what matches {self.rule['pattern']}"
            case "range":
                low, high = self.rule.get("minValue"), self.rule.get("maxValue")
                bounds = [
                    f"at least {low}" if low is not None else "",
                    f"at most {high}" if high is not None else "",
                ]
                return ", ".join(filter(None, bounds)) or "any number"
            case _:
                return "any value"

    def allows(self, value: Any) -> bool:
        """Tell whether the limit lets a value through that is there."""
        match self.kind:
            case "fixed":
                return equal(value, self.rule["value"])
            case "forbidden":
                return False
            case "allowlist":
                return any(equal(value, one) for one in self.rule["values"])
            case "blocklist":
                return not any(equal(value, one) for one in self.rule["values"])
            case "regex":
                # The whole value has to match, whether or not the pattern has its own anchors.
                return (
                    not isinstance(value, dict | list)
                    and re.fullmatch(self.rule["pattern"], _text(value)) is not None
                )
            case "range":
                return _in_range(value, self.rule.get("minValue"), self.rule.get("maxValue"))
            case _:
                return True


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


def _check_values(path: str, rule: Mapping[str, Any]) -> list[Diagnostic]:
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
    if any(_number(bound) is None for bound in bounds):
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
    if isinstance(value, _NUMBER):
        return float(value)
    try:
        return (
            float(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) else None
        )
    except ValueError:
        return None


def _in_range(value: Any, low: Any, high: Any) -> bool:
    number = _number(value)
    if number is None:
        return False
    return (low is None or number >= float(low)) and (high is None or number <= float(high))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else _text(value)
