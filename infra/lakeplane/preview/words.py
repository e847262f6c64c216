"""The preview in words that every format shares: verdict, counts, sums, values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.model import Change, Preview, PreviewedResource

__all__ = [
    "Verdict",
    "Weight",
    "counted",
    "gravest_first",
    "is_loss",
    "kind_of",
    "lost_first",
    "marked_new",
    "money",
    "ordered_findings",
    "tallies",
    "told_budget",
    "told_changes",
    "told_covered",
    "told_delta",
    "told_unpriced",
    "verdict",
]

_WORDS = {
    Change.CREATE: "to create",
    Change.IMPORT: "to import",
    Change.UPDATE: "to update",
    Change.MAY_UPDATE: "may be updated",
    Change.REPLACE: "to replace",
    Change.MAY_REPLACE: "may be replaced",
    Change.DELETE: "to delete",
    Change.NOT_COMPARED: "not compared",
}
_GRAVEST = (
    Change.DELETE,
    Change.REPLACE,
    Change.MAY_REPLACE,
    Change.UPDATE,
    Change.MAY_UPDATE,
    Change.IMPORT,
    Change.CREATE,
)
_ORDER = {severity: place for place, severity in enumerate(Severity)}


class Weight(StrEnum):
    """How a reviewer should take it."""

    STOP = "stop"
    CARE = "care"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What matters most, in one line of our own words: nothing of it comes from a spec or a program."""

    weight: Weight
    headline: str


def verdict(preview: Preview) -> Verdict:
    """Sum a preview up."""
    errors = len(preview.of_severity(Severity.ERROR))
    if not preview.is_shown:
        return Verdict(Weight.STOP, f"can't be shown: {counted(errors, 'error')}")
    lost = sum(bool(one.lost) for one in preview.resources)
    endangered = sum(bool(one.endangered) for one in preview.resources)
    warnings = len(preview.of_severity(Severity.WARNING))
    hidden = len(preview.newly_covered or ())
    parts = [] if preview.base_is_known else ["not compared, as the base can't be rendered"]
    parts += [f"would destroy {counted(lost, 'resource')} with data"] if lost else []
    parts += [counted(errors, "error")] if errors else []
    parts += [f"may replace {counted(endangered, 'resource')} with data"] if endangered else []
    parts += [counted(warnings, "warning")] if warnings else []
    parts += [f"{counted(hidden, 'finding')} newly covered by exceptions"] if hidden else []
    needs_care = endangered or warnings or hidden or not preview.base_is_known
    weight = Weight.STOP if errors or lost else Weight.CARE if needs_care else Weight.FINE
    return Verdict(weight, ", ".join(parts) or _quiet(preview))


def _quiet(preview: Preview) -> str:
    changed = sum(count for change, count in preview.counts.items() if change in _WORDS)
    if preview.base is None:
        return f"{counted(changed, 'resource')}, no errors"
    return f"{counted(changed, 'change')}, no errors" if changed else "no changes"


def told_changes(preview: Preview, names: str = "") -> str:
    """Count changes in words, such as `2 to update, 1 to replace; 180 stay as they are`.

    Args:
        preview: What to count.
        names: Written behind what changes.
    """
    told = ", ".join(
        f"{preview.counts[change]} {words}" for change, words in _WORDS.items() if change in preview.counts
    )
    same = preview.counts.get(Change.SAME, 0)
    moved = sum(bool(one.former_urn) for one in preview.resources if one.change is Change.SAME)
    renamed = f", {moved} of them under a new name" if moved else ""
    return (
        f"{told or 'nothing changes'}{names}; {same} stay as they are{renamed}"
        if preview.is_compared
        else told or "nothing"
    )


def tallies(preview: Preview) -> list[tuple[str, int, str]]:
    """Return what happens to how many resources: the change, the number, and its words."""
    words = {**_WORDS, Change.SAME: "unchanged"}
    return [(one.value, preview.counts[one], text) for one, text in words.items() if one in preview.counts]


def gravest_first(preview: Preview) -> list[PreviewedResource]:
    """Return what changes in a cloud: by what happens, and first what most of the others depend on."""
    changed = [one for one in preview.changed if one.is_managed and one.change is not Change.SAME]
    needed = Counter(urn for one in changed for urn in one.resource.dependencies)
    return sorted(
        changed,
        key=lambda one: (_GRAVEST.index(one.change), -needed[one.resource.urn], one.resource.urn),
    )


def lost_first(preview: Preview) -> list[PreviewedResource]:
    """Return what holds data and goes, then what may go; of both first what others depend on."""
    changed = gravest_first(preview)
    lost = [one for one in changed if one.lost]
    return [*lost, *(one for one in changed if one.endangered)]


def ordered_findings(preview: Preview) -> list[Diagnostic]:
    """Return findings by weight, new ones first, otherwise as they were found."""
    return sorted(preview.findings, key=lambda one: (_ORDER[one.severity], preview.is_new(one) is False))


def marked_new(preview: Preview, finding: Diagnostic) -> bool:
    """Tell whether a finding is marked as new; what is said of the change itself is new by its nature."""
    is_of_change = finding.code.startswith("PRV") and finding.code != "PRV017"
    return preview.is_new(finding) is True and not is_of_change


def told_covered(preview: Preview) -> str:
    """Count what exceptions cover, such as `2 findings covered by exceptions (1 new)`; empty if nothing."""
    if not preview.covered:
        return ""
    new = "" if preview.newly_covered is None else f" ({len(preview.newly_covered):,} new)"
    return f"{counted(len(preview.covered), 'finding')} covered by exceptions{new}"


def told_delta(preview: Preview) -> str:
    """Say how much dearer than the base it is: `+8.00 USD against the base`; empty if nobody knows."""
    if preview.cost_delta is None:
        return ""
    use = ", both with the use declared now" if preview.base_use_is_of_now else ""
    return f"{money(preview.cost_delta, preview.cost.currency, signed=True)} against the base{use}"


def told_budget(preview: Preview) -> str:
    """Say how the cost stands to the budget, the most that is known of what is not priced included."""
    cost = preview.cost
    if preview.budget is None:
        return ""
    allowed = f"the budget of {money(preview.budget, cost.currency)}"
    if cost.expected is not None and cost.expected > preview.budget:
        return f"over {allowed}"
    if cost.ceiling > preview.budget:
        return f"may exceed {allowed} (up to {money(cost.ceiling, cost.currency)})"
    return f"within {allowed}" if cost.expected is not None else ""


def told_unpriced(preview: Preview) -> str:
    """Count what is in no sum, such as `3 things not priced`; empty if everything is priced."""
    cost = preview.cost
    if not cost.not_priced:
        return ""
    bounds = cost.unpriced_bounds
    most = f", {len(bounds):,} of them {money(sum(bounds), cost.currency)} at most" if bounds else ""
    was = None if preview.base_cost is None else len(preview.base_cost.not_priced)
    before = "" if was is None or was == len(cost.not_priced) else f" ({was:,} before)"
    return f"{counted(len(cost.not_priced), 'thing')} not priced{before}{most}"


def is_loss(finding: Diagnostic) -> bool:
    """Tell whether a finding says that data goes or may go, which summaries tell in a line of its own."""
    return finding.code in ("PRV010", "PRV012")


def money(amount: float, currency: str, *, signed: bool = False) -> str:
    """Write a sum, such as `1,204.50 USD`."""
    return f"{amount:+,.2f} {currency}" if signed else f"{amount:,.2f} {currency}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, such as `2 errors`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def kind_of(token: str) -> str:
    """Return the short name of a type, such as `StorageAccount`."""
    return token.rpartition(":")[2]
