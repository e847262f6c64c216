"""Reading drift: which properties, and what is left out because it may change by itself."""

from __future__ import annotations

import pytest

from lakeplane.engine.drift import Difference, Drifted, at, without_ignored

ACCOUNT = (
    "urn:pulumi:dev.foundation::lakeplane::lakeplane:lake:DataLake$azure-native:storage:StorageAccount::lake"
)


def account(*paths: str) -> Drifted:
    return Drifted(ACCOUNT, "changed", tuple(Difference(path, 1, 2) for path in paths))


def left(one: Drifted, ignored: list[str], by_program: tuple[str, ...] = ()) -> list[str]:
    found = without_ignored([one], ignored, {ACCOUNT: by_program})
    return [difference.path for each in found for difference in each.differences]


@pytest.mark.parametrize(
    ("ignored", "kept"),
    [
        ([], ["sku.name", "tags.owner", 'tags["a.b"]']),
        (["lake:tags"], ["sku.name"]),
        (["la*:tags.owner"], ["sku.name", 'tags["a.b"]']),
        (["lake:*"], []),
        (["lake"], []),
        (["lak:tags", "lake:tag", "other"], ["sku.name", "tags.owner", 'tags["a.b"]']),
    ],
)
def test_ignored_properties_are_left_out_with_what_is_below_them(ignored: list[str], kept: list[str]) -> None:
    assert left(account("sku.name", "tags.owner", 'tags["a.b"]'), ignored) == kept


def test_what_the_program_ignores_is_no_drift() -> None:
    assert left(account("count", "sku.name"), [], ("count",)) == ["sku.name"]


def test_what_is_gone_stays_told_unless_all_of_it_is_ignored() -> None:
    gone = Drifted(ACCOUNT, "gone")
    assert list(without_ignored([gone], ["lake:tags"], {ACCOUNT: ("tags",)})) == [gone]
    assert list(without_ignored([gone], ["lake"], {})) == []
    assert (gone.type, gone.name) == ("azure-native:storage:StorageAccount", "lake")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", {"c.d": [1, {"e": "x"}]}),
        ('a.b["c.d"][1].e', "x"),
        ('a.b["c.d"][7]', None),
        ("a.z.y", None),
    ],
)
def test_values_are_found_by_the_engines_paths(path: str, value: object) -> None:
    assert at({"a": {"b": {"c.d": [1, {"e": "x"}]}}}, path) == value
