"""What this machine has and lacks for lakeplane, each lack with its remedy; nothing is brought or changed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import sys
from importlib import metadata
from pathlib import Path

from lakeplane.build_cache import is_intact
from lakeplane.diagnostics import Check
from lakeplane.engine.binaries import PULUMI_VERSION, cache_root, find_installed
from lakeplane.engine.go_build import find_go
from lakeplane.layout import cache_dir
from lakeplane.local.delta_jars import delta_jars_directory
from lakeplane.local.java import SUPPORTED, find_java, java_version, packaged_java

__all__ = ["examine", "examine_for_azure"]

FREE_GIB_NEEDED = 6
# Spark's driver is given 3 GiB; the engine, the simulated cloud and MLflow's server work beside it.
MEMORY_GIB_NEEDED = 6
PYTHON_NEEDED = (3, 11)


def examine() -> tuple[Check, ...]:
    """Look for everything that `make up` needs, in the order in which it is needed."""
    return (
        _python(),
        _pip(),
        _packages(),
        _git(),
        _pulumi(),
        _java(),
        _jars(),
        _disk(),
        _memory(),
        _loopback(),
    )


def examine_for_azure() -> tuple[Check, ...]:
    """Look for what deploying to Azure needs of this machine, but for log-ins, in the same order."""
    return (_python(), _pip(), _git(), _pulumi())


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= PYTHON_NEEDED
    return Check("Python", ok, f"{version} at {sys.executable}", "" if ok else "use Python 3.11 or newer")


def _pip() -> Check:
    ok = importlib.util.find_spec("pip") is not None
    return Check(
        "pip",
        ok,
        f"pip {metadata.version('pip')}" if ok else "not in this environment",
        ""
        if ok
        else f"install it: {sys.executable} -m ensurepip (the Pulumi language host lists packages by it)",
    )


def _packages() -> Check:
    """The extra `local`: what the simulated cloud and the workloads need beside the core."""
    needed = ("pyspark", "delta-spark", "mlflow", "deltalake", "lakeplane-workloads")
    lacking = [name for name in needed if not _installed(name)]
    return Check(
        "packages of the local target",
        not lacking,
        f"lacking: {', '.join(lacking)}"
        if lacking
        else ", ".join(f"{n} {metadata.version(n)}" for n in needed),
        "run `make setup`, or install lakeplane with its extra `local`" if lacking else "",
    )


def _git() -> Check:
    found = shutil.which("git")
    return Check("git", found is not None, found or "not on PATH", "" if found else "install git")


def _pulumi() -> Check:
    installed = find_installed()
    if installed:
        return Check("Pulumi CLI", True, f"{installed.version} at {installed.pulumi}")
    if is_intact(cache_root()):
        return Check("Pulumi CLI", True, f"{PULUMI_VERSION} in the cache, {cache_root() / 'bin'}")
    go = find_go()
    return Check(
        "Pulumi CLI",
        False,
        f"none of at least {PULUMI_VERSION} on PATH or in the cache; "
        + (f"Go at {go} can build it" if go else "no Go toolchain here, one would be brought as a package"),
        "run `lakeplane engine install` once while this machine is connected",
    )


def _java() -> Check:
    home = find_java()
    if home:
        return Check("Java", True, f"{java_version(home)} at {home}")
    if is_intact(packaged_java()):
        return Check("Java", True, f"packaged runtime {java_version(packaged_java())} at {packaged_java()}")
    return Check(
        "Java",
        False,
        f"no Java {' or '.join(map(str, SUPPORTED))} found; a packaged one is brought with the first Spark",
        "install a Java 17 runtime (Debian: openjdk-17-jre-headless), or run `make up` while connected",
    )


def _jars() -> Check:
    if not (_installed("pyspark") and _installed("delta-spark")):
        return Check("Delta JARs", False, "pyspark or delta-spark is not installed", "run `make setup`")
    directory = delta_jars_directory()
    ok = is_intact(directory)
    return Check(
        "Delta JARs",
        ok,
        str(directory) if ok else "not in the cache yet; brought when Spark first starts",
        "" if ok else "run `make up` once while this machine reaches Maven Central",
    )


def _disk() -> Check:
    lowest, where = min((_free_gib(path), path) for path in (cache_dir(), Path.cwd()))
    ok = lowest >= FREE_GIB_NEEDED
    return Check(
        "disk",
        ok,
        f"{lowest:.0f} GiB free at {where}",
        "" if ok else f"free space until {FREE_GIB_NEEDED} GiB are left, or set LAKEPLANE_CACHE elsewhere",
    )


def _memory() -> Check:
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    except (OSError, ValueError):
        return Check("memory", True, "not told by this system")
    # What firmware and kernel keep for themselves is missing in the count.
    ok = total >= MEMORY_GIB_NEEDED * 0.95
    return Check(
        "memory",
        ok,
        f"{total:.0f} GiB",
        "" if ok else f"use a machine with {MEMORY_GIB_NEEDED} GiB of memory for the local target",
    )


def _loopback() -> Check:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            found = f"127.0.0.1, such as port {server.getsockname()[1]}"
    except OSError as error:
        return Check("loopback ports", False, str(error), "allow programs to listen on 127.0.0.1")
    return Check("loopback ports", True, found)


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _free_gib(path: Path) -> float:
    """Free space where a path lies or would lie."""
    existing = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    status = os.statvfs(existing)
    return status.f_bavail * status.f_frsize / 2**30
