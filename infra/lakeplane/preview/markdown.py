"""The preview as one comment on a pull request: what matters in the first five lines, the rest folded.

The same preview always gives the same text, and none is longer than GitHub takes. Whatever comes from a spec
or a program goes through `lakeplane.preview.escaping`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lakeplane.costs import CostLine, NotPriced
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.escaping import code_cell, prose_cell
from lakeplane.preview.markdown_changes import Budget, change_blocks
from lakeplane.preview.markdown_summary import summary_lines
from lakeplane.preview.model import Preview
from lakeplane.preview.quota_growth import QuotaRow, quota_rows
from lakeplane.preview.told_values import cut
from lakeplane.preview.words import counted, marked_new, money, ordered_findings

__all__ = ["LIMIT", "comment_marker", "to_markdown"]

LIMIT = 65_536
"""Longest comment that GitHub takes, in characters; kept to in bytes, which are never fewer."""

_SEVERITIES = {Severity.ERROR: "⛔ error", Severity.WARNING: "⚠️ warning", Severity.NOTE: "note"}
_FINDINGS_SHARE = 0.5
_SHOWN_COSTS = 30
_SHOWN_LIMITS = 30
_UNPRICED_SHARE = 0.2
_SHOWN_NAMES = 40


def comment_marker(environment: str) -> str:
    """Return the invisible line by which whoever posts a comment finds it again to write it anew."""
    return f"<!-- lakeplane preview of {re.sub(r'[^a-z0-9.-]', '-', environment.lower())[:60]} -->"


def to_markdown(preview: Preview, limit: int = LIMIT) -> str:
    """Write the comment.

    Args:
        preview: What to show.
        limit: Most bytes; details are shortened to counts to keep to it.
    """
    tail = ["", comment_marker(preview.environment), ""]
    head = [*summary_lines(preview), ""]
    budget = Budget(limit - _size(head) - _size(tail) - 1_000)
    findings = list(_findings(preview, budget.share(_FINDINGS_SHARE)))
    budget.spend(findings)
    costs = list(_costs(preview)) + list(_quota(preview))
    budget.spend(costs)
    unpriced = list(_not_priced(preview, budget.share(_UNPRICED_SHARE)))
    budget.spend(unpriced)
    changes = list(change_blocks(preview, budget))
    return "\n".join([*head, *findings, *changes, *costs, *unpriced, *tail])


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _folded_table(
    summary: str, columns: Sequence[str], rows: Iterable[str], rest: str = "", *, is_open: bool = False
) -> Iterator[str]:
    """Write a table that is folded away under a line, and below it what it leaves out."""
    yield f"<details{' open' if is_open else ''}><summary>{summary}</summary>"
    yield "<table>"
    yield f"<tr>{''.join(f'<th>{column}</th>' for column in columns)}</tr>"
    yield from rows
    yield "</table>"
    if rest:
        yield f"<p>{rest}</p>"
    yield "</details>"
    yield ""


def _no_room(count: int, noun: str) -> str:
    return f"{counted(count, noun)}, which this comment has no room for." if count else ""


def _table_row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _findings(preview: Preview, budget: Budget) -> Iterator[str]:
    found = ordered_findings(preview)
    if not found:
        return
    rows = [_row(preview, finding) for finding in found]
    kept = budget.fitting(rows)
    yield from _folded_table(
        counted(len(found), "finding"),
        ("what", "where", "found", "what to do"),
        rows[:kept],
        _no_room(len(rows) - kept, "more finding"),
        is_open=bool(preview.of_severity(Severity.ERROR)),
    )


def _row(preview: Preview, finding: Diagnostic) -> str:
    new = " <b>new</b>" if marked_new(preview, finding) else ""
    where = [code_cell(str(finding.location))] if finding.location else []
    where += [code_cell(finding.resource.rpartition("::")[2])] if finding.resource else []
    where += [code_cell(cut(finding.dotted_path, 120))] if finding.path else []
    text = f"{finding.summary}: {finding.detail}" if finding.detail else finding.summary
    cells = (
        f"{_SEVERITIES[finding.severity]} {code_cell(finding.code)}{new}",
        "<br>".join(where),
        prose_cell(cut(text, 600)),
        prose_cell(cut(finding.remedy, 400)),
    )
    return _table_row(cells)


def _costs(preview: Preview) -> Iterator[str]:
    lines = sorted(preview.cost.lines, key=lambda line: (-line.expected, line.resource, line.what))
    if not lines:
        return
    more = lines[_SHOWN_COSTS:]
    together = sum(line.expected for line in more)
    yield from _folded_table(
        f"Cost of a month, {counted(len(lines), 'line')}",
        ("service", "what", "low", "expected", "high"),
        map(_cost_row, lines[:_SHOWN_COSTS]),
        f"{counted(len(more), 'smaller line')}: {together:,.2f} together." if more else "",
    )


def _cost_row(line: CostLine) -> str:
    name = line.resource.rpartition("::")[2]
    sums = (f"{amount:,.2f}" for amount in (line.low, line.expected, line.high))
    what = f"{code_cell(name)} {prose_cell(line.what)}"
    return _table_row((prose_cell(line.service), what, *sums))


def _not_priced(preview: Preview, budget: Budget) -> Iterator[str]:
    """Write what is in no sum, as much of it as there is room for: first what is known to cost most."""
    groups: dict[tuple[str, str], list[NotPriced]] = {}
    for one in sorted(preview.cost.not_priced, key=lambda one: (one.what, one.reason, one.resource)):
        groups.setdefault((one.what, one.reason), []).append(one)
    if not groups:
        return
    found = sorted(groups.values(), key=lambda alike: -sum(one.at_most or 0 for one in alike))
    rows = [_unpriced_row(alike, preview.cost.currency) for alike in found]
    kept = budget.fitting(rows)
    yield from _folded_table(
        f"Not priced, {counted(len(preview.cost.not_priced), 'thing')}",
        ("of", "what", "why", "at most"),
        rows[:kept],
        _no_room(sum(map(len, found[kept:])), "more thing"),
    )


def _unpriced_row(alike: Sequence[NotPriced], currency: str) -> str:
    """Write things that are not priced for the same reason as one row."""
    bounds = [one.at_most for one in alike if one.at_most is not None]
    names = [code_cell(cut(one.resource.rpartition("::")[2], 80)) for one in alike[:_SHOWN_NAMES]]
    more = [f"and {len(alike) - len(names):,} more"] if len(alike) > len(names) else []
    cells = (
        "<br>".join([*names, *more]),
        prose_cell(cut(alike[0].what, 200)),
        prose_cell(cut(alike[0].reason, 300)),
        money(sum(bounds), currency) if bounds else "",
    )
    return _table_row(cells)


def _quota(preview: Preview) -> Iterator[str]:
    rows = quota_rows(preview)
    if not rows:
        return
    more = len(rows) - _SHOWN_LIMITS
    yield from _folded_table(
        f"Quota, {counted(len(rows), 'limit')}",
        ("limit", "where", "needed"),
        map(_quota_row, rows[:_SHOWN_LIMITS]),
        f"{counted(more, 'more limit')}." if more > 0 else "",
    )


def _quota_row(row: QuotaRow) -> str:
    told = f"{row.needed}, {row.before}" if row.before else row.needed
    needed = f"⛔ {prose_cell(told)}" if row.exceeded else prose_cell(told)
    return _table_row((code_cell(row.name), code_cell(row.scope), needed))
