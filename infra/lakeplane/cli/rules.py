"""`lakeplane policy rules` and `config`: what previews and the engine's policy pack judge by."""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeplane.cli.environment import Reference, spec_path
from lakeplane.cli.terminal import print_json, results
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lakeplane.preview.layers import Rendered
    from lakeplane_policies import Rule, Settings
    from lakeplane_policies.judging import Judged

__all__ = ["config", "judge_for", "judge_program", "rules", "settings_of"]


class CatalogueFormat(StrEnum):
    """How the catalogue is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def rules(
    code: Annotated[
        str | None, typer.Argument(help="A rule's code, for its page; all rules if left out.")
    ] = None,
    output: Annotated[
        CatalogueFormat, typer.Option("--format", help="For people, for scripts, or for a document.")
    ] = CatalogueFormat.TEXT,
) -> None:
    """Show the rules that resources are judged by, or the page of one."""
    from lakeplane_policies import RULES
    from lakeplane_policies.pages import as_data, as_text, table

    chosen = RULES if code is None else (_rule(code),)
    if output is CatalogueFormat.JSON:
        print_json([as_data(rule) for rule in chosen])
    elif output is CatalogueFormat.MARKDOWN:
        typer.echo(table(chosen), nl=False)
    elif code is not None:
        typer.echo(as_text(chosen[0]), nl=False)
    else:
        results().print(_text_table(chosen))


def config(
    spec: Reference,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="PATH", help="Write to a file instead of standard output."),
    ] = None,
    remediate: Annotated[
        bool, typer.Option("--remediate", help="Let the engine put right what rules say is safe to.")
    ] = False,
) -> None:
    """Write what the policy pack needs to know of an environment: `pulumi up --policy-pack-config`."""
    from lakeplane_policies.pack import configuration

    content = configuration(settings_of(spec_path(spec)), remediate=remediate)
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        typer.echo(text, nl=False)
        return
    beside = output.with_name(f"{output.name}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(output)


def settings_of(path: Path) -> Settings:
    """Return what decides how rules judge an environment or a hub.

    A hub is judged as in prod, and as one that is reached from inside alone.

    Args:
        path: Path of the spec.

    Raises:
        SpecError: The spec is wrong.
    """
    from lakeplane.spec import load_spec
    from lakeplane.spec.expiry import today
    from lakeplane.spec.hub import is_hub, load_hub
    from lakeplane_policies import RuleException, Settings

    hub = is_hub(path)
    declared = load_hub(path).exceptions if hub else load_spec(path).exceptions
    exceptions = tuple(RuleException(**one.model_dump()) for one in declared)
    if hub:
        return Settings("prod", "private", exceptions, today())
    spec = load_spec(path)
    return Settings(spec.tier, spec.access.mode, exceptions, today())


def judge_for(path: Path) -> Callable[[Iterable[Judged]], Iterator[Diagnostic]]:
    """Return what judges the resources of an environment or a hub, as its spec asks for it.

    Args:
        path: Path of the spec; findings about its exceptions tell where they stand in it.
    """
    from lakeplane.spec.documents import read_document
    from lakeplane_policies import judge_all

    settings = settings_of(path)

    def judge(resources: Iterable[Judged]) -> Iterator[Diagnostic]:
        for finding in judge_all(resources, settings):
            if finding.path[:1] == ("exceptions",) and finding.resource is None:
                yield replace(finding, location=read_document(path).locate(finding.path))
            else:
                yield finding

    return judge


def judge_program(rendered: Rendered) -> tuple[Diagnostic, ...]:
    """Judge all that a spec's program registers, without comparing it or working out what it costs.

    Args:
        rendered: What the program registers.

    Returns:
        What `lakeplane preview` finds by rules.
    """
    graphs = [rendered.graphs[layer] for layer in rendered.layers]
    managed = [one for graph in graphs for one in graph.resources if one.managed]
    return tuple(judge_for(rendered.subject.path)([*(graph.resources[0] for graph in graphs), *managed]))


def _rule(code: str) -> Rule:
    from lakeplane_policies import RULES_BY_CODE

    found = RULES_BY_CODE.get(code.upper())
    if found is None:
        close = get_close_matches(code.upper(), RULES_BY_CODE, 1, cutoff=0.5)
        raise SpecError(
            Diagnostic(
                code="CLI004",
                summary="no such rule",
                detail=f"found {code[:60]!r}; allowed: the codes that `lakeplane policy rules` lists",
                remedy=f"did you mean {close[0]}?" if close else "name one of those",
            )
        )
    return found


def _text_table(chosen: Iterable[Rule]) -> Any:
    from rich import box
    from rich.table import Table

    found = Table("code", "what must hold", "impact", "dev", "test", "prod", box=box.SIMPLE_HEAD)
    for rule in chosen:
        levels = (rule.tiers.dev, rule.tiers.test, rule.tiers.prod)
        found.add_row(rule.code, rule.title, rule.impact.value, *(level.value for level in levels))
    return found
