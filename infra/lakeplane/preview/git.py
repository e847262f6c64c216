"""What git knows of the project."""

from __future__ import annotations

from dataclasses import dataclass

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.git import ask_git
from lakeplane.layout import ProjectLayout

__all__ = ["Commit", "changed_files", "find_commit"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, and what the user calls it."""

    ref: str
    sha: str


def find_commit(project: ProjectLayout, ref: str) -> Commit | None:
    """Return the commit that a git ref names; nothing if git knows no such ref.

    Raises:
        PlanError: The project lies in no git repository, or git isn't installed.
    """
    if ask_git(project.root, "rev-parse", "--is-inside-work-tree") is None:
        raise PlanError(
            Diagnostic(
                code="PRV021",
                summary="the project lies in no git repository that git can read",
                detail=f"git finds none at {project.root}",
                remedy="run the command in a clone of the project, or compare with a spec or a Pulumi state",
            )
        )
    found = ask_git(project.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    return Commit(ref, found.strip()) if found else None


def changed_files(project: ProjectLayout, commit: Commit) -> tuple[str, ...]:
    """Return what differs between a commit and the files as they are now, as paths below the project.

    Files that git doesn't track yet are among them, ignored ones are not.
    """
    changed = (
        ask_git(project.root, "diff", "--name-only", "--no-renames", "--relative", "-z", commit.sha, "--")
        or ""
    )
    untracked = ask_git(project.root, "ls-files", "--others", "--exclude-standard", "-z") or ""
    return tuple(sorted({name for name in (*changed.split("\0"), *untracked.split("\0")) if name}))
