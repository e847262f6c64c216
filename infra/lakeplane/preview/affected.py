"""Which environments a change touches, by the files that differ from a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, SpecError
from lakeplane.layout import ProjectLayout
from lakeplane.preview.git import changed_files, find_commit
from lakeplane.spec.documents import read_document

__all__ = ["Affected", "affected_by", "find_affected"]

_SPECS = PurePosixPath("stacks/environments")
_CONFIG = PurePosixPath("stacks/config")
# Nothing of a program: documents, tests, what runs them, what a spec is checked by in an editor.
_NO_PROGRAM = (".azuredevops/", ".ci/", ".github/", "tests/")
_NO_PROGRAM_FILES = frozenset(
    {
        ".editorconfig",
        ".gitattributes",
        ".gitignore",
        "LICENSE",
        "Makefile",
        f"{_SPECS}/environment.schema.json",
    }
)
_DOCUMENTS = frozenset({".md", ".rst", ".png", ".svg"})


@dataclass(frozen=True, slots=True)
class Affected:
    """An environment, or a hub, that a change touches.

    Attributes:
        name: What verbs take: the spec's name, or its path if it doesn't lie among the environments.
        spec: Path of the spec from the project's directory.
        because: The first changed file that touches it, and what it is to the environment.
        removed: The spec is there no more: there is nothing to preview, and its stacks are left standing.
    """

    name: str
    spec: str
    because: str
    removed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {"name": self.name, "spec": self.spec, "because": self.because, "removed": self.removed}


def find_affected(project: ProjectLayout, ref: str) -> tuple[Affected, ...]:
    """Find the environments that the change since a commit touches, uncommitted changes included.

    A changed spec touches its environment, and a hub's spec those that name the hub as well. What isn't known
    to be a document touches every environment: code, rules, workloads, locks.

    Args:
        project: The project, inside a git repository.
        ref: What to compare with.

    Raises:
        PlanError: git knows no such ref, or there is no repository.
    """
    commit = find_commit(project, ref)
    if commit is None:
        raise PlanError(
            Diagnostic(
                code="PRV020",
                summary=f"nothing is found under the base {ref!r}",
                detail="git knows no such commit, branch or tag",
                remedy="fetch it first; in CI check out with its history (`fetch-depth: 0`)",
            )
        )
    return affected_by(project, changed_files(project, commit))


def affected_by(project: ProjectLayout, files: Iterable[str]) -> tuple[Affected, ...]:
    """Find the environments that changed files touch, by name.

    Args:
        project: The project.
        files: Paths from the project's directory, with forward slashes.
    """
    specs = _specs(project)
    found: dict[str, Affected] = {}
    for file in sorted(files):
        for one in _touched(project, file, specs):
            found.setdefault(one.spec, one)
    return tuple(sorted(found.values(), key=lambda one: (one.name, one.spec)))


def _specs(project: ProjectLayout) -> dict[str, Mapping[str, Any]]:
    """Return what each environment's spec says, by path; one that can't be read says nothing."""
    return {
        path.relative_to(project.root).as_posix(): _read(path)
        for path in sorted(project.environments.glob("*.yaml"))
    }


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return read_document(path).data
    except SpecError:
        return {}


def _touched(project: ProjectLayout, file: str, specs: Mapping[str, Mapping[str, Any]]) -> Iterator[Affected]:
    path = PurePosixPath(file)
    if path.is_relative_to(_SPECS) and path.suffix in (".yaml", ".yml"):
        yield from _by_spec(project, path, specs)
    elif path.is_relative_to(_CONFIG) and path.name.startswith("Pulumi."):
        stack = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
        spec = str(_SPECS / f"{stack.partition('.')[0]}.yaml")
        if spec in specs:
            yield Affected(_name(spec), spec, f"{file}: configuration of its stack")
    elif not _is_document(path):
        for spec in specs:
            yield Affected(_name(spec), spec, f"{file}: shared by all environments")


def _by_spec(
    project: ProjectLayout, path: PurePosixPath, specs: Mapping[str, Mapping[str, Any]]
) -> Iterator[Affected]:
    spec = str(path)
    is_there = (project.root / spec).is_file()
    what = "its spec" if is_there else "its spec is removed"
    yield Affected(_name(spec), spec, f"{spec}: {what}", removed=not is_there)
    # A hub's spec is named after the hub.
    for other, document in specs.items():
        network = document.get("network")
        if isinstance(network, Mapping) and network.get("hub") == path.stem:
            yield Affected(_name(other), other, f"{spec}: the hub that it names")


def _is_document(path: PurePosixPath) -> bool:
    file = str(path)
    return path.suffix in _DOCUMENTS or file in _NO_PROGRAM_FILES or file.startswith(_NO_PROGRAM)


def _name(spec: str) -> str:
    path = PurePosixPath(spec)
    return path.stem if path.parent == _SPECS and path.suffix == ".yaml" else spec
