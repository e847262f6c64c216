"""What an environment needs of limits, beside its base."""

from __future__ import annotations

from lakeplane.costs import QuotaNeed
from lakeplane.costs.quota_model import QuotaShare
from lakeplane.preview import BaseLabel, Preview
from lakeplane.preview.document import to_json
from lakeplane.preview.quota_growth import find_growth, quota_rows

REGION = "subscriptions/s/westeurope"


def need(name: str, needed: int, limit: int | None = None, unit: str = "vCPUs") -> QuotaNeed:
    share = QuotaShare(resource="urn::pool", needed=needed, how="some machines")
    return QuotaNeed(name=name, scope=REGION, unit=unit, by=(share,), source="docs", limit=limit)


def test_cores_that_more_than_double_are_a_warning_of_their_own() -> None:
    (found,) = find_growth(
        [need("gpu", 400), need("fpga", 8), need("plain", 16), need("known", 90, limit=100)],
        [need("gpu", 8), need("plain", 8), need("known", 1)],
    )
    assert found.code == "PRV016"
    assert found.detail == "gpu in westeurope: 400, 8 before; fpga in westeurope: 8, 0 before"
    assert found.resource == "urn::pool"


def test_an_environment_that_is_not_there_yet_has_not_grown() -> None:
    assert not list(find_growth([need("gpu", 400)], []))


def test_addresses_are_not_asked_for() -> None:
    assert not list(find_growth([need("addresses", 400, unit="addresses")], [need("addresses", 8)]))


def test_what_grows_most_is_told_first_and_what_stays_without_a_before() -> None:
    found = Preview(
        "dev",
        ("foundation",),
        (),
        base=BaseLabel("git", "main"),
        quota=(need("same", 8), need("more", 16), need("much-more", 80), need("over", 9, 8)),
        base_quota=(need("same", 8), need("more", 8), need("much-more", 8), need("over", 9, 8)),
    )
    assert [(row.name, row.before) for row in quota_rows(found)] == [
        ("over", ""),
        ("much-more", "8 before"),
        ("more", "8 before"),
        ("same", ""),
    ]
    assert [one["before"] for one in to_json(found)["quota"]] == [8, 8, 8, 9]


def test_without_a_base_nothing_is_said_about_before() -> None:
    found = Preview("dev", ("foundation",), (), quota=(need("gpu", 8),))
    assert [row.before for row in quota_rows(found)] == [""]
    assert to_json(found)["quota"][0]["before"] is None
