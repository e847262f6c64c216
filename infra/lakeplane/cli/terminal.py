"""What people see while a command works: progress on standard error, results on standard output."""

from __future__ import annotations

import codecs
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.markup import escape

from lakeplane.diagnostics import Diagnostic, Severity, to_text
from lakeplane.report.steps import Step

__all__ = [
    "Format",
    "Progress",
    "fail",
    "print_findings",
    "print_json",
    "results",
    "write_what_the_terminal_can",
]

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


class Format(StrEnum):
    """How results are written: for people or for scripts."""

    TEXT = "text"
    JSON = "json"


def results() -> Console:
    """Return the console for results; wide enough for whole tables where it is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, soft_wrap=False)


def print_json(data: Any) -> None:
    """Write data for scripts, keys in the order of the contract."""
    text = json.dumps(data, indent=2, ensure_ascii=not _is_utf8(sys.stdout.encoding), default=str)
    sys.stdout.write(text + "\n")


def write_what_the_terminal_can() -> None:
    """Let the standard streams write as escapes what their encoding has no bytes for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _is_utf8(encoding: str | None) -> bool:
    """Tell whether an encoding has every character."""
    try:
        return codecs.lookup(encoding or "ascii").name == "utf-8"
    except LookupError:
        return False


def print_findings(findings: tuple[Diagnostic, ...], *, error: bool = True) -> None:
    """Print findings for people, coloured by weight on a terminal."""
    console = Console(stderr=error, highlight=False, soft_wrap=True)
    for line in to_text(findings).splitlines():
        severity = next((severity for severity in Severity if line.startswith(f"{severity.value}[")), None)
        console.print(line, style=COLOURS[severity] if severity else "", markup=False)


def fail(findings: tuple[Diagnostic, ...]) -> int:
    """Print findings on standard error and return the exit code for findings."""
    print_findings(findings)
    return 1


class Progress:
    """Shows the steps of a long command: a spinner on a terminal, one line a step elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self.steps: list[Step] = []

    def tell(self, text: str) -> None:
        """Print a line that stays, also while a step runs; for what the user has to know it waits for."""
        self._console.print(text, style="yellow", markup=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Show a step while it runs; what the step says last stands behind its name at the end."""
        started = time.monotonic()
        note = ""
        if self._console.is_terminal:
            with self._console.status(name) as status:

                def say(text: str) -> None:
                    nonlocal note
                    note = text
                    seconds = time.monotonic() - started
                    status.update(f"{name} [dim]{seconds:.0f} s  {escape(text)}[/dim]")

                yield say
        else:
            self._console.print(f"{name} ...", markup=False)

            def remember(text: str) -> None:
                nonlocal note
                note = text

            yield remember
        seconds = time.monotonic() - started
        self.steps.append(Step(name, seconds, note))
        self._console.print(
            f"[green]done[/green] {name} [dim]({seconds:.1f} s) {escape(note)}[/dim]", soft_wrap=True
        )
