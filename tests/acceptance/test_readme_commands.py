"""Each command of the README is run: here, as it stands, or by the test that the table names."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Project

BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAIN_JOB = "acceptance/test_main_job.py"

# What needs an environment that is up, Azure's answers, a builder of images, or minutes. CI is `make test`.
ELSEWHERE = {
    "make up": (MAIN_JOB, "test_up_provisions_both_layers_and_fills_every_table"),
    "make test": ("acceptance/test_readme_commands.py", "test_each_command_is_run"),
    "lakeplane prices refresh --region westeurope": ("costs/test_refresh.py", "test_command_line"),
    "lakeplane up local --target local": (MAIN_JOB, "test_up_provisions_both_layers_and_fills_every_table"),
    "lakeplane drift local": (MAIN_JOB, "test_drift_finds_what_is_deployed_as_it_was_deployed"),
    "lakeplane destroy local --target local": (
        MAIN_JOB,
        "test_destroy_leaves_nothing_over_and_says_what_is_soft_deleted",
    ),
    "lakeplane bootstrap dev": ("azure/test_verbs.py", "test_bootstrap_exits_by_what_became_of_it"),
    "lakeplane bootstrap dev --yes": ("azure/test_verbs.py", "test_bootstrap_exits_by_what_became_of_it"),
    "lakeplane doctor --target azure": (
        "azure/test_log_ins.py",
        "test_machine_of_a_person_who_is_signed_in_lacks_nothing",
    ),
    "lakeplane preflight dev --target azure": (
        "azure/test_verbs.py",
        "test_preflight_exits_by_what_it_found",
    ),
    "lakeplane up dev --target azure": (
        "azure/test_verbs.py",
        "test_up_stops_before_contents_with_all_findings",
    ),
    "lakeplane image build dev": ("image/test_builders.py", "test_build_writes_the_digest_into_the_spec"),
    "lakeplane image runner hub --registry registry.contoso.example": (
        "image/test_builders.py",
        "test_the_runners_image_is_written_into_the_hub",
    ),
    "lakeplane up prod --target azure --through-runner": (
        "azure/test_through_runner.py",
        "test_up_does_here_what_it_can_and_then_starts_the_job",
    ),
    "lakeplane run medallion --env local": (MAIN_JOB, "test_a_full_refresh_leaves_equal_rows"),
    "lakeplane deploy medallion --env local": (
        MAIN_JOB,
        "test_deploy_updates_one_workloads_wheel_and_jobs_alone",
    ),
    "lakeplane pin local": (MAIN_JOB, "test_the_champion_and_an_image_are_pinned_and_deployed"),
    "lakeplane status local --format json": (MAIN_JOB, "test_status_has_the_fields_that_scripts_rely_on"),
    "lakeplane serve --env local": (MAIN_JOB, "test_serve_answers_until_it_is_interrupted"),
}


def commands() -> tuple[str, ...]:
    """Return the lines of the README's blocks without their comments; data-flow pictures are none."""
    blocks = BLOCK.findall((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    # test_plain_pulumi.py runs that block whole.
    blocks = [block for block in blocks if not block.startswith("lakeplane local start")]
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return tuple(shlex.join(words) for words in lines if words and "→" not in words)


def here() -> tuple[str, ...]:
    return tuple(line for line in commands() if line.startswith("lakeplane ") and line not in ELSEWHERE)


def test_each_command_is_run() -> None:
    others = set(commands()) - set(here()) - set(ELSEWHERE) - {". .venv/bin/activate"}
    assert not others, "no test runs these"
    for line, (path, function) in ELSEWHERE.items():
        assert line in commands(), "a line of the table that the README has no more"
        assert f"def {function}(" in (REPOSITORY / "tests" / path).read_text(encoding="utf-8"), line


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone with a main branch to compare with; commands run in it in the README's order."""
    root = tmp_path_factory.mktemp("clone")
    project = Project.copy_to(root)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(REPOSITORY / name, root)
    for name in ("infra", "policies"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for words in (
        "init -q",
        "add -A",
        "-c user.name=x -c user.email=x@contoso.example commit -q -m base",
        "update-ref refs/remotes/origin/main HEAD",
    ):
        subprocess.run(["git", *words.split()], cwd=root, check=True, timeout=60)
    return project


@pytest.mark.parametrize("line", dict.fromkeys(here()))
def test_command_runs_as_it_stands(line: str, clone: Project) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        line,
        shell=True,  # as it is typed
        cwd=clone.root,
        env={**clone.environment(), "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for written in re.findall(r"--output (\S+)", line):
        assert (clone.root / written).exists()
