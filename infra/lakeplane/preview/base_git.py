"""A git commit as base: its code, specs, workloads and rules, with the packages that are installed here.

The commit's files are written below `.lakeplane/base/` and rendered by a process of its own, so that two
versions of lakeplane never meet. A run that is killed leaves a directory, which the next one removes.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeplane.build_cache import exclusive
from lakeplane.costs import Cost
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import PlanError
from lakeplane.layout import ProjectLayout
from lakeplane.preview.base import Base
from lakeplane.preview.base_document import read_cost, read_covered, read_findings, read_layers
from lakeplane.preview.git import Commit, changed_files
from lakeplane.preview.model import BaseLabel
from lakeplane.preview.newness import Known, KnownException, known_exceptions
from lakeplane.preview.seals import Seal

__all__ = ["git_base"]

_PATIENCE = 300
_LOCKED = ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "workloads/pyproject.toml")
_CODE = ("infra", "policies", "workloads")


@dataclass(frozen=True, slots=True)
class _Found:
    """A spec at the commit.

    Attributes:
        path: Where it lies.
        name: The environment's name; absent if it can't be read.
        exceptions: Its exceptions; absent if they can't be read.
    """

    path: Path
    name: str | None
    exceptions: tuple[KnownException, ...] | None


def git_base(
    project: ProjectLayout, commit: Commit, spec: Path, environment: str, layer: str, key: Seal
) -> Base:
    """Render an environment as it is at a commit.

    Args:
        project: The project, inside a git repository.
        commit: The commit.
        spec: The environment's spec as it is now; at the commit it may lie elsewhere under the same name.
        environment: The environment's name.
        layer: `foundation`, `contents`, `hub` or `all`.
        key: Seals the secrets.

    Returns:
        The base. One that can't be rendered is not known, and has a finding that says why; an environment
        that is new, or had another name, has nothing yet.

    Raises:
        PlanError: git can't read the commit.
    """
    label = BaseLabel("git", commit.ref, commit.sha)
    findings = list(_changed_locks(project, commit))
    with _checked_out(project, commit) as tree:
        found = _find_spec(tree, project, spec, environment)
        if found is None:
            return _nothing_yet(label, (*findings, _no_spec(environment, commit)), ())
        if found.name not in (environment, None):
            renamed = _renamed(environment, str(found.name), str(found.path.relative_to(tree)), commit)
            return _nothing_yet(label, (*findings, renamed), found.exceptions)
        document = _render(tree, found.path, layer, key)
        text = json.dumps(document)
        # What lies below the tree lies at the same place below the project.
        document = json.loads(text.replace(json.dumps(str(tree))[1:-1], json.dumps(str(project.root))[1:-1]))
    if "errors" in document:
        failed = _not_rendered(commit, document["errors"])
        return Base(label, {}, (*findings, failed), Known(exceptions=found.exceptions), is_known=False)
    known = Known(read_findings(document), read_covered(document), found.exceptions)
    return Base(label, read_layers(document), tuple(findings), known, read_cost(document))


def _nothing_yet(
    label: BaseLabel, findings: tuple[Diagnostic, ...], exceptions: tuple[KnownException, ...] | None
) -> Base:
    """Return the base of an environment that isn't there: it costs nothing, and everything found is new."""
    return Base(label, {}, findings, Known((), frozenset(), exceptions), Cost())


