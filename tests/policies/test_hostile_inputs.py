"""No input, however odd, makes a rule fail: whoever wrote it gets findings, never a traceback."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeplane.render import Resource
from lakeplane_policies import RULES, Rule, Settings, judge_all
from lakeplane_policies.settings import AccessMode, Tier

from .case_files import Case, cases

ODD = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    "",
    "*",
    "x" * 300,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"$unknown": True},
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(
    SCALARS | st.just({"$unknown": True}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in below for place in _places(item, (*path, key)))]


def _with(inputs: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    clone = copy.copy(inputs)
    clone[path[0]] = _with(clone[path[0]], path[1:], value)
    return clone


@pytest.mark.parametrize("case", [case for case in cases() if case.expected == "pass"], ids=str)
def test_every_value_of_a_case_may_be_of_another_kind(case: Case) -> None:
    """Each value of what passes is put in anew, as every kind of value there is."""
    for index, resource in enumerate(case.resources):
        for place in _places(dict(resource.inputs)):
            for odd in ODD if place else ():
                changed = Resource(
                    urn=resource.urn,
                    type=resource.type,
                    name=resource.name,
                    custom=True,
                    inputs=_with(dict(resource.inputs), place, odd),
                    property_dependencies=resource.property_dependencies,
                )
                others = [*case.resources[:index], changed, *case.resources[index + 1 :]]
                list(judge_all(others, case.judged_by()))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inputs=st.dictionaries(st.text(max_size=8), JSON, max_size=4), tier=st.sampled_from(["dev", "prod"]))
def test_any_json_is_judged(rule: Rule, inputs: dict[str, Any], tier: Tier) -> None:
    mode: AccessMode = "allow_list"
    type_ = rule.types[0] if rule.types != ("*",) else "any:index:Thing"
    one = Resource(f"urn:pulumi:a::b::{type_}::c", type_, "c", True, inputs=inputs)
    for found in judge_all([one], Settings(tier, mode)):
        assert found.summary
