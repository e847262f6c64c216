"""The page: one file that needs no other, shows everything, and lets nothing break out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

from lakeplane.costs import Cost, CostLine, NotPriced
from lakeplane.preview import BaseLabel, Change, Preview, PreviewedResource
from lakeplane.preview.graph_layout import lay_out
from lakeplane.preview.html import to_html
from lakeplane.render import Resource

from .conftest import ACCOUNT, VAULT, made, urn

ELEMENTS = frozenset(
    {
        "a",
        "aside",
        "b",
        "body",
        "button",
        "circle",
        "code",
        "details",
        "div",
        "footer",
        "g",
        "h1",
        "h2",
        "h3",
        "head",
        "header",
        "html",
        "i",
        "input",
        "line",
        "main",
        "meta",
        "nav",
        "p",
        "path",
        "pre",
        "rect",
        "script",
        "section",
        "span",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "title",
        "tr",
    }
)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open in self.inside:
            self.inside[self._open].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    @property
    def policy(self) -> str:
        return next(
            str(given["content"])
            for tag, given in self.elements
            if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
        )

    @property
    def details(self) -> list[dict]:
        return json.loads(self.inside["script"][0])


def large(count: int) -> Preview:
    """Return a preview of many components that need one another, in two layers."""
    resources = []
    for layer in ("foundation", "contents"):
        for team in range(count // 80):
            parent = f"urn:pulumi:big.{layer}::big::big:t:Team::team-{team}"
            resources.append(
                PreviewedResource(layer, Resource(parent, "big:t:Team", f"team-{team}", custom=False))
            )
            for number in range(40):
                where = f"urn:pulumi:big.{layer}::big::big:t:Team${ACCOUNT}::team-{team}-{number}"
                needs = (where.replace(f"team-{team}-", f"team-{team - 1}-"),) if team % 5 else ()
                made_one = Resource(
                    where, ACCOUNT, f"team-{team}-{number}", True, parent=parent, dependencies=needs
                )
                resources.append(PreviewedResource(layer, made_one))
    return Preview("big", ("foundation", "contents"), tuple(resources))


def test_the_page_asks_for_nothing(local: Preview) -> None:
    page = Page(to_html(local))
    assert not [
        given
        for _, given in page.elements
        for name, value in given.items()
        if name in ("src", "srcset", "action", "formaction", "background", "poster", "data")
        or (name == "href" and not str(value).startswith("#"))
    ]
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|import\(|eval\(|innerHTML",
        "".join(map("".join, page.inside.values())),
    )
    assert {tag for tag, _ in page.elements} <= ELEMENTS


def test_only_our_own_style_and_script_may_run(local: Preview) -> None:
    page = Page(to_html(local))
    assert page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in page.policy
    for kind, text in (("style", page.inside["style"][0]), ("script", page.inside["script"][1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page.policy
    handlers = [
        name for _, given in page.elements for name in given if name.startswith("on") or name == "style"
    ]
    assert handlers == []


def test_every_resource_is_in_table_and_graph(local: Preview) -> None:
    text = to_html(local)
    page = Page(text)
    rows = [given for tag, given in page.elements if tag == "tr" and "data-n" in given]
    assert len(rows) == len(local.resources) == len(page.details)
    drawn = {given["data-n"] for tag, given in page.elements if tag == "g" and "data-n" in given}
    expected = {
        str(number)
        for number, one in enumerate(local.resources)
        if one.resource.custom and one.resource.type != "pulumi:pulumi:StackReference"
    }
    assert drawn == expected
    number = next(n for n, one in enumerate(local.resources) if one.resource.name == "lake-bronze")
    needs = {local.resources[other].resource.name for other in page.details[number]["needs"]}
    assert needs == {"lake-account", "resource-group"}


def test_the_same_preview_gives_the_same_page(local: Preview) -> None:
    assert to_html(local) == to_html(local)


def test_nothing_breaks_out(hostile: Preview) -> None:
    text = to_html(hostile)
    page = Page(text)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert len(page.inside["script"]) == 2
    assert len(page.inside["style"]) == 1
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]
    for forbidden in ("\u202e", "\u2028", "\x1b", "\x00", "<script>alert"):
        assert forbidden not in text
    assert len(page.details) == len(hostile.resources)


def test_nothing_breaks_out_of_a_preview_that_failed(hostile: Preview) -> None:
    page = Page(to_html(replace(hostile, layers=(), resources=())))
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert len(page.inside["script"]) == 2


def test_secrets_are_not_in_the_page() -> None:
    resource = made(VAULT, "vault", {"properties": {"key": {"$secret": "canary-of-this-test"}}})
    text = to_html(Preview("dev", ("foundation",), (PreviewedResource("foundation", resource),)))
    assert "canary" not in text
    assert "$secret" in text


def test_costs_are_drawn_with_their_span() -> None:
    line = CostLine(
        resource=urn(ACCOUNT, "lake"),
        service="Storage",
        what="hot data",
        unit="GB",
        unit_price=0.02,
        quantity=100,
        low=1,
        expected=2,
        high=4,
        source="prices.csv, 2026-08",
        workload="medallion",
    )
    missing = NotPriced(
        resource=urn(VAULT, "vault"), what="operations", reason="no price for this region", at_most=1234.5
    )
    resources = (PreviewedResource("foundation", made(ACCOUNT, "lake")),)
    text = to_html(
        Preview("dev", ("foundation",), resources, cost=Cost(lines=(line,), not_priced=(missing,)), budget=10)
    )
    assert text.count('class="bar"') == 2
    assert text.count('class="span"') == 6
    assert "medallion" in text
    assert "no price for this region" in text
    assert "may exceed the budget of 10.00 USD (up to 1,238.50 USD)" in text
    assert "1 thing not priced" in text
    assert '<td class="number">1,234.50</td>' in text


def test_two_thousand_resources_fit_on_a_page() -> None:
    found = large(2_000)
    layout = lay_out(found)
    assert sum(len(card.spots) for card in layout.cards) == 2_000
    assert layout.width < 12_000
    assert layout.height < 6_000
    for one in layout.cards:
        for other in layout.cards:
            apart = one.x + 236 <= other.x or other.x + 236 <= one.x
            apart |= one.y + one.height <= other.y or other.y + other.height <= one.y
            assert one is other or apart, "cards lie one upon the other"
    assert len(to_html(found)) < 3_000_000


def test_what_a_card_needs_stands_to_its_left(local: Preview) -> None:
    layout = lay_out(local)
    assert layout.edges
    for edge in layout.edges:
        assert edge.start[0] < edge.end[0]


def test_components_that_need_each_other_are_drawn_all_the_same() -> None:
    def pair(name: str, other: str) -> list[PreviewedResource]:
        parent = urn("a:b:C", name)
        child = urn(f"a:b:C${ACCOUNT}", f"{name}-it")
        needs = (urn(f"a:b:C${ACCOUNT}", f"{other}-it"),)
        return [
            PreviewedResource("foundation", Resource(parent, "a:b:C", name, custom=False)),
            PreviewedResource(
                "foundation", Resource(child, ACCOUNT, f"{name}-it", True, parent=parent, dependencies=needs)
            ),
        ]

    found = Preview("dev", ("foundation",), (*pair("one", "two"), *pair("two", "one")))
    assert len(lay_out(found).cards) == 2
    assert len(lay_out(found).edges) == 1


def test_a_comparison_is_coloured_by_change() -> None:
    resources = (
        PreviewedResource("foundation", made(VAULT, "gone"), Change.DELETE),
        PreviewedResource("foundation", made(ACCOUNT, "same"), Change.SAME),
    )
    text = to_html(Preview("dev", ("foundation",), resources, base=BaseLabel("git", "main", "a" * 40)))
    assert 'data-mode="changes"' in text
    assert 'class="spot p-azure-native c-delete holds"' in text
    assert "Data at risk" in text
