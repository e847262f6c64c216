"""Texts of unknown origin inside Markdown, so that they stay texts.

Names and values come from a specification or a program, which in a pull request may be anybody's. Inside
Markdown they could become links, pictures, mentions of people or closed issues; here they can't.
"""

from __future__ import annotations

import html
import re

from lakeplane.preview.told_values import visible

__all__ = ["code_cell", "code_span", "fenced", "prose_cell", "prose_line"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# An invisible gap: GitHub links mentions, issues and addresses after Markdown is done.
_GAP = "\u200b"
_LINKED = re.compile(r"([@#]|:(?=//)|(?i:www)(?=\.)|(?i:gh)(?=-))")


def code_span(text: str) -> str:
    """Write a text as code inside a line of Markdown, where nothing in it is markup."""
    shown = visible(text) or " "
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def prose_line(text: str) -> str:
    """Write a text inside a line of Markdown: every sign that could be markup is escaped."""
    return _PUNCTUATION.sub(r"\\\1", _LINKED.sub(rf"\1{_GAP}", visible(text)))


def code_cell(text: str) -> str:
    """Write a text as code inside HTML."""
    return f"<code>{html.escape(visible(text))}</code>"


def prose_cell(text: str) -> str:
    """Write a text inside HTML, where GitHub links nothing in it."""
    return html.escape(_LINKED.sub(rf"\1{_GAP}", visible(text)))


def fenced(lines: list[str], language: str = "") -> list[str]:
    """Write lines as a block of code, which no line of it can end."""
    shown = [visible(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *shown, fence]
