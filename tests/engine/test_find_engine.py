"""Which Pulumi CLI is taken, and what a machine is said to lack."""

from __future__ import annotations

import stat
import sys
import time
from pathlib import Path

import pytest

from lakeplane.engine import EngineBinaries
from lakeplane.engine.binaries import PULUMI_VERSION, find_installed, parse_version
from lakeplane.engine.doctor import examine


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("3.259.0\n", (3, 259, 0)),
        ("v3.260.0-alpha.1", (3, 260, 0)),
        ("v3.259.0+dirty", (3, 259, 0)),
        ("3.259", (0, 0, 0)),
        ("", (0, 0, 0)),
        ("unknown", (0, 0, 0)),
    ],
)
def test_parse_version_reads_what_the_cli_prints(text: str, version: tuple[int, int, int]) -> None:
    assert parse_version(text) == version


def test_parse_version_orders_by_number() -> None:
    assert parse_version("3.1000.0") > parse_version("3.259.0") > parse_version("3.99.9")


def _put_pulumi(directory: Path, version: str, *, host: bool = True) -> None:
    """Put a program in place that answers as `pulumi version` does."""
    for name in ("pulumi", *(["pulumi-language-python"] if host else [])):
        program = directory / name
        program.write_text(f"#!/bin/sh\necho v{version}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("version", "host", "taken"),
    [(PULUMI_VERSION, True, True), ("4.0.1", True, True), ("3.258.9", True, False), ("4.0.1", False, False)],
)
def test_find_installed_takes_a_recent_cli_with_a_language_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, host: bool, taken: bool
) -> None:
    _put_pulumi(tmp_path, version, host=host)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = find_installed()
    assert (found is not None) is taken
    if found:
        assert found.version == version
        assert found.path == (Path(sys.executable).parent, tmp_path)


@pytest.mark.engine
def test_ensure_engine_brings_a_cli_that_answers(engine_binaries: EngineBinaries) -> None:
    assert parse_version(engine_binaries.version) >= parse_version(PULUMI_VERSION)
    assert (engine_binaries.pulumi.parent / "pulumi-language-python").exists()


def test_examine_is_quick_and_names_a_remedy_for_each_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEPLANE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    started = time.monotonic()
    checks = {check.name: check for check in examine()}
    assert time.monotonic() - started < 3
    assert not checks["Pulumi CLI"].ok
    assert not checks["git"].ok
    assert not checks["Delta JARs"].ok
    assert checks["Python"].ok
    assert checks["pip"].ok
    assert all(bool(check.remedy) is not check.ok for check in checks.values())
    assert not (tmp_path / "cache").exists(), "looking changes nothing"
