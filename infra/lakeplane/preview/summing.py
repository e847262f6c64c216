"""From what was compared to a preview: judged, with its cost, its quota and what the base has of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lakeplane.costs import Cost, QuotaNeed
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.base import Base, Compared
from lakeplane.preview.estimate import Estimate, estimate
from lakeplane.preview.judging import Judges, judge_resources
from lakeplane.preview.layers import Rendered
from lakeplane.preview.model import Change, Preview
from lakeplane.preview.new_exceptions import find_new_exceptions
from lakeplane.preview.newness import Known
from lakeplane.preview.quota_growth import find_growth
from lakeplane.render import Resource
from lakeplane.spec import EnvironmentSpec
from lakeplane.spec.awaited import awaited
from lakeplane.spec.expiry import expired, today

__all__ = ["sum_up"]


def sum_up(compared: Compared, judges: Judges | None = None) -> Preview:
    """Judge what was compared and work out what it costs.

    Args:
        compared: The environment, compared if there is a base.
        judges: What judges its resources; nothing is judged without.
    """
    rendered, resources, before = compared.rendered, compared.resources, compared.base
    subject = rendered.subject
    spec = subject.spec
    counted = _estimated(rendered, [one.resource for one in resources if one.change is not Change.DELETE])
    judgement = judge_resources(
        resources, judges, [rendered.graphs[layer].resources[0] for layer in rendered.layers]
    )
    base_cost, base_quota = _of_base(rendered, before) if before and before.is_known else (None, None)
    known = before.known if before else Known()
    findings = (
        *compared.findings,
        *_messages(rendered),
        *(
            find_new_exceptions(spec.exceptions, known.exceptions, subject.path)
            if known.exceptions is not None
            else ()
        ),
        *judgement.findings,
        *(expired(spec, today()) if isinstance(spec, EnvironmentSpec) else ()),
        *(awaited(spec) if isinstance(spec, EnvironmentSpec) and "contents" in rendered.layers else ()),
        *counted.findings,
        *(find_growth(counted.quota, base_quota) if base_quota is not None else ()),
    )
    return Preview(
        environment=subject.environment,
        layers=rendered.layers,
        resources=resources,
        findings=tuple(_from_root(one, subject.project.root) for one in findings),
        cost=counted.cost,
        base_cost=base_cost,
        base_use_is_of_now=base_cost is not None and before is not None and before.cost is None,
        quota=counted.quota,
        base_quota=base_quota,
        base=before.label if before else None,
        base_is_known=before is None or before.is_known,
        covered=judgement.covered,
        known=known,
        budget=spec.monthly_budget,
        spec=subject.path,
        root=subject.project.root,
    )


def _of_base(rendered: Rendered, before: Base) -> tuple[Cost, tuple[QuotaNeed, ...]]:
    """Return what a base costs and takes of limits: its cost as it tells it, else by the use of now."""
    found = _estimated(rendered, before.of_layers(rendered.layers))
    return found.cost if before.cost is None else before.cost, found.quota


def _estimated(rendered: Rendered, resources: Sequence[Resource]) -> Estimate:
    subject = rendered.subject
    return estimate(subject.spec, subject.path, subject.project, resources)


def _from_root(finding: Diagnostic, root: Path) -> Diagnostic:
    """Tell a finding's place from the project's directory, wherever that lies."""
    location = finding.location
    if location is None or not Path(location.file).is_relative_to(root):
        return finding
    file = Path(location.file).relative_to(root).as_posix()
    return replace(finding, location=replace(location, file=file))


def _messages(rendered: Rendered) -> Iterator[Diagnostic]:
    for layer in rendered.layers:
        for severity, message in rendered.graphs[layer].messages:
            if severity in ("warning", "error"):
                yield Diagnostic(
                    code="PRV002",
                    summary=f"the program of {layer} says: {message}",
                    severity=Severity(severity),
                )
