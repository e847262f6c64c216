"""`lakeplane preview` on the command line: its formats, its files, its exit codes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from lakeplane.preview.markdown import comment_marker

from .conftest import REPOSITORY


def lakeplane(*words: str, cwd: Path = REPOSITORY.root, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lakeplane")), *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project whose spec is wrong."""
    (tmp_path / "stacks" / "environments").mkdir(parents=True)
    shutil.copy(REPOSITORY.root / "Pulumi.yaml", tmp_path)
    text = (REPOSITORY.environments / "local.yaml").read_text()
    (tmp_path / "stacks" / "environments" / "local.yaml").write_text(text + "\nteir: dev\n")
    return tmp_path


def test_one_preview_is_written_in_every_format(tmp_path: Path) -> None:
    names = {
        "arm": "arm",
        "github": "annotations.txt",
        "html": "page/preview.html",
        "kubernetes": "manifests.yaml",
        "markdown": "comment.md",
        "sarif": "preview.sarif",
        "text": "preview.txt",
    }
    also = [word for form, name in names.items() for word in ("--also", f"{form}={tmp_path / name}")]
    shown = json.loads(lakeplane("preview", "local", "--format", "json", *also).stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {name.split("/")[0] for name in names.values()}
    )
    read = {form: (tmp_path / name).read_text() for form, name in names.items() if form != "arm"}
    azure = sum(one["type"].startswith("azure-native:") for one in shown["resources"])
    templates = [json.loads(path.read_text()) for path in (tmp_path / "arm").glob("*.json")]
    assert sum(len(template["resources"]) for template in templates) == azure
    assert len(list(yaml.safe_load_all(read["kubernetes"]))) == 7
    assert len(json.loads(read["sarif"])["runs"][0]["results"]) == len(shown["findings"])
    assert read["github"].count("\n") == len(shown["findings"])
    assert comment_marker("local") in read["markdown"]
    assert read["html"].startswith("<!doctype html>")
    assert "local.foundation" in read["text"]
    assert "\x1b" not in read["text"]


def test_templates_on_standard_output_are_one_object(tmp_path: Path) -> None:
    shown = json.loads(lakeplane("preview", "local", "--format", "arm", "--layer", "foundation").stdout)
    assert [re.sub(r"\..*\.json", "", name) for name in shown] == ["resource-group", "subscription"]


def test_what_is_wrong_with_a_spec_is_told_in_every_format_that_tells_findings(project: Path) -> None:
    words = ("preview", "local", "--also", "markdown=comment.md", "--also", "kubernetes=manifests.yaml")
    for form in ("json", "github", "sarif", "html", "markdown"):
        done = lakeplane(*words, "--format", form, cwd=project, code=1)
        assert "SPC010" in done.stdout, form
        assert done.stderr == ""
    assert "`stacks/environments/local.yaml:" in (project / "comment.md").read_text()
    (project / "comment.md").unlink()
    for form in ("text", "arm", "kubernetes"):
        done = lakeplane(*words, "--format", form, cwd=project, code=1)
        assert done.stdout == "", form
        assert "SPC010" in done.stderr
        assert (project / "comment.md").is_file()
    assert not (project / "manifests.yaml").exists()


@pytest.mark.parametrize("also", ["markdown", "pdf=x", "=x", "markdown="])
def test_one_more_format_is_written_as_it_should_be(also: str) -> None:
    assert "FORMAT=PATH" in lakeplane("preview", "local", "--also", also, code=2).stderr


def test_engine_and_base_exclude_each_other() -> None:
    done = lakeplane("preview", "local", "--engine", "--base", "HEAD", code=1)
    assert "PRV033" in done.stderr
    assert "--base HEAD" in done.stderr


def test_every_code_of_the_room_stands_in_its_table() -> None:
    room = files("lakeplane.preview")
    sources = [path.read_text(encoding="utf-8") for path in Path(str(room)).glob("*.py")]
    sources += [
        path.read_text(encoding="utf-8")
        for path in (REPOSITORY.root / "infra/lakeplane/cli").glob("preview*.py")
    ]
    used = set(re.findall(r'code="(PRV\d{3})"', "".join(sources)))
    table = re.findall(
        r"^\| `(PRV\d{3})`", room.joinpath("README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert table == sorted(set(table))
    assert set(table) == used
