"""Every rule against its cases, in the offline form and in the form in which the engine hands inputs over."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lakeplane.diagnostics import Diagnostic
from lakeplane_policies import RULES, Rule, judge_all, page

from .case_files import CASES, KINDS, Case, Engine, cases, load

RULE_FILES = Path(__file__).parents[2] / "policies" / "lakeplane_policies" / "rules"


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_rule_judges_its_case_the_same_in_both_readers(case: Case) -> None:
    settings = case.judged_by()
    offline = [found for found in judge_all(case.resources, settings) if found.code == case.code]
    undecidable = [found.detail.startswith("undecidable:") for found in offline]
    assert case.expected in KINDS
    assert bool(offline) == (case.expected != "pass"), offline
    assert all(undecidable) if case.expected == "undecidable" else not all(undecidable) or not offline

    reported = [
        (text.removeprefix(f"{case.code} "), urn)
        for policy, text, urn in Engine(case.settings).judge(case.resources)
        if policy == case.code or text.startswith(f"{case.code} ")
    ]
    expected = [(_as_reported(found), found.resource or "") for found in offline]
    assert sorted(reported) == sorted(expected), "the engine's pack and the offline preview agree"


def _as_reported(found: Diagnostic) -> str:
    path = f"{found.dotted_path}: " if found.path else ""
    return f"{path}{found.detail}; {found.remedy}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_cases_of_every_kind(rule: Rule) -> None:
    names = [name for name in load(rule.code) if name != "type"]
    assert all(name.partition("_")[0] in KINDS for name in names)
    assert any(name.startswith("pass_") for name in names)
    assert any(name.startswith("fail_") and not name.endswith("_absent") for name in names)
    assert any("_absent" in name for name in names), "absent is decided on purpose"
    assert any("_unknown" in name for name in names), "unknown is decided on purpose"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_its_page_with_snippets_that_are_python(rule: Rule) -> None:
    text, path = page(rule)
    assert path == f"rules/{path.split('/')[1]}/{rule.code}.py"
    first, *rest = text.split("\n\n")
    assert first.endswith(".")
    assert first[0].lower() + first[1:-1] == rule.title[0].lower() + rule.title[1:], "the page has the title"
    assert not rest[0].startswith("Anti-pattern"), "it says why"
    for heading in ("Anti-pattern:", "Best practice:"):
        snippet = re.search(rf"^{heading}\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
        assert snippet, heading
        ast.parse(re.sub(r"^    ", "", snippet[1], flags=re.MULTILINE))
    assert re.search(r"^Documents: .+\.$", text, re.MULTILINE | re.DOTALL)
    assert rule.sources
    assert rule.types
    assert rule.modes
    assert rule.remedy
    assert (rule.judge is None) != (rule.judge_stack is None)


def test_every_file_of_a_rule_is_in_the_catalogue() -> None:
    codes = [rule.code for rule in RULES]
    assert sorted(path.stem for path in RULE_FILES.glob("*/[A-Z]*.py")) == codes
    assert sorted(path.stem for path in CASES.glob("*.yaml")) == codes
    assert all(re.fullmatch(r"[A-Z]{2}\d{3}", code) for code in codes)
    for area in RULE_FILES.iterdir():
        assert len({path.stem[:2] for path in area.glob("[A-Z]*.py")}) <= 1, (
            f"one area of codes in {area.name}"
        )
