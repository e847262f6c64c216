"""The scripts that workflows run, on a real change in a repository of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent


def run(where: Path, *command: str, code: int = 0, **variables: str) -> str:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GIT_"))},
        "LAKEPLANE": str(BIN / "lakeplane"),
        "PYTHON": sys.executable,
        "GIT_CONFIG_GLOBAL": os.devnull,
        **variables,
    }
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def changed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose last commit raises a budget in one spec, misspells another and removes a third."""
    place = tmp_path_factory.mktemp("repository")
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.*.*.yaml", "dist", "build")
    for name in ("infra", "policies", "stacks", "workloads", ".ci"):
        shutil.copytree(root / name, place / name, ignore=skip)
    for name in ("Pulumi.yaml", "pyproject.toml", "requirements.lock", ".gitignore"):
        shutil.copy(root / name, place)
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")
    run(place, "git", "init", "--quiet", "--initial-branch", "main")
    run(place, "git", "add", "-A")
    run(place, *git, "commit", "--quiet", "-m", "before")
    specs = place / "stacks" / "environments"
    for name, old, new in (
        ("dev", "monthly_budget: 1500", "monthly_budget: 1600"),
        ("test", "tier: ", "teir: "),
    ):
        text = (specs / f"{name}.yaml").read_text()
        assert old in text
        (specs / f"{name}.yaml").write_text(text.replace(old, new, 1))
    (specs / "bring_your_own.yaml").unlink()
    run(place, *git, "commit", "--quiet", "-am", "after")
    return place


def test_each_environment_that_a_change_touches_is_previewed(changed: Path, tmp_path: Path) -> None:
    said = run(changed, ".ci/preview", "HEAD~1", str(tmp_path), code=1)
    annotations = [line for line in said.splitlines() if line.startswith("::error ")]
    assert any("file=stacks/environments/test.yaml,line=" in line for line in annotations)
    comments = {path.name: path.read_text() for path in (tmp_path / "comments").iterdir()}
    index = json.loads(comments.pop("index.json"))
    assert index == {"previews": ["bring-your-own", "dev", "test"]}
    assert set(comments) == {"bring-your-own.md", "dev.md", "test.md"}
    assert comments["dev.md"].startswith("### ✅ lakeplane preview of `dev`")
    assert "`teir`" in comments["test.md"]
    assert "its spec is removed" in comments["bring-your-own.md"]
    for name, text in comments.items():
        assert text.count("<!-- lakeplane preview of ") == 1, name
    sarif = json.loads((tmp_path / "sarif" / "test.sarif").read_text())
    assert [result["level"] for result in sarif["runs"][0]["results"]][:1] == ["error"]
    assert "<svg" in (tmp_path / "reports" / "dev.html").read_text()


def test_only_deployed_environments_are_deployed_in_their_order(changed: Path) -> None:
    said = run(changed, ".ci/affected", "HEAD~1", '["prod", "bring_your_own", "test", "dev"]')
    assert said == 'hubs=[]\nenvironments=["test", "dev"]\nexpired=[]\n'


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        (['["dev", "hub", "prod"]'], 'hubs=["hub"]\nenvironments=["dev", "prod"]\nexpired=[]\n'),
        (["dev,prod", "hub"], 'hubs=["hub"]\nenvironments=["dev", "prod"]\nexpired=[]\n'),
        (["dev, bring_your_own", ""], 'hubs=[]\nenvironments=["dev"]\nexpired=[]\n'),
        (["[]"], "hubs=[]\nenvironments=[]\nexpired=[]\n"),
    ],
)
def test_every_environment_is_touched_where_nobody_knows_what_is_deployed(
    changed: Path, lists: list[str], said: str
) -> None:
    """Hubs come first, wherever they are listed; what has no spec any more is left as it is."""
    assert run(changed, ".ci/affected", "", *lists) == said


@pytest.mark.parametrize(
    "lists", [["dev,hub", ""], ["dev", "hub,prod"], ["dev", "dev"], ["[dev]"], ['["../dev"]'], ["[1]"]]
)
def test_a_list_that_is_wrong_deploys_nothing(changed: Path, lists: list[str]) -> None:
    assert run(changed, ".ci/affected", "", *lists, code=1) == ""


