"""The catalogue for readers: a table of all rules, and each rule as data."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from lakeplane_policies.catalogue import page
from lakeplane_policies.rule import Level, Rule

__all__ = ["as_data", "as_text", "table"]

_WORDS = {Level.MANDATORY: "stops", Level.ADVISORY: "warns", Level.OFF: "-"}


def table(rules: Iterable[Rule]) -> str:
    """Write rules as tables in Markdown, one for each area; each code leads to its page, the rule's file."""
    lines: list[str] = []
    area = ""
    for rule in rules:
        path = page(rule)[1]
        if (own := path.split("/")[1]) != area:
            area = own
            lines += [f"\n### {area}\n" if lines else f"### {area}\n", *_HEAD]
        levels = [_WORDS[level] for level in (rule.tiers.dev, rule.tiers.test, rule.tiers.prod)]
        cells = [
            f'<a id="{rule.code.lower()}"></a>[{rule.code}](lakeplane_policies/{path})',
            rule.title,
            rule.impact.value,
            *levels,
            rule.modes,
            ", ".join(rule.sources),
        ]
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


_HEAD = (
    "| code | what must hold | impact | dev | test | prod | access modes | elsewhere |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


def as_text(rule: Rule) -> str:
    """Return a rule's page under its code, with how it weighs and what puts it right."""
    levels = ", ".join(
        f"{_WORDS[level]} in {tier}" if level is not Level.OFF else f"says nothing in {tier}"
        for tier, level in (("dev", rule.tiers.dev), ("test", rule.tiers.test), ("prod", rule.tiers.prod))
    )
    facts = {
        "impact": rule.impact.value,
        "level": levels,
        "access modes": rule.modes,
        "remedy": rule.remedy,
        "sources": ", ".join(rule.sources),
    }
    head = [f"{rule.code}: {rule.title}", "", *(f"  {name}: {fact}" for name, fact in facts.items())]
    return "\n".join(head) + f"\n\n{inspect.cleandoc(page(rule)[0])}\n"


def as_data(rule: Rule) -> dict[str, Any]:
    """Return a rule as plain data for JSON."""
    return {
        "code": rule.code,
        "title": rule.title,
        "impact": rule.impact.value,
        "levels": {"dev": rule.tiers.dev, "test": rule.tiers.test, "prod": rule.tiers.prod},
        "access_modes": rule.modes,
        "types": list(rule.types),
        "remedy": rule.remedy,
        "remediates": bool(rule.remediation),
        "sources": list(rule.sources),
        "page": inspect.cleandoc(page(rule)[0]),
    }
