"""The comment on a pull request: what matters first, within GitHub's limit, and nothing breaks out of it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from lakeplane.costs import Cost, CostLine, NotPriced
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview import BaseLabel, Change, Preview, PreviewedResource
from lakeplane.preview.differences import differences
from lakeplane.preview.markdown import LIMIT, comment_marker, to_markdown
from lakeplane.preview.newness import Known, covered_key, finding_key

from .conftest import ACCOUNT, VAULT, made

OURS = {
    "b",
    "br",
    "code",
    "details",
    "h3",
    "li",
    "p",
    "pre",
    "strong",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
LINKED = re.compile(r"@\w|#\d|\bGH-\d|https?://|\bwww\.")


class Page(HTMLParser):
    """What GitHub's own steps after Markdown would meet: elements, and text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.comments: list[str] = []
        self.prose = ""
        self._code = 0
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def preview(*resources: PreviewedResource, **more) -> Preview:
    given = {"base": BaseLabel("git", "main", "a" * 40), "known": Known(()), **more}
    return Preview("dev", ("foundation",), resources, **given)


def changed(
    number: int = 0, change: Change = Change.UPDATE, size: int = 3, token: str = ACCOUNT
) -> PreviewedResource:
    found = differences(
        {"a": {str(i): "x" for i in range(size)}}, {"a": {str(i): "y" * 50 for i in range(size)}}
    )
    return PreviewedResource("foundation", made(token, f"thing-{number}"), change, found)


def head(text: str) -> list[str]:
    return text.splitlines()[:5]


def test_the_first_five_lines_tell_what_matters() -> None:
    lost = replace(
        changed(1, Change.REPLACE, token=VAULT),
        differences=(replace(changed().differences[0], replaces=True),),
    )
    line = CostLine(
        resource="r",
        service="Storage",
        what="w",
        unit="u",
        unit_price=1,
        quantity=1,
        low=1,
        expected=1800,
        high=3000,
        source="s",
    )
    found = preview(
        changed(),
        lost,
        PreviewedResource("foundation", made(ACCOUNT, "same"), Change.SAME),
        findings=(
            Diagnostic("PRV010", "Vault thing-1 would be replaced", Severity.WARNING),
            Diagnostic("ST001", "public access is off", resource="urn::x::y::lake"),
        ),
        cost=Cost(lines=(line,)),
        base_cost=Cost(lines=(replace(line, expected=1000),)),
        budget=1500,
    )
    assert head(to_markdown(found)) == [
        "### ⛔ lakeplane preview of `dev`: would destroy 1 resource with data, 1 error, 1 warning",
        "- **Changes** against `main (aaaaaaaaaa)`: 1 to update, 1 to replace: "
        '`thing-1` (`a["0"]`), `thing-0`; 1 stay as they are',
        '- **Data**: `thing-1` (Vault: keys and secrets) would be replaced for `a["0"]`',
        "- **Findings**: 1 error (1 new): `ST001` public access is off (`lake`)",
        "- **Cost**: 1,800.00 USD a month, +800.00 USD against the base, over the budget of 1,500.00 USD",
    ]


def test_a_quiet_change_is_told_quietly() -> None:
    text = to_markdown(preview(PreviewedResource("foundation", made(ACCOUNT, "same"), Change.SAME)))
    assert head(text)[0] == "### ✅ lakeplane preview of `dev`: no changes"
    assert "<details" not in text


def test_without_a_base_nothing_is_said_of_data() -> None:
    assert head(to_markdown(preview(changed(), base=None)))[2] == "- **Data**: not compared, there is no base"


def priced(expected: float, *missing: NotPriced) -> Cost:
    line = CostLine(
        resource="r",
        service="Storage",
        what="w",
        unit="u",
        unit_price=1,
        quantity=1,
        low=1,
        expected=expected,
        high=expected + 10,
        source="s",
    )
    return Cost(lines=(line,), not_priced=missing)


