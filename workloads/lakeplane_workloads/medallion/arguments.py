"""Command lines of the medallion's steps, in the one form that job parameters allow: text."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from lakeplane_workloads.volumes import volume_path

__all__ = ["StepArguments", "parse_step", "truth"]


@dataclass(frozen=True, slots=True)
class StepArguments:
    """What bronze, silver and gold are told."""

    catalog: str
    checkpoints: str
    landing: str
    full_refresh: bool


def truth(text: str) -> bool:
    """Read `true` or `false`, as job parameters have it."""
    known = {"true": True, "false": False}
    try:
        return known[text.strip().lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false") from None


def parse_step(program: str, description: str, argv: list[str] | None) -> StepArguments:
    """Parse the command line of a step; volume paths come back as this machine sees them."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--catalog", required=True, help="Unity Catalog catalog of the environment")
    parser.add_argument("--checkpoints", required=True, type=volume_path, help="directory of the streams")
    parser.add_argument("--full-refresh", type=truth, default=False, help="true reads everything again")
    if program == "medallion-bronze":
        parser.add_argument("--landing", required=True, type=volume_path, help="directory of the deliveries")
    given = parser.parse_args(argv)
    return StepArguments(
        catalog=given.catalog,
        checkpoints=given.checkpoints,
        landing=getattr(given, "landing", ""),
        full_refresh=given.full_refresh,
    )
