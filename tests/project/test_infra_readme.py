"""The comparison in `infra/README.md`: every file that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROWS = 32


@pytest.fixture(scope="module")
def table(root: Path) -> list[list[str]]:
    text = (root / "infra" / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Beside the peers")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def files(cell: str) -> list[str]:
    return re.findall(r"`([\w./-]+\.(?:py|yml|json))`", cell)


def test_every_row_says_yes_no_or_partial(table: list[list[str]]) -> None:
    assert len(table) == ROWS
    assert {row[1] for row in table} <= {"yes", "no", "partial"}
    assert sum(row[1] == "yes" for row in table) >= 26


def test_every_yes_names_its_files_and_all_of_them_are_there(root: Path, table: list[list[str]]) -> None:
    package = root / "infra" / "lakeplane"
    for feature, answer, where in table:
        if answer == "yes":
            assert files(where), feature
        else:
            assert len(where) > 40, f"{feature}: a reason"
        missing = [name for name in files(where) if not (package / name).is_file()]
        assert not missing, f"{feature}: {missing}"


def test_the_figures_are_of_every_committed_spec(root: Path) -> None:
    text = (root / "infra" / "README.md").read_text(encoding="utf-8").partition("## Measured")[2]
    named = set(re.findall(r"^\| `([\w/]+)` \|", text, re.MULTILINE))
    folder = root / "stacks" / "environments"
    assert named == {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.yaml")}