def unpriced(number: int = 0, at_most: float | None = None, text: str = "operations") -> NotPriced:
    return NotPriced(resource=f"urn::x::y::thing-{number}", what=text, reason=text, at_most=at_most)


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        (99, "over the budget of 99.00 USD"),
        (105, "may exceed the budget of 105.00 USD (up to 5,110.00 USD)"),
        (5_109, "may exceed the budget of 5,109.00 USD (up to 5,110.00 USD)"),
        (5_110, "within the budget of 5,110.00 USD"),
    ],
)
def test_within_the_budget_counts_what_is_not_priced_at_its_bound(budget: float, told: str) -> None:
    found = preview(cost=priced(100, unpriced(1, 5_000), unpriced(2)), budget=budget)
    line = head(to_markdown(found))[4]
    assert line == (
        f"- **Cost**: 100.00 USD a month, {told}, 2 things not priced, 1 of them 5,000.00 USD at most"
    )


def test_what_is_not_priced_is_listed_with_why_and_its_bound() -> None:
    text = to_markdown(preview(cost=priced(100, unpriced(1, text="alerts"), unpriced(2, 5_000))))
    assert "<summary>Not priced, 2 things</summary>" in text
    assert text.index("thing-2") < text.index("thing-1")
    assert "<td>operations</td><td>5,000.00 USD</td></tr>" in text


def test_what_is_not_priced_keeps_to_its_room(hostile: Preview) -> None:
    many = [unpriced(number, None, f"{number} <b>@octocat</b> " * 200) for number in range(3_000)]
    text = to_markdown(replace(hostile, cost=priced(1, *many)))
    assert len(text.encode()) <= LIMIT
    assert text.rstrip().endswith(comment_marker(hostile.environment))
    missing = re.search(r"([\d,]+) more things, which", text)
    assert missing is not None
    assert len(set(re.findall(r"<code>thing-(\d+)", text))) + int(missing[1].replace(",", "")) == 3_000
    assert {tag for tag, _ in Page(text).elements} <= OURS


def test_a_base_without_a_use_of_its_own_is_told() -> None:
    found = preview(cost=priced(100), base_cost=priced(90), base_use_is_of_now=True)
    assert "+10.00 USD against the base, both with the use declared now" in head(to_markdown(found))[4]


def test_what_exceptions_cover_is_always_counted() -> None:
    covered = tuple(Diagnostic("NW001", "s", resource=name, path=("p",)) for name in ("a", "b"))
    quiet = preview(covered=covered, known=Known((), frozenset(covered_key(one) for one in covered)))
    assert head(to_markdown(quiet))[0].startswith("### ✅")
    assert head(to_markdown(quiet))[3] == (
        "- **Findings**: no errors, no warnings, 2 findings covered by exceptions (0 new)"
    )
    found = preview(covered=covered, known=Known((), frozenset({covered_key(covered[0])})))
    assert head(to_markdown(found))[0] == (
        "### ⚠️ lakeplane preview of `dev`: 1 finding newly covered by exceptions"
    )
    assert head(to_markdown(found))[3].endswith("2 findings covered by exceptions (1 new)")
    unknown = replace(found, known=Known())
    assert head(to_markdown(unknown))[3].endswith("2 findings covered by exceptions")


def test_findings_about_exceptions_are_told_apart_by_what_they_say() -> None:
    before = Diagnostic("POL004", "findings that exceptions cover: 1", Severity.NOTE, path=("exceptions",))
    after = replace(before, summary="findings that exceptions cover: 2")
    found = preview(findings=(before, after), known=Known((finding_key(before),)))
    assert [found.is_new(one) for one in found.findings] == [False, True]
    assert to_markdown(found).count("<b>new</b>") == 1


def test_what_cannot_be_shown_tells_why() -> None:
    errors = tuple(Diagnostic(f"SPC01{number}", "unknown key", detail="found 'x'") for number in range(6))
    text = to_markdown(Preview("dev", (), (), errors))
    assert head(text)[0] == "### ⛔ lakeplane preview of `dev`: can't be shown: 6 errors"
    assert head(text)[1] == "- `SPC010` unknown key\\: found \\'x\\'"


