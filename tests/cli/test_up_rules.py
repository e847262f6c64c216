"""`lakeplane up` judges by the rules before it touches anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from lakeplane.cli.previews import judges_for
from lakeplane.cli.rules import judge_program
from lakeplane.cli.up import require_rules
from lakeplane.errors import PolicyViolationError
from lakeplane.preview import preview_environment
from lakeplane.preview.layers import render_layers

REPOSITORY = Path(__file__).parents[2]
BROKEN = "\noverrides:\n  lake-account: {allowSharedKeyAccess: true}\n"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own whose `dev` and `prod` open the lake to keys."""
    root = tmp_path_factory.mktemp("project")
    shutil.copy(REPOSITORY / "Pulumi.yaml", root)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.*.*.yaml", "dist", "build")
    for part in ("stacks", "workloads"):
        shutil.copytree(REPOSITORY / part, root / part, ignore=skip)
    for name in ("dev", "prod"):
        spec = root / "stacks" / "environments" / f"{name}.yaml"
        text = spec.read_text()
        assert "\noverrides:" not in text
        spec.write_text(text + BROKEN)
    return root


@pytest.mark.parametrize("target", ["local", "azure"])
def test_a_broken_rule_stops_before_anything_is_touched(broken: Path, target: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), "up", "prod", "--target", target],
        cwd=broken,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[ST004]" in done.stderr
    assert "lake-account" in done.stderr
    assert "Pulumi engine" not in done.stderr, "no engine is looked for"
    assert "Traceback" not in done.stderr
    assert not (broken / ".lakeplane" / "prod").exists()


def test_up_and_preview_find_the_same(broken: Path) -> None:
    for name in ("dev", "prod"):
        spec = broken / "stacks" / "environments" / f"{name}.yaml"
        shown = Counter(
            (one.code, one.resource) for one in preview_environment(spec, judges=judges_for).findings
        )
        ours = Counter((one.code, one.resource) for one in judge_program(render_layers(spec)))
        assert ours, "an override is broken"
        assert ours - shown == Counter()


def test_specs_of_this_repository_pass() -> None:
    for name in ("hub", "local", "test"):
        require_rules(render_layers(REPOSITORY / "stacks" / "environments" / f"{name}.yaml"))


def test_a_violation_carries_every_finding(broken: Path) -> None:
    with pytest.raises(PolicyViolationError) as caught:
        require_rules(render_layers(broken / "stacks" / "environments" / "prod.yaml"))
    assert "ST004" in {one.code for one in caught.value.findings}
