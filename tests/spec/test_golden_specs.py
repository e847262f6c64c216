"""What users see for every kind of bad spec: one folder a situation, `spec.yaml` in and `output.txt` out.

`LAKEPLANE_UPDATE_GOLDEN=1` writes the outputs anew; look at the difference before committing it.
"""

import os
from importlib.resources import files
from pathlib import Path

import pytest

from lakeplane.diagnostics import to_text
from lakeplane.validation import validate

CASES = sorted((Path(__file__).parent / "golden").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_validate_shows_what_is_wrong(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)  # findings show the path as it was given
    output = to_text(validate(Path("spec.yaml"))) + "\n"
    expected = case / "output.txt"
    if os.environ.get("LAKEPLANE_UPDATE_GOLDEN"):
        expected.write_text(output, encoding="utf-8")
    assert output == expected.read_text(encoding="utf-8")
    assert "error[" in output


def test_golden_cases_cover_every_code_of_a_spec() -> None:
    shown = {line.split("[")[1][:6] for case in CASES for line in _errors(case)}
    documented = set(_documented_codes())
    # A file that is missing or no text cannot be committed as spec.yaml; SPC019 is for what nobody foresaw;
    # SPC041 is of commands that write.
    unseen = {"SPC001", "SPC002", "SPC019", "SPC041"}
    assert {code for code in documented if code.startswith("SPC")} - shown == unseen


def _errors(case: Path) -> list[str]:
    return [
        line for line in (case / "output.txt").read_text("utf-8").splitlines() if line.startswith("error[")
    ]


def _documented_codes() -> list[str]:
    readme = (files("lakeplane.spec") / "README.md").read_text(encoding="utf-8")
    return [line.split("`")[1] for line in readme.splitlines() if line.startswith('| <a id="')]