@pytest.fixture
def ended(changed: Path) -> Iterator[Path]:
    """The repository with environments whose `expiry` is past: one of dev, one of prod."""
    specs = [changed / "stacks" / "environments" / f"{name}.yaml" for name in ("dev", "prod")]
    before = [path.read_text() for path in specs]
    for path, text in zip(specs, before, strict=True):
        path.write_text(f"{text}\nexpiry: 2020-01-31\n")
    yield changed
    for path, text in zip(specs, before, strict=True):
        path.write_text(text)


@pytest.mark.parametrize("base", ["", "HEAD~1", "HEAD"])
def test_what_has_expired_is_not_brought_up_again(ended: Path, base: str) -> None:
    """Prod is: a date removes nothing there, so it must not keep it from its updates either."""
    said = run(ended, ".ci/affected", base, "prod,hub,dev")
    lists = {name: json.loads(names) for name, names in (line.split("=") for line in said.splitlines())}
    assert list(lists) == ["hubs", "environments", "expired"]
    assert lists["expired"] == ["dev"]
    assert lists["environments"] == ["prod"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("hub", "drift hub --layer hub --target azure\n"),
        ("prod", "drift prod --layer foundation --target azure\n"),
        ("dev", ""),
    ],
)
def test_drift_is_asked_of_what_that_identity_sees(ended: Path, name: str, asked: str) -> None:
    assert run(ended, ".ci/drift", name, LAKEPLANE=str(shutil.which("echo"))) == asked


def test_drift_of_a_spec_that_is_not_there_fails(changed: Path) -> None:
    assert run(changed, ".ci/drift", "bring_your_own", code=1) == ""


def test_a_preview_without_an_end_leaves_no_index(changed: Path, tmp_path: Path) -> None:
    """Comments of a run that broke off must not be taken for all that there are."""
    broken = tmp_path / "lakeplane"
    broken.write_text(f'#!/bin/sh\n[ "$1" = preview ] && exit 1\nexec {BIN / "lakeplane"} "$@"\n')
    broken.chmod(0o755)
    run(changed, ".ci/preview", "HEAD~1", str(tmp_path / "out"), code=1, LAKEPLANE=str(broken))
    assert [path.name for path in (tmp_path / "out" / "comments").iterdir()] == ["bring-your-own.md"]


def test_a_change_that_touches_nothing_says_so(changed: Path, tmp_path: Path) -> None:
    run(changed, ".ci/preview", "HEAD", str(tmp_path))
    assert json.loads((tmp_path / "comments" / "index.json").read_text()) == {"previews": []}


def test_a_pull_request_is_compared_with_its_merge_s_other_parent(root: Path, tmp_path: Path) -> None:
    """Neither what the target got before the merge nor what it got since is part of the change."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(root / ".ci" / "base", tmp_path / ".ci")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")

    def commit(name: str) -> str:
        (tmp_path / name).write_text(name)
        run(tmp_path, "git", "add", name)
        run(tmp_path, *git, "commit", "--quiet", "-m", name)
        return run(tmp_path, "git", "rev-parse", "HEAD").strip()

    run(tmp_path, "git", "init", "--quiet", "--initial-branch", "main")
    old = commit("old")
    run(tmp_path, "git", "checkout", "--quiet", "-b", "topic")
    source = commit("change")
    run(tmp_path, "git", "checkout", "--quiet", "main")
    other = commit("somebody else's")
    run(tmp_path, "git", "checkout", "--quiet", "--detach")
    run(tmp_path, *git, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    merge = run(tmp_path, "git", "rev-parse", "HEAD").strip()
    run(tmp_path, "git", "checkout", "--quiet", "main")
    commit("merged since")
    run(tmp_path, "git", "checkout", "--quiet", merge)
    assert run(tmp_path, ".ci/base", source, "main").strip() == other
    assert run(tmp_path, ".ci/base", "not told", "main").strip() == other
    run(tmp_path, "git", "checkout", "--quiet", "topic")
    assert run(tmp_path, ".ci/base", source, "main").strip() == old
    run(tmp_path, ".ci/base", source, "no-such-branch", code=1)
    run(tmp_path, ".ci/base", code=2)


@pytest.mark.parametrize("script", ["preview", "affected", "drift"])
def test_scripts_say_how_they_are_used(changed: Path, script: str) -> None:
    run(changed, f".ci/{script}", code=2)


def test_an_unknown_base_fails_with_its_finding(changed: Path, tmp_path: Path) -> None:
    run(changed, ".ci/preview", "no-such-ref", str(tmp_path), code=1)