def test_the_poster_finds_its_comment_again() -> None:
    text = to_markdown(preview(changed()))
    assert text.rstrip().endswith(comment_marker("dev"))
    assert comment_marker("dev") == "<!-- lakeplane preview of dev -->"
    assert re.fullmatch(r"<!-- lakeplane preview of [a-z0-9.-]* -->", comment_marker("--><script>" * 20))


def test_the_same_preview_gives_the_same_text() -> None:
    one, two = changed(1), changed(2)
    assert to_markdown(preview(one, two)) == to_markdown(preview(one, two))


@pytest.mark.parametrize("count", [1, 40, 200, 2_000, 10_000])
def test_no_comment_is_longer_than_github_takes(count: int) -> None:
    resources = [
        changed(number, change, 8) for number in range(count) for change in (Change.REPLACE, Change.UPDATE)
    ]
    findings = tuple(Diagnostic("ST001", f"finding {number}", detail="d" * 200) for number in range(count))
    text = to_markdown(preview(*resources, findings=findings))
    assert len(text.encode()) <= LIMIT
    assert text.rstrip().endswith(comment_marker("dev"))
    assert text.count("<details") == text.count("</details>")
    shown = len(re.findall(r"foundation thing-\d+ \(", text))
    missing = sum(
        int(found.replace(",", "")) for found in re.findall(r"^([\d,]+) more resources?, which", text, re.M)
    )
    assert shown + missing == 2 * count
    told = text.count("<td>⛔ error") + sum(
        int(found.replace(",", "")) for found in re.findall(r"<p>([\d,]+) more findings?, which", text)
    )
    assert told == count


def test_what_is_grave_keeps_its_room() -> None:
    many = [changed(number) for number in range(3_000)]
    text = to_markdown(preview(*many, changed(9_999, Change.DELETE, token=VAULT)))
    assert "Deleted: 1 resource<" in text
    assert text.index("Deleted") < text.index("Updated")
    assert "foundation thing-9999 (Vault, holds keys and secrets)" in text


def test_multibyte_text_counts_as_it_is_sent() -> None:
    found = differences({"a": "ä" * 150}, {"a": "🦆" * 150})
    resources = [
        PreviewedResource("foundation", made(ACCOUNT, f"ü{n}"), Change.UPDATE, found) for n in range(500)
    ]
    assert len(to_markdown(preview(*resources)).encode()) <= LIMIT


def test_nothing_breaks_out(hostile: Preview) -> None:
    page = Page(to_markdown(hostile))
    assert {tag for tag, _ in page.elements} <= OURS
    attributes = {(tag, name) for tag, given in page.elements for name, _ in given}
    assert attributes <= {("details", "open"), ("code", "class")}
    assert not LINKED.search(page.prose), LINKED.search(page.prose)
    assert len(page.comments) == 1
    assert "\u202e" not in page.prose
    assert "\x1b" not in page.prose


def test_nothing_breaks_out_of_a_preview_that_failed(hostile: Preview) -> None:
    page = Page(to_markdown(replace(hostile, layers=(), resources=())))
    assert {tag for tag, _ in page.elements} <= OURS
    assert not LINKED.search(page.prose)


def test_hostile_values_are_still_told(hostile: Preview) -> None:
    text = html.unescape(to_markdown(hostile))
    assert "<script>alert(1)</script>" in text
    assert "octocat" in text


def test_secrets_are_not_told() -> None:
    found = differences({"p": {"$secret": "digest-one"}}, {"p": {"$secret": "digest-two"}})
    text = to_markdown(preview(PreviewedResource("foundation", made(ACCOUNT, "it"), Change.UPDATE, found)))
    assert "p: (secret)" in text
    assert "digest" not in text
