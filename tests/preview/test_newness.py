"""Which findings a base has already: each of its findings accounts for one of the change's, and no more."""

from __future__ import annotations

import pytest

from lakeplane.diagnostics import Diagnostic
from lakeplane.preview import Preview, to_json
from lakeplane.preview.newness import Known, find_new, finding_key

RULES = "securityRules"


def broken(*path: str | int, code: str = "NW001", resource: str = "nsg", detail: str = "") -> Diagnostic:
    return Diagnostic(code, "no rule lets everybody in", detail=detail, path=path, resource=resource)


def new(before: list[Diagnostic], after: list[Diagnostic]) -> list[Diagnostic]:
    found = find_new(after, [finding_key(one) for one in before])
    return [one for one in after if one in found]


def test_a_second_violation_of_a_rule_on_a_resource_is_new() -> None:
    first, second = broken(RULES, 0, "access"), broken(RULES, 1, "access")
    assert new([first], [first, second]) == [second]
    assert new([first, second], [second]) == []


def test_an_item_that_moved_is_the_one_that_was_there() -> None:
    before = [broken(RULES, 0, "access"), broken(RULES, 1, "access")]
    moved = [broken(RULES, 1, "access"), broken(RULES, 2, "access")]
    assert new(before, moved) == []
    added = broken(RULES, 3, "access")
    assert new(before, [*moved, added]) == [added]


def test_what_stands_where_it_stood_goes_before_what_may_have_moved() -> None:
    stays, other = broken(RULES, 5, "access"), broken(RULES, 0, "access")
    assert new([stays], [other, stays]) == [other]


@pytest.mark.parametrize(
    "other",
    [
        broken(RULES, 0, "direction"),
        broken("access"),
        broken(RULES, 0, "access", code="NW002"),
        broken(RULES, 0, "access", resource="another"),
    ],
)
def test_another_value_rule_or_resource_accounts_for_nothing(other: Diagnostic) -> None:
    now = broken(RULES, 0, "access")
    assert new([other], [now]) == [now]


def test_several_violations_at_one_place_are_counted() -> None:
    """Rules about a stack have no place inside of a resource: what they say is all that tells two apart."""
    blob, file, queue = (
        broken(detail=f"nothing is for its {one} service") for one in ("blob", "file", "queue")
    )
    assert new([blob], [blob, file]) == [file]
    assert len(new([blob, file], [blob, file, queue])) == 1


def test_a_preview_says_so_of_each_finding() -> None:
    first, second = broken(RULES, 0, "access"), broken(RULES, 1, "access")
    shown = Preview("dev", (), (), (first, second), known=Known((finding_key(first),)))
    assert [one["new"] for one in to_json(shown)["findings"]] == [False, True]
    assert {one["new"] for one in to_json(Preview("dev", (), (), (first,)))["findings"]} == {None}
