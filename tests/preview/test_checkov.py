"""checkov, a scanner of others, over what `lakeplane preview` writes for scanners."""

from __future__ import annotations

import fnmatch
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import REPOSITORY

pytestmark = pytest.mark.slow

EXAMPLE = REPOSITORY.environments / "examples" / "waf_aligned.yaml"
SKIPS = Path(__file__).with_name("checkov-skips.yaml")
IMAGE = "cr.azurecr.io/scoring@sha256:" + "0" * 64


@dataclass(frozen=True)
class Scan:
    """What checkov said: how many checks passed, and which failed on what."""

    passed: int
    failed: tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def checkov() -> str:
    """Return checkov's program, brought into an environment of its own."""
    done = subprocess.run(
        ["sh", str(REPOSITORY.root / ".ci" / "checkov")],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", "HOME": str(Path.home())},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the exports as a user does; the manifests once more with an image, which adds a Deployment."""
    target = tmp_path_factory.mktemp("exports")
    project = tmp_path_factory.mktemp("project")
    shutil.copy(REPOSITORY.root / "Pulumi.yaml", project)
    for name in ("stacks", "workloads"):
        shutil.copytree(REPOSITORY.root / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    example = project / EXAMPLE.relative_to(REPOSITORY.root)
    with_image = example.with_name("with_image.yaml")
    with_image.write_text(example.read_text() + f"\nserving:\n  image: {IMAGE}\n")
    export(example, "arm", target / "arm")
    export(example, "kubernetes", target / "as-it-is.yaml")
    export(with_image, "kubernetes", target / "with-image.yaml")
    return target


def export(spec: Path, form: str, target: Path) -> None:
    command = [str(Path(sys.executable).with_name("lakeplane")), "preview", str(spec)]
    done = subprocess.run(
        [*command, "--format", form, "--output", str(target)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def scan(checkov: str, framework: str, *files: Path) -> Scan:
    done = subprocess.run(
        [
            *(
                checkov,
                "--framework",
                framework,
                "--output",
                "json",
                "--quiet",
                "--compact",
                "--skip-download",
            ),
            *(word for file in files for word in ("--file", str(file))),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    found: Any = json.loads(done.stdout)
    assert found["summary"]["parsing_errors"] == 0
    failed = found["results"]["failed_checks"]
    return Scan(
        found["summary"]["passed"], tuple(sorted((one["check_id"], one["resource"]) for one in failed))
    )


def test_every_check_passes_or_is_skipped_for_a_reason(checkov: str, exports: Path) -> None:
    scans = {
        "arm": scan(checkov, "arm", *sorted((exports / "arm").glob("*.json"))),
        "kubernetes": scan(checkov, "kubernetes", exports / "as-it-is.yaml"),
        "kubernetes with an image": scan(checkov, "kubernetes", exports / "with-image.yaml"),
    }
    skips = yaml.safe_load(SKIPS.read_text())
    assert all(set(skip) == {"check", "resource", "reason"} and skip["reason"] for skip in skips)
    used: set[str] = set()
    unreasoned = []
    for name, found in scans.items():
        skipped = 0
        for check, resource in found.failed:
            matches = [
                skip["check"]
                for skip in skips
                if skip["check"] == check and fnmatch.fnmatch(resource, skip["resource"])
            ]
            used |= set(matches)
            skipped += bool(matches)
            if not matches:
                unreasoned.append(f"{name}: {check} {resource}")
        evaluated = found.passed + len(found.failed)
        sys.stdout.write(
            f"{name}: {evaluated} checks evaluated, {found.passed} passed, {skipped} skipped for a reason\n"
        )
    assert unreasoned == []
    assert {skip["check"] for skip in skips} - used == set(), "skips that checkov no longer asks for"
    assert scans["arm"].passed >= 50
    assert scans["kubernetes with an image"].passed >= 50
