"""`lakeplane policy`: what an environment's cluster policies allow, and what they make of a cluster."""

from __future__ import annotations

from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeplane.cli.environment import Environment, find_environment, spec_path
from lakeplane.cli.terminal import Format, print_findings, print_json, results
from lakeplane.diagnostics import Diagnostic, has_errors
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.table import Table

    from lakeplane.cluster_policies import Evaluation, PolicyDocument
    from lakeplane.spec.documents import Document

__all__ = ["app", "check", "explain"]

app = typer.Typer(
    help="Cluster policies, judged without a workspace; rules about resources.", no_args_is_help=True
)

_SPEC = "local"  # the environment that is meant where none is named
_POOL = "resources.instance_pools."


@app.command("explain")
def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SPEC] [KEY]",
            help="A spec's path or an environment's name, else local; and a policy's key, else all.",
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Show what cluster policies allow: each attribute with its limit, values and default."""
    reference, keys = _spec_and_keys(words or [])
    environment = find_environment(reference)
    policies = _policies(environment)
    chosen = [policies[key] for key in keys or policies]
    if output is Format.JSON:
        print_json({"spec": str(environment.path), "policies": [_plain(policy) for policy in chosen]})
        return
    console = results()
    for policy in chosen:
        most = policy.max_clusters_per_user
        console.print(f"{policy.key}: {policy.name}", style="bold", soft_wrap=True)
        console.print(
            policy.description + (f" At most {most} clusters a user." if most else ""), soft_wrap=True
        )
        console.print(_limits(policy))


@app.command("check")
def check(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[SPEC] KEY FILE|-",
            help="A spec, else local; a policy's key; and a cluster of the Clusters API as JSON or YAML, "
            "- for standard input.",
        ),
    ],
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Show what a cluster policy makes of a cluster, or each reason why it refuses it; exit 1 if it does."""
    if len(words) not in (2, 3):
        raise typer.BadParameter("give a policy's key and a file, with a spec before them if it is not local")
    *spec, key, file = words
    environment = find_environment(spec[0] if spec else _SPEC)
    policies = _policies(environment)
    if key not in policies:
        raise SpecError(_unknown(key, "no such cluster policy"))
    document = _read_cluster(file, policies[key])
    answer = _evaluate(document, policies[key], environment)
    findings = tuple(
        replace(finding, location=document.locate(finding.path), resource=key) for finding in answer.findings
    )
    if output is Format.JSON:
        print_json(
            {
                "spec": str(environment.path),
                "policy": key,
                "accepted": answer.accepted,
                "cluster": answer.cluster,
                "findings": [finding.to_dict() for finding in findings],
            }
        )
    elif answer.accepted:
        console = results()
        console.print(f"{key} accepts the cluster and makes of it:", style="bold", soft_wrap=True)
        console.print(_cluster(answer, document, policies[key]))
    else:
        print_findings(findings, error=False)
    raise typer.Exit(0 if answer.accepted else 1)


def _spec_and_keys(words: list[str]) -> tuple[str, list[str]]:
    """Tell apart what `explain` was given: a spec, a policy's key, both, or neither."""
    from lakeplane.cluster_policies import POLICY_KEYS

    if len(words) > 2:
        raise typer.BadParameter("give at most a spec and a policy's key")
    if len(words) == 1 and words[0] not in POLICY_KEYS:
        try:
            spec_path(words[0])
        except SpecError as error:
            if Path(words[0]).suffix in {".yaml", ".yml"}:
                raise
            wrong = _unknown(words[0], "neither an environment nor a cluster policy")
            detail = f"{error.findings[0].detail}; policies: {wrong.detail.partition('allowed: ')[2]}"
            raise SpecError(replace(wrong, detail=f"found {words[0][:60]!r}; {detail}")) from None
        return words[0], []
    keys = words[-1:]
    if keys and keys[0] not in POLICY_KEYS:
        raise SpecError(_unknown(keys[0], "no such cluster policy"))
    return words[0] if len(words) == 2 else _SPEC, keys


def _unknown(key: str, summary: str) -> Diagnostic:
    from lakeplane.cluster_policies import POLICY_KEYS

    close = get_close_matches(key, POLICY_KEYS, 1)
    return Diagnostic(
        code="CLI002",
        summary=summary,
        detail=f"found {key[:60]!r}; allowed: {', '.join(POLICY_KEYS)}",
        remedy=f"did you mean {close[0]}?" if close else "name one of those allowed",
    )


