"""All rules, by code and by the types that they are about."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from lakeplane_policies import rules
from lakeplane_policies.rule import Rule

__all__ = ["RULES", "RULES_BY_CODE", "page", "rules_about"]


def _find() -> Iterator[tuple[Rule, str]]:
    for found in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
        module = importlib.import_module(found.name)
        if isinstance(rule := getattr(module, "RULE", None), Rule):
            yield rule, module.__name__


_MODULES = {rule.code: (rule, module) for rule, module in _find()}

RULES: tuple[Rule, ...] = tuple(_MODULES[code][0] for code in sorted(_MODULES))

RULES_BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}


@functools.cache
def rules_about(type_: str) -> tuple[Rule, ...]:
    """Return the rules about a resource type."""
    return tuple(rule for rule in RULES if type_ in rule.types or "*" in rule.types)


def page(rule: Rule) -> tuple[str, str]:
    """Return a rule's page and the path of its file inside `lakeplane_policies`."""
    module = importlib.import_module(_MODULES[rule.code][1])
    return module.__doc__ or "", module.__name__.partition(".")[2].replace(".", "/") + ".py"
