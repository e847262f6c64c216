"""All rules over 2,000 resources in process: the offline preview, the engine's pack, the policy SDK alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from alone import run_alone

COLUMNS = (
    "environment, repeated",
    "rules",
    "resources",
    "findings",
    "preview s",
    "pack s",
    "SDK alone s",
    "ratio",
)
COUNT = 2000
ENVIRONMENTS = ("max", "waf_aligned")


def measure() -> Iterator[tuple[str, ...]]:
    """Judge the same resources in three ways; what they find must be equal."""
    for name in ENVIRONMENTS:
        preview, pack, sdk = (_run(name, way) for way in ("preview", "pack", "sdk"))
        again = _run(name, "preview")
        if not preview["digest"] == pack["digest"] == sdk["digest"] == again["digest"]:
            raise AssertionError(f"{name}: the ways find different things")
        seconds = min(preview["seconds"], again["seconds"])
        yield (
            name,
            str(preview["rules"]),
            f"{preview['resources']:,}",
            f"{preview['findings']:,}",
            f"{seconds:.2f}",
            f"{pack['seconds']:.1f}",
            f"{sdk['seconds']:.1f}",
            f"{sdk['seconds'] / seconds:.0f}x",
        )


def _run(name: str, way: str) -> dict[str, Any]:
    return run_alone("one_judgement.py", name, way, str(COUNT))


if __name__ == "__main__":
    for row in (COLUMNS, *measure()):
        sys.stdout.write("  ".join(row) + "\n")
