"""The first five lines of a pull request's comment: what a reviewer has to know."""

from __future__ import annotations

from collections.abc import Iterator

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.escaping import code_span, prose_line
from lakeplane.preview.inner_documents import told_differences
from lakeplane.preview.model import Change, Preview, PreviewedResource
from lakeplane.preview.quota_growth import QuotaRow, quota_rows
from lakeplane.preview.told_values import cut
from lakeplane.preview.words import (
    Weight,
    counted,
    gravest_first,
    is_loss,
    kind_of,
    lost_first,
    money,
    ordered_findings,
    told_budget,
    told_changes,
    told_covered,
    told_delta,
    told_unpriced,
    verdict,
)

__all__ = ["summary_lines"]

_SIGNS = {Weight.STOP: "⛔", Weight.CARE: "⚠️", Weight.FINE: "✅"}
_SHOWN_NAMES = 3
_SHOWN_LIMITS = 2


def summary_lines(preview: Preview) -> Iterator[str]:
    """Write the heading and four lines; of what can't be shown, the heading and the first errors."""
    found = verdict(preview)
    name = code_span(preview.environment)
    yield f"### {_SIGNS[found.weight]} lakeplane preview of {name}: {found.headline}"
    if not preview.is_shown:
        yield from (f"- {_told_finding(finding)}" for finding in ordered_findings(preview)[:4])
        return
    against = f" against {code_span(str(preview.base))}" if preview.base else ""
    yield f"- **Changes**{against}: {told_changes(preview, _told_names(preview))}"
    yield f"- **Data**: {_told_losses(preview)}"
    yield f"- **Findings**: {_told_findings(preview)}"
    yield f"- **Cost**: {_told_cost(preview)}"


def _told_losses(preview: Preview) -> str:
    if preview.base is None:
        return "not compared, there is no base"
    if not preview.base_is_known:
        return "not compared, the base can't be rendered"
    lost = lost_first(preview)
    told = [
        f"{code_span(one.resource.name)} ({kind_of(one.resource.type)}: {one.holds}) "
        f"{'would be' if one.lost else 'may be'} {'deleted' if one.change is Change.DELETE else 'replaced'}"
        + (f" for {code_span(path)}" if (path := _replacing_path(one)) else "")
        for one in lost[:3]
    ]
    more = f"; and {counted(len(lost) - 3, 'more resource')}" if len(lost) > 3 else ""
    return "; ".join(told) + more if told else "nothing that holds data goes"


def _told_names(preview: Preview) -> str:
    """Name the gravest changes with the values that change; without a base nothing is said by names."""
    if not preview.is_compared:
        return ""
    grave = gravest_first(preview)
    told = []
    for one in grave[:_SHOWN_NAMES]:
        paths = [each.path for each in told_differences(one.differences)]
        values = f" ({', '.join(code_span(cut(path, 80)) for path in paths)})" if 0 < len(paths) <= 2 else ""
        told.append(f"{code_span(one.resource.name)}{values}")
    return f": {', '.join(told)}{' and others' if len(grave) > len(told) else ''}" if told else ""


def _told_briefly(finding: Diagnostic) -> str:
    at = code_span(finding.resource.rpartition("::")[2]) if finding.resource else ""
    about = f" ({at})" if at and finding.code[:3] != "PRV" else ""
    return f"{code_span(finding.code)} {prose_line(cut(finding.summary, 120))}{about}"


def _replacing_path(one: PreviewedResource) -> str:
    return next((difference.path for difference in one.differences if difference.replaces), "")


def _told_findings(preview: Preview) -> str:
    counts = []
    others = [one for one in ordered_findings(preview) if not is_loss(one)]
    for severity in (Severity.ERROR, Severity.WARNING):
        found = [one for one in others if one.severity is severity]
        new = sum(preview.is_new(one) is True for one in found)
        if found:
            told_new = f" ({new} new)" if preview.known.findings is not None else ""
            counts.append(f"{counted(len(found), severity.value)}{told_new}")
    grave = [one for one in others if one.severity is not Severity.NOTE]
    first = "; ".join(_told_briefly(one) for one in grave[:2])
    told = [*(counts or ["no errors, no warnings"]), *([told_covered(preview)] if preview.covered else [])]
    return f"{', '.join(told)}: {first}" if first else ", ".join(told)


def _told_finding(finding: Diagnostic) -> str:
    at = code_span(str(finding.location)) if finding.location else ""
    path = code_span(finding.dotted_path) if finding.path else ""
    text = f"{finding.summary}: {finding.detail}" if finding.detail else finding.summary
    return " ".join(part for part in (code_span(finding.code), at, path, prose_line(cut(text, 300))) if part)


def _told_cost(preview: Preview) -> str:
    cost = preview.cost
    parts = []
    if cost.expected is not None:
        parts.append(f"{money(cost.expected, cost.currency)} a month")
        parts.append(told_delta(preview))
    else:
        parts.append("not worked out")
    parts += [told_budget(preview), told_unpriced(preview)]
    return ", ".join(part for part in parts if part) + _told_quota(quota_rows(preview))


def _told_quota(rows: list[QuotaRow]) -> str:
    if not rows:
        return ""
    exceeded = [row for row in rows if row.exceeded]
    told = f"{counted(len(exceeded), 'limit')} exceeded" if exceeded else "no limit known to be exceeded"
    grown = [row for row in rows if row.before][:_SHOWN_LIMITS]
    changed = ", ".join(f"{code_span(row.name)} {prose_line(row.needed)}, {row.before}" for row in grown)
    return f"; **quota**: {told}, {len(rows)} looked at{f'; {changed}' if changed else ''}"
