"""What `--base` names: a Pulumi state, another spec, a git ref, or an environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.preview.base import Base, BaseLayer, Compared, uncompared
from lakeplane.preview.base_git import git_base
from lakeplane.preview.base_state import is_state, state_base
from lakeplane.preview.git import find_commit
from lakeplane.preview.judging import JudgesOf
from lakeplane.preview.layers import Rendered, Subject, render_layers
from lakeplane.preview.model import BaseLabel, Change
from lakeplane.preview.newness import FindingKey, Known, KnownException, covered_key, finding_key
from lakeplane.preview.resource_document import in_stack, urn_in_stack
from lakeplane.preview.seals import Seal, seal
from lakeplane.preview.state_values import without_place
from lakeplane.preview.summing import sum_up

__all__ = ["Prepared", "prepare_base"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A base that is found and not made yet.

    Attributes:
        make: Makes it.
        is_apart: Whether that happens in a process of its own, beside whatever else this one does.
    """

    make: Callable[[], Base]
    is_apart: bool = False


_SPECS = (".yaml", ".yml")


def prepare_base(
    subject: Subject, layer: str, names: Sequence[str], key: Seal, judges: JudgesOf | None = None
) -> Prepared:
    """Find out what the user names as base.

    A file is a state or a spec by what is in it. Any other name is a git ref, else an environment of the
    project: write the path of a spec where a branch has the environment's name.

    Args:
        subject: What is previewed.
        layer: Which of its layers.
        names: The values of `--base`; several only for states.
        key: Seals the secrets.
        judges: Returns what judges the resources of another spec; they are not judged if left out.

    Raises:
        PlanError: A name stands for nothing, or several stand for what can't be put together.
    """
    paths = [Path(name) for name in names]
    files = [path for path in paths if path.is_file() and path.suffix not in _SPECS and is_state(path)]
    if len(files) == len(names):
        return Prepared(lambda: state_base(files, subject.environment, subject.shown(layer), key))
    if len(names) > 1:
        raise _no_base(", ".join(names), "several bases are understood for states alone")
    (name,) = names
    if paths[0].is_file():
        return Prepared(lambda: _spec_base(subject, layer, paths[0], key, judges))
    project = subject.project
    beside = project.environments / f"{name}.yaml"
    commit = find_commit(project, name) if _may_be_ref(name) else None
    if commit is not None:
        return Prepared(
            lambda: git_base(project, commit, subject.path, subject.environment, layer, key), is_apart=True
        )
    if beside.is_file():
        return Prepared(lambda: _spec_base(subject, layer, beside, key, judges))
    raise _no_base(name, "it is no file, no git ref and no environment")


def _may_be_ref(name: str) -> bool:
    return bool(name.strip()) and Path(name).suffix not in _SPECS


def _spec_base(subject: Subject, layer: str, path: Path, key: Seal, judges: JudgesOf | None) -> Base:
    """Render another spec as if it were the environment's own, as it was before.

    It is judged and estimated as a preview of it would be: by its own tier, exceptions, use and prices.
    """
    other = render_layers(path, layer)
    layers = {name: _as_layer(subject, other, name, key) for name in other.graphs}
    shown = sum_up(Compared(other, uncompared(other, Change.CREATE)), judges(path) if judges else None)

    def keys(
        findings: Iterable[Diagnostic], key_of: Callable[[Diagnostic], FindingKey]
    ) -> tuple[FindingKey, ...]:
        return tuple(key_of(_moved(one, subject, other)) for one in findings)

    known = Known(
        findings=keys(shown.findings, finding_key) if judges else None,
        covered=frozenset(keys(shown.covered, covered_key)) if judges else None,
        exceptions=tuple(
            KnownException(one.rule, one.resource, one.until) for one in other.subject.spec.exceptions
        ),
    )
    return Base(BaseLabel("spec", str(path)), layers, known=known, cost=shown.cost)


def _moved(finding: Diagnostic, subject: Subject, other: Rendered) -> Diagnostic:
    """Return a finding of another spec as if its resource were the environment's own."""
    urn = finding.resource
    for layer, graph in other.graphs.items():
        if urn is not None:
            urn = urn_in_stack(urn, graph.project, graph.stack, f"{subject.environment}.{layer}")
    return replace(finding, resource=urn)


def _as_layer(subject: Subject, other: Rendered, layer: str, key: Seal) -> BaseLayer:
    graph = other.graphs[layer]
    stack = f"{subject.environment}.{layer}"
    found = (
        in_stack(replace(one, inputs=without_place(seal(one.inputs, key))), graph.project, graph.stack, stack)
        for one in graph.resources
    )
    return BaseLayer({one.urn: one for one in found if one.type != "pulumi:pulumi:Stack"})


def _no_base(name: str, detail: str) -> PlanError:
    return PlanError(
        Diagnostic(
            code="PRV020",
            summary=f"nothing is found under the base {name!r}",
            detail=detail,
            remedy="name a git ref (`git fetch` it first; in CI check out with its history), the path of a "
            "spec, or the file of `pulumi stack export`",
        )
    )
