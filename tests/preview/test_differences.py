"""What changes between two sets of inputs: nothing more, nothing less, and never a secret."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeplane.preview.differences import Difference, apply, differences
from lakeplane.preview.property_paths import ABSENT, at, contains, parse_path, reset, to_text
from lakeplane.preview.seals import SEALED_AWAY, new_seal, seal

NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6).filter(
    lambda name: not name.startswith("$")
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, width=16)
    | st.text(max_size=3)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
INPUTS = st.dictionaries(NAMES, VALUES, max_size=4)
KEY = new_seal()


@settings(deadline=None)
@given(INPUTS)
def test_equal_inputs_have_no_difference(inputs: dict[str, Any]) -> None:
    assert differences(inputs, json.loads(json.dumps(inputs))) == ()


@settings(deadline=None)
@given(INPUTS, INPUTS)
def test_applied_differences_give_what_comes_after(before: dict[str, Any], after: dict[str, Any]) -> None:
    made = apply(differences(before, after), before)
    assert made == after
    assert differences(made, after) == ()


@settings(deadline=None)
@given(INPUTS, INPUTS)
def test_every_difference_stands_where_it_says(before: dict[str, Any], after: dict[str, Any]) -> None:
    for found in differences(before, after):
        assert at(before, found.keys) == found.before
        assert at(after, found.keys) == found.after
        assert to_text(parse_path(found.path)) == found.path


@settings(deadline=None)
@given(INPUTS, INPUTS)
def test_order_of_keys_does_not_matter(before: dict[str, Any], after: dict[str, Any]) -> None:
    turned = (dict(reversed(before.items())), dict(reversed(after.items())))
    assert differences(*turned) == differences(before, after)


@settings(deadline=None)
@given(st.lists(NAMES | st.integers(0, 99), min_size=1, max_size=5))
def test_paths_are_read_as_they_are_written(path: list[str | int]) -> None:
    if isinstance(path[0], str):
        assert parse_path(to_text(tuple(path))) == tuple(path)


def test_paths_are_written_as_pulumi_does() -> None:
    assert to_text(("metadata", "annotations", "azure.workload.identity/client-id")) == (
        'metadata.annotations["azure.workload.identity/client-id"]'
    )
    assert parse_path("tasks[0].libraries[*].whl") == ("tasks", 0, "libraries", "*", "whl")
    assert parse_path('["a\\"b"].c') == ('a"b', "c")
    assert contains(parse_path("tasks[*].name"), parse_path("tasks[3].name.first"))
    assert contains(parse_path("*"), parse_path("anything.at[1]"))
    assert not contains(parse_path("tasks[*].name"), parse_path("tasks[3]"))


def test_a_truth_value_is_no_number() -> None:
    assert [found.path for found in differences({"a": 1, "b": True}, {"a": True, "b": 1})] == ["a", "b"]
    assert differences({"a": 1}, {"a": 1.0}) == ()


def test_what_comes_or_goes_is_told_as_absent() -> None:
    assert differences({"a": {"b": 1}}, {"a": {"c": None}}) == (
        Difference("a.b", 1, ABSENT),
        Difference("a.c", ABSENT, None),
    )


def test_items_of_a_list_are_compared_by_place() -> None:
    found = differences({"a": ["x", "y"]}, {"a": ["y"]})
    assert found == (Difference("a[0]", "x", "y"), Difference("a[1]", "y", ABSENT))


def test_secrets_are_compared_and_never_told() -> None:
    before = seal({"same": {"$secret": "p"}, "other": {"$secret": {"k": "p"}}, "new": "clear"}, KEY)
    after = seal({"same": {"$secret": "p"}, "other": {"$secret": {"k": "q"}}, "new": {"$secret": "s"}}, KEY)
    found = differences(before, after)
    secret = {"$secret": True}
    assert found == (
        # What becomes secret may be what stood there in clear.
        Difference("new", secret, secret, certain=False),
        Difference("other", secret, secret),
    )
    assert "clear" not in repr(found)
    assert all(text not in repr((before, after)) for text in ("'p'", "'q'", "'s'"))


def test_secrets_that_somebody_else_encrypted_may_be_the_same() -> None:
    (found,) = differences({"a": dict(SEALED_AWAY)}, seal({"a": {"$secret": "p"}}, KEY))
    assert not found.certain
    (found,) = differences({}, seal({"a": {"$secret": "p"}}, KEY))
    assert found == Difference("a", ABSENT, {"$secret": True})


def test_seals_of_two_runs_cannot_be_compared_with_each_other() -> None:
    assert seal({"a": {"$secret": "p"}}, new_seal()) != seal({"a": {"$secret": "p"}}, new_seal())
    assert seal({"$secret": {"$unknown": True}}, KEY) == {"$secret": {"$unknown": True}}


def test_unknowns_may_be_the_same() -> None:
    unknown = {"$unknown": True}
    assert differences({"a": "x", "b": unknown}, {"a": unknown, "b": unknown}) == (
        Difference("a", "x", unknown, certain=False),
        Difference("b", unknown, unknown, certain=False),
    )


def test_ignored_paths_are_taken_from_before() -> None:
    before = {"tags": {"a": 1, "b": 2}, "list": [{"n": 1}, {"n": 2}], "only": 1}
    after = {"tags": {"a": 9, "c": 3}, "list": [{"n": 8}, {"n": 9}, {"n": 7}]}
    assert reset(before, after, parse_path("tags.a"))["tags"] == {"a": 1, "c": 3}
    assert reset(before, after, parse_path("tags"))["tags"] == before["tags"]
    assert reset(before, after, parse_path("tags.*"))["tags"] == {"a": 1, "b": 2}
    assert reset(before, after, parse_path("list[*].n"))["list"] == [{"n": 1}, {"n": 2}, {"n": 7}]
    assert reset(before, after, parse_path("list[1]"))["list"] == [{"n": 8}, {"n": 2}, {"n": 7}]
    assert reset(before, after, parse_path("only"))["only"] == 1
    assert reset(before, after, parse_path("not.there")) == after
