"""The README against what is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from lakeplane.cli.main import app

FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("README.md", ".github/CONTRIBUTING.md")


def _commands(root: Path, program: str) -> Iterator[list[str]]:
    """Yield the words after a program in each line of the documents' blocks, substitutions included."""
    for name in DOCUMENTS:
        for block in FENCE.findall((root / name).read_text(encoding="utf-8")):
            for line in block.splitlines():
                for found in re.finditer(rf"(?:^|&& |\$\()({program} [^)&]*)", line):
                    yield shlex.split(found[1], comments=True)[1:]


def test_readme_names_verbs_and_options_that_exist(root: Path) -> None:
    seen = 0
    wrong: list[str] = []
    for words in _commands(root, "lakeplane"):
        command: Any = typer.main.get_command(app)
        rest = list(words)
        while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
            verb = command.commands.get(rest.pop(0))
            if verb is None:
                wrong.append(f"no such verb: lakeplane {' '.join(words)}")
                break
            command = verb
        else:
            known = {option for parameter in command.params for option in parameter.opts}
            if unknown := [word for word in rest if word.startswith("--") and word not in known]:
                wrong.append(f"no such option: {unknown} in lakeplane {' '.join(words)}")
        seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen >= 10, "the README shows the command line at work"


def test_readme_names_make_targets_that_exist(root: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    named = {words[0] for words in _commands(root, "make")}
    assert named
    assert named <= targets


def _rooms(root: Path) -> str:
    text = (root / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^## Rooms\n(.*?)^Imports", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_readme_lists_every_room(root: Path) -> None:
    table = _rooms(root)
    linked = set(re.findall(r"\]\(([^)]+)\)", table))
    assert {name for name in linked if not (root / name).is_dir()} == set()
    rooms = {
        str(path.parent.relative_to(root)) for path in (root / "infra" / "lakeplane").glob("*/__init__.py")
    }
    assert rooms - linked == set(), "rooms that the README does not name"


def test_readme_names_modules_that_exist(root: Path) -> None:
    for braces in re.findall(r"`infra/lakeplane/\{([^}]+)\}\.py`", _rooms(root)):
        for name in braces.split(","):
            assert (root / "infra" / "lakeplane" / f"{name}.py").is_file()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    local = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    broken = [link for link in local if not ((root / name).parent / link).exists()]
    assert not broken