@contextmanager
def _checked_out(project: ProjectLayout, commit: Commit) -> Iterator[Path]:
    """Write a commit's files below `.lakeplane/base/`, and remove them afterwards."""
    place = project.private / "base"
    with ExitStack() as stack:
        with exclusive(place / "lock"):
            _sweep(place)
            home = Path(tempfile.mkdtemp(prefix=f"{commit.sha[:10]}-", dir=place))
            stack.callback(shutil.rmtree, home, ignore_errors=True)
            lock = stack.enter_context((home / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        tree = home / "tree"
        _extract(project, commit, tree)
        (tree / ".lakeplane").mkdir(exist_ok=True)
        project.wheels.mkdir(parents=True, exist_ok=True)
        # A wheel is named by the hash of its sources: what is built already serves both.
        (tree / ".lakeplane" / "wheels").symlink_to(project.wheels, target_is_directory=True)
        yield tree


def _sweep(place: Path) -> None:
    """Remove what killed runs left: nobody holds their lock any more."""
    for home in filter(Path.is_dir, place.iterdir()):
        try:
            with (home / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(home, ignore_errors=True)
        except BlockingIOError:
            continue  # a run that is alive
        except OSError:
            shutil.rmtree(home, ignore_errors=True)


def _extract(project: ProjectLayout, commit: Commit, tree: Path) -> None:
    command = ["git", "archive", "--format=tar", commit.sha]
    with subprocess.Popen(command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as git:
        assert git.stdout is not None
        assert git.stderr is not None
        problem = ""
        try:
            with tarfile.open(fileobj=git.stdout, mode="r|") as archive:
                archive.extractall(tree, filter="data")
        except (tarfile.TarError, OSError) as error:
            problem = str(error)
            git.kill()
        told = git.stderr.read().decode(errors="replace").strip()
    if git.returncode or problem:
        raise PlanError(
            Diagnostic(
                code="PRV021",
                summary=f"the files of {commit.ref} can't be read from git",
                detail=told or problem,
                remedy="fetch the commit with its files, then run the same command again",
            )
        )


def _find_spec(tree: Path, project: ProjectLayout, spec: Path, environment: str) -> _Found | None:
    """Find the environment's spec at the commit: at the same path, else under the same name elsewhere.

    What lies at the same path and has another name is the environment under an earlier name, unless the name
    of now is elsewhere.
    """
    here = tree / spec.relative_to(project.root) if spec.is_relative_to(project.root) else None
    at_place = _read(here) if here is not None and here.is_file() else None
    if at_place is not None and at_place.name in (environment, None):
        return at_place
    for path in sorted((tree / "stacks" / "environments").rglob("*.yaml")):
        found = _read(path)
        if found.name == environment:
            return found
    return at_place


def _read(path: Path) -> _Found:
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError):
        document = None
    if not isinstance(document, dict):
        return _Found(path, None, None)
    name, exceptions = document.get("name"), document.get("exceptions")
    return _Found(
        path,
        name if isinstance(name, str) else None,
        known_exceptions(exceptions if isinstance(exceptions, list) else ()),
    )


def _render(tree: Path, spec: Path, layer: str, key: Seal) -> dict[str, Any]:
    target = tree.parent / "rendered.json"
    paths = [str(tree / name) for name in _CODE if (tree / name).is_dir()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    program = Path(__file__).with_name("base_program.py")
    # Without -P the modules beside the program would stand before those that they are named like.
    command = [sys.executable, "-P", str(program), str(spec), layer, str(target)]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, input=key, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return {"errors": [f"it takes longer than {_PATIENCE} seconds"]}
    try:
        document = json.loads(target.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing was said"]
        return {"errors": [f"its process ended with {done.returncode}: {last[0]}"]}
    return cast("dict[str, Any]", document)


def _changed_locks(project: ProjectLayout, commit: Commit) -> Iterator[Diagnostic]:
    changed = sorted(set(_LOCKED) & set(changed_files(project, commit)))
    if changed:
        yield Diagnostic(
            code="PRV023",
            summary="packages differ from those of the base",
            severity=Severity.NOTE,
            detail=f"changed: {', '.join(changed)}; both sides are shown with the packages installed here",
            remedy="look at the changed versions too: what a package's new version changes is not shown",
        )


def _no_spec(environment: str, commit: Commit) -> Diagnostic:
    return Diagnostic(
        code="PRV024",
        summary="the environment is new",
        severity=Severity.NOTE,
        detail=f"{commit.ref} has no spec of {environment!r}: everything is created",
    )


def _renamed(environment: str, was: str, spec: str, commit: Commit) -> Diagnostic:
    return Diagnostic(
        code="PRV018",
        summary=f"the environment was named {was!r}, and its stacks stay as they are",
        severity=Severity.WARNING,
        detail=f"{spec} names {environment!r} now: everything is created anew in stacks of that name, and "
        f"those of {was!r} are left with all that they hold",
        remedy=f"keep the name {was!r}; or bring the data over, and remove the earlier stacks with "
        f"`lakeplane destroy {spec}` in a checkout of {commit.sha[:10]}",
        path=("name",),
    )


def _not_rendered(commit: Commit, errors: list[str]) -> Diagnostic:
    more = f" and {len(errors) - 3} more" if len(errors) > 3 else ""
    return Diagnostic(
        code="PRV022",
        summary=f"the base {commit.ref} can't be rendered, so that nothing is compared",
        severity=Severity.WARNING,
        detail="; ".join(errors[:3]) + more,
        remedy="name a base that `lakeplane preview` can show by itself, or a Pulumi state; till then nobody "
        "knows what this change does to what is there",
    )
