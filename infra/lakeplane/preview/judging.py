"""Judging the resources of one spec: what is wrong with them, and what only exceptions keep unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.preview.model import Change, PreviewedResource
from lakeplane.preview.newness import covered_key
from lakeplane.render import Resource

__all__ = ["Judge", "Judgement", "Judges", "JudgesOf", "judge_resources"]

Judge = Callable[[Sequence[Resource]], Iterable[Diagnostic]]
"""Judges the resources of the layers looked at, all together."""


@dataclass(frozen=True, slots=True)
class Judges:
    """What judges the resources of a spec.

    Attributes:
        judge: Finds what is wrong, as the spec asks for it.
        bare: Finds what would be wrong if the spec had no exceptions; absent if it has none.
    """

    judge: Judge
    bare: Judge | None = None


JudgesOf = Callable[[Path], Judges]
"""Returns the judges of a spec by its path."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found.

    Attributes:
        findings: What is wrong.
        covered: What would be wrong but for an exception.
    """

    findings: tuple[Diagnostic, ...] = ()
    covered: tuple[Diagnostic, ...] = ()


def judge_resources(
    resources: Sequence[PreviewedResource], judges: Judges | None, stacks: Sequence[Resource] = ()
) -> Judgement:
    """Judge what will be there: what a provider manages, deleted resources left out, and what stacks show.

    Args:
        resources: What happens to each resource.
        judges: The judges; nothing is judged without.
        stacks: The stacks themselves, for what they show as their outputs.
    """
    if judges is None:
        return Judgement()
    managed = [one.resource for one in resources if one.resource.managed and one.change is not Change.DELETE]
    judged = [*stacks, *managed]
    findings = tuple(judges.judge(judged))
    if judges.bare is None:
        return Judgement(findings)
    told = {covered_key(one) for one in findings}
    # What is about no resource is about the judgement itself, such as a count.
    covered = (one for one in judges.bare(judged) if one.resource is not None)
    return Judgement(findings, tuple(one for one in covered if covered_key(one) not in told))