def _policies(environment: Environment) -> Mapping[str, PolicyDocument]:
    from lakeplane.cluster_policies import policy_documents

    return policy_documents(environment.plan.spec, environment.plan)


def _read_cluster(file: str, policy: PolicyDocument) -> Document:
    """Read a cluster and refuse what the API would silently ignore.

    Raises:
        SpecError: The file is no mapping, or has attributes or references that do not exist.
    """
    from lakeplane.spec.documents import read_document
    from lakeplane.spec.interpolation import check_references

    document = read_document(Path("/dev/stdin" if file == "-" else file), what="cluster")
    known = _attributes(_cluster_type(policy))
    findings = [*document.findings, *check_references(document.data, document, ())]
    for key in document.data:
        if key not in known:
            close = get_close_matches(key, known, 1)
            findings.append(
                Diagnostic(
                    code="CLI003",
                    summary="cluster has no such attribute",
                    detail=f"found {key[:60]!r}; allowed: {', '.join(known)}",
                    remedy=f"did you mean {close[0]}?" if close else "name one of those allowed",
                    path=(key,),
                    location=document.locate((key,), key=True),
                )
            )
    if has_errors(findings):
        raise SpecError(findings)
    return document


def _attributes(cluster_type: str) -> list[str]:
    from databricks.sdk.service.compute import ClusterSpec
    from databricks.sdk.service.pipelines import PipelineCluster

    return sorted(field.name for field in fields(PipelineCluster if cluster_type == "dlt" else ClusterSpec))


def _cluster_type(policy: PolicyDocument) -> Any:
    return policy.definition["cluster_type"]["value"]


class _References(dict[str, Any]):
    """Values of references; ids that exist only in a workspace stand for themselves."""

    def __missing__(self, reference: str) -> str:
        self[reference] = f"${{{reference}}}"
        return f"${{{reference}}}"


def _evaluate(document: Document, policy: PolicyDocument, environment: Environment) -> Evaluation:
    from lakeplane.cluster_policies import evaluate
    from lakeplane.spec import interpolate, spec_values

    spec = environment.plan.spec
    values = _References(spec_values(spec, wheel=""))
    cluster = interpolate(document.data, values)
    return evaluate(
        policy.definition,
        cluster,
        cluster_type=_cluster_type(policy),
        apply_defaults=cluster.get("apply_policy_default_values") is True,
        pools={id_: spec.databricks.node_type for name, id_ in values.items() if name.startswith(_POOL)},
    )


def _plain(policy: PolicyDocument) -> dict[str, Any]:
    return {
        "key": policy.key,
        "name": policy.name,
        "description": policy.description,
        "max_clusters_per_user": policy.max_clusters_per_user,
        "limits": [{"attribute": path, **rule} for path, rule in policy.definition.items()],
    }


def _limits(policy: PolicyDocument) -> Table:
    from lakeplane.cluster_policies.limits import as_text, read_limits

    table = _table("attribute", "limit", "values", "default", "optional", "hidden")
    for limit in read_limits(policy.definition):
        default = limit.rule.get("defaultValue")
        table.add_row(
            limit.path,
            limit.kind,
            "" if limit.kind in ("forbidden", "unlimited") else limit.allowed,
            "" if default is None else as_text(default),
            "yes" if limit.rule.get("isOptional") else "",
            "yes" if limit.rule.get("hidden") else "",
        )
    return table


def _cluster(answer: Evaluation, document: Document, policy: PolicyDocument) -> Table:
    from lakeplane.cluster_policies.limits import as_text

    given = dict(_lines(document.data))
    table = _table("attribute", "value", "from")
    for path, value in _lines(answer.cluster):
        rule = policy.definition.get(path, {})
        origin = "the cluster" if path in given else "fixed" if rule.get("type") == "fixed" else "default"
        table.add_row(path, as_text(value), origin)
    return table


def _lines(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Write nested values one a line, in alphabetical order of their paths."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _lines(value[key], f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lines(item, f"{path}.{index}")
    elif value is not None:
        yield path, value


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
