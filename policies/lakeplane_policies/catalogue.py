"""All rules, and one way to judge a resource by them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane_policies import rules
from lakeplane_policies.rule import Rule

__all__ = ["RULES", "judge"]


def _find() -> Iterator[Rule]:
    for found in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
        module = importlib.import_module(found.name)
        if isinstance(rule := getattr(module, "RULE", None), Rule):
            yield rule


RULES: tuple[Rule, ...] = tuple(sorted(_find(), key=lambda rule: rule.code))


def judge(type_: str, urn: str, inputs: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """Judge one resource by every rule about its type.

    Args:
        type_: The resource's type.
        urn: Its URN.
        inputs: Its inputs on the wire.
    """
    return tuple(
        Diagnostic(
            code=rule.code,
            summary=rule.title,
            detail=violation.found,
            remedy=rule.remedy,
            path=tuple(violation.path.split(".")),
            resource=urn,
        )
        for rule in RULES
        if type_ in rule.types
        for violation in rule.judge(inputs)
    )
