"""Both distributions as users install them: from wheels, outside of the repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECTS = (".", "workloads")


def _build(root: Path, target: Path) -> dict[str, Path]:
    """Build both wheels; return them by distribution."""
    for project in PROJECTS:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
            cwd=root / project,
            capture_output=True,
            check=True,
        )
    return {path.name.split("-")[0]: path for path in target.glob("*.whl")}


@pytest.fixture(scope="module")
def wheels(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return _build(root, tmp_path_factory.mktemp("wheels"))


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheels, somewhere else."""

    bin: Path
    site: Path

    def run(self, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [self.bin / words[0], *words[1:]],
            cwd=cwd,
            env={**environment, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    place = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(place / "bin" / "python")),
            *("install", "--quiet", "--no-index", "--no-deps", *map(str, wheels.values())),
        ],
        check=True,
    )
    site = next((place / "lib").glob("python3.*")) / "site-packages"
    # What the wheels require comes from this environment, after the new one's own packages; its editable
    # installations do not, as `.pth` files count in an environment's own directory only.
    (site / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(place / "bin", site)


def test_wheels_are_the_same_when_built_again(root: Path, wheels: dict[str, Path], tmp_path: Path) -> None:
    assert set(wheels) == {"lakeplane", "lakeplane_workloads"}
    again = _build(root, tmp_path)
    for name, wheel in wheels.items():
        assert _sha(wheel) == _sha(again[name]), f"{name} is not reproducible"


def test_wheels_hold_every_file_of_their_packages(
    root: Path, files: tuple[Path, ...], wheels: dict[str, Path]
) -> None:
    for name, tops in {
        "lakeplane": {root / "infra": "lakeplane", root / "policies": "lakeplane_policies"},
        "lakeplane_workloads": {root / "workloads": "lakeplane_workloads"},
    }.items():
        with zipfile.ZipFile(wheels[name]) as archive:
            held = {entry for entry in archive.namelist() if ".dist-info/" not in entry}
        for parent, package in tops.items():
            wanted = {str(p.relative_to(parent)) for p in files if p.is_relative_to(parent / package)}
            assert wanted
            assert {entry for entry in held if entry.startswith(f"{package}/")} == wanted


def test_installed_lakeplane_validates_a_project_elsewhere(
    root: Path, installed: Installed, tmp_path: Path
) -> None:
    version = installed.run("lakeplane", "--version", cwd=tmp_path)
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.strip() == "0.1.0"

    shutil.copy(root / "Pulumi.yaml", tmp_path)
    shutil.copytree(root / "stacks", tmp_path / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    answer = installed.run("lakeplane", "validate", "local", cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert str(root) not in answer.stdout

    where = installed.run("python", "-c", "import lakeplane; print(lakeplane.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.site), "the wheel answered, not the sources"


@pytest.mark.parametrize(
    "entry_point", ["medallion-land", "medallion-gold", "forecasting-train", "scoring-service"]
)
def test_installed_workloads_offer_their_entry_points(
    installed: Installed, tmp_path: Path, entry_point: str
) -> None:
    answer = installed.run(entry_point, "--help", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("usage:")


def test_workloads_wheel_needs_neither_pulumi_nor_spark(installed: Installed) -> None:
    (metadata,) = installed.site.glob("lakeplane_workloads-*.dist-info/METADATA")
    required = [line for line in metadata.read_text().splitlines() if line.startswith("Requires-Dist:")]
    assert required
    for name in ("pulumi", "pyspark", "delta", "lakeplane"):
        assert not any(line.removeprefix("Requires-Dist: ").startswith(name) for line in required)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
