"""The locks against the projects that they are for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("requirements.lock", "requirements-dev.lock")
OURS = frozenset({"lakeplane", "lakeplane-workloads"})


def _read(path: Path) -> dict[str, list[str]]:
    """Return each pinned package with its versions, of which markers choose one."""
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(), re.MULTILINE):
        pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


def _wanted(root: Path, *, dev: bool) -> list[Requirement]:
    core: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())
    workloads: dict[str, Any] = tomllib.loads((root / "workloads" / "pyproject.toml").read_text())
    texts: list[str] = [
        *core["project"]["dependencies"],
        *core["project"]["optional-dependencies"]["local"],
        *workloads["project"]["dependencies"],
        *(text for extra in workloads["project"]["optional-dependencies"].values() for text in extra),
        *(core["dependency-groups"]["dev"] if dev else ()),
    ]
    return [wanted for text in texts if canonicalize_name((wanted := Requirement(text)).name) not in OURS]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_answers_every_requirement(root: Path, lock: str) -> None:
    pins = _read(root / lock)
    for wanted in _wanted(root, dev=lock == "requirements-dev.lock"):
        versions = pins.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted.name} is not in {lock}: run `make lock`"
        assert any(wanted.specifier.contains(version, prereleases=True) for version in versions), str(wanted)


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-runner.lock", ".ci/checkov.lock"])
def test_lock_carries_hashes_and_no_addresses(root: Path, lock: str) -> None:
    text = (root / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index|--extra-index|--find-links|-e|\./)", text, re.MULTILINE)
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert OURS.isdisjoint(_read(root / lock))


def test_dev_lock_holds_what_the_lock_holds(root: Path) -> None:
    runtime, dev = (_read(root / lock) for lock in LOCKS)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_runners_lock_answers_what_deploys_with_the_versions_that_are_tested(root: Path) -> None:
    """And holds nothing of the simulated cloud: the runner never starts it."""
    pins, tested = (_read(root / lock) for lock in ("requirements-runner.lock", "requirements.lock"))
    assert {name: tested.get(name) for name in pins} == pins
    core: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())
    for text in core["project"]["dependencies"]:
        wanted = Requirement(text)
        versions = pins.get(canonicalize_name(wanted.name), [])
        assert any(wanted.specifier.contains(version) for version in versions), text
    assert not {"pyspark", "mlflow", "delta-spark"} & pins.keys()
