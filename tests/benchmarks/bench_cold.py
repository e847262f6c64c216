"""`lakeplane preview` in a cold process, against the bare import of the SDK modules that it uses."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COLUMNS = ("spec", "preview s", "MiB", "bare import s", "MiB", "ratio")
ROUNDS = 5
SPECS = ("dev", "examples/max")

_USED = """
import contextlib, io, json, sys
from lakeplane.cli.main import app
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    app(["preview", sys.argv[1], "--format", "json"])
kinds = ("pulumi_azure_native.", "pulumi_databricks", "pulumi_kubernetes.")
print(json.dumps(sorted(
    name for name, module in sys.modules.items()
    if name.startswith(kinds) and type(module).__name__ == "_Package"
    and any(isinstance(value, type) for value in vars(module).values())
)))
"""
# The SDK loads a module when an attribute of it is first read, as a program's first resource does.
_BARE = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name).__doc__"
# A process that does nothing but start another one tells the other's peak.
_PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def measure() -> Iterator[tuple[str, ...]]:
    """Time both ways by turns; the first round, which fills the file cache, doesn't count."""
    for spec in SPECS:
        path = str(PROJECT / "stacks" / "environments" / f"{spec}.yaml")
        used = json.loads(_run([sys.executable, "-c", _USED, path])[1])
        ways = {
            "preview": [str(Path(sys.executable).parent / "lakeplane"), "preview", path, "--format", "json"],
            "bare": [sys.executable, "-c", _BARE, *used],
        }
        runs = [{way: _run(command) for way, command in ways.items()} for _ in range(ROUNDS + 1)]
        if len({run["preview"][1] for run in runs}) != 1:
            raise AssertionError("two previews differ")
        seconds = {way: statistics.median(run[way][0] for run in runs[1:]) for way in ways}
        peak = {way: _peak(command) for way, command in ways.items()}
        yield (
            spec,
            f"{seconds['preview']:.2f}",
            f"{peak['preview']:.0f}",
            f"{seconds['bare']:.2f} ({len(used)} modules)",
            f"{peak['bare']:.0f}",
            f"{seconds['preview'] / seconds['bare']:.2f}x",
        )


def _run(command: list[str]) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT, timeout=300)
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise AssertionError(done.stderr)
    return seconds, done.stdout


def _peak(command: list[str]) -> float:
    measured = [sys.executable, "-c", _PEAK, *command]
    done = subprocess.run(measured, capture_output=True, text=True, check=False, cwd=PROJECT, timeout=300)
    return int(done.stderr.split()[-1]) / 1024
