"""The preview as one page that needs no other file and no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lakeplane.costs import CostLine
from lakeplane.diagnostics import Severity
from lakeplane.preview.cost_chart import draw_costs
from lakeplane.preview.graph_drawing import draw_graph
from lakeplane.preview.graph_layout import lay_out
from lakeplane.preview.inner_documents import told_differences
from lakeplane.preview.model import Change, Preview, PreviewedResource
from lakeplane.preview.quota_growth import quota_rows
from lakeplane.preview.seals import without_seals
from lakeplane.preview.told_values import told_pair, visible
from lakeplane.preview.words import (
    kind_of,
    lost_first,
    marked_new,
    ordered_findings,
    tallies,
    told_budget,
    told_covered,
    told_delta,
    told_unpriced,
    verdict,
)

__all__ = ["to_html"]

_LONGEST_INPUTS = 20_000


def to_html(preview: Preview) -> str:
    """Write the page: everything that comes from a spec or a program is escaped, and no secret is in it."""
    environment = Environment(
        loader=PackageLoader("lakeplane.preview", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters |= {"kind": kind_of, "last": _last}
    style, script = _part("page.css"), _part("page.js")
    layout = lay_out(preview)
    return environment.get_template("page.html.j2").render(
        preview=preview,
        verdict=verdict(preview),
        tallies=tallies(preview),
        managed=sum(one.is_managed for one in preview.resources),
        lost=lost_first(preview),
        findings=[(finding, marked_new(preview, finding)) for finding in ordered_findings(preview)],
        covered=told_covered(preview),
        against=told_delta(preview),
        allowed=told_budget(preview),
        unpriced=told_unpriced(preview),
        severities={severity.value: len(preview.of_severity(severity)) for severity in Severity},
        rows=list(enumerate(preview.resources)),
        costs=_costs_by_resource(preview.cost.lines),
        changes=[change.value for change in Change if any(one.change is change for one in preview.resources)],
        providers=sorted({_provider(one) for one in preview.resources if one.resource.custom}),
        quota=quota_rows(preview),
        cost_lines=sorted(preview.cost.lines, key=lambda line: (-line.expected, line.resource, line.what)),
        graph=Markup(draw_graph(layout, "resources by layer and component")) if layout.cards else "",  # noqa: S704 - our own SVG
        services=Markup(draw_costs(preview.cost, lambda line: line.service, "cost by service")),  # noqa: S704 - our own SVG
        workloads=Markup(  # noqa: S704 - our own SVG
            draw_costs(preview.cost, lambda line: line.workload or "by itself", "cost by workload")
        ),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        details=Markup(_details(preview)),  # noqa: S704 - JSON without markup
    )


def _part(name: str) -> str:
    return resources.files("lakeplane.preview").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return what a content security policy names a block by; only these two blocks may run or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _provider(one: PreviewedResource) -> str:
    token = one.resource.type
    return token.split(":")[2] if token.startswith("pulumi:providers:") else token.partition(":")[0]


def _finalize(value: Any) -> Any:
    """Show what nobody would see, in every text that is not ours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _last(urn: str) -> str:
    return urn.rpartition("::")[2]


def _costs_by_resource(lines: Iterable[CostLine]) -> Mapping[str, float]:
    sums: dict[str, float] = {}
    for line in lines:
        sums[line.resource] = sums.get(line.resource, 0.0) + line.expected
    return sums


def _details(preview: Preview) -> str:
    """Write what the page shows of a resource on demand, as JSON in which no markup can begin."""
    numbers = {one.resource.urn: number for number, one in enumerate(preview.resources)}
    findings: dict[str, list[str]] = {}
    for finding in preview.findings:
        if finding.resource:
            findings.setdefault(finding.resource, []).append(f"{finding.code}: {finding.summary}")
    found = [_detail(one, numbers, findings.get(one.resource.urn, [])) for one in preview.resources]
    text = json.dumps(found, ensure_ascii=True, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _detail(one: PreviewedResource, numbers: Mapping[str, int], findings: list[str]) -> dict[str, Any]:
    resource = one.resource
    inputs = json.dumps(without_seals(resource.inputs), indent=1, ensure_ascii=False, default=str)
    return {
        "urn": visible(resource.urn),
        "was": visible(one.former_urn or ""),
        "reasons": [visible(reason) for reason in one.reasons],
        "differences": [
            [visible(found.path), *told_pair(found.before, found.after), found.replaces, found.certain]
            for found in told_differences(one.differences)
        ],
        "findings": [visible(finding) for finding in findings],
        "needs": sorted({numbers[urn] for urn in resource.dependencies if urn in numbers}),
        "inputs": "\n".join(visible(line) for line in inputs[:_LONGEST_INPUTS].split("\n")),
        "protect": resource.protect,
    }
