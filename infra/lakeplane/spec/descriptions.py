"""What each key of a model means, read from the `Attributes:` section of its docstring.

So that the meaning stands once: editors, findings and readers of the code see the same words.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["describe"]

_ENTRY = re.compile(r"^(\w+): (.*)$")


@cache
def describe(model: type) -> Mapping[str, str]:
    """Return the description of every key that a model's docstring explains."""
    text = inspect.cleandoc(model.__doc__ or "")
    _, _, section = text.partition("Attributes:\n")
    described: dict[str, str] = {}
    name = ""
    for line in textwrap.dedent(section).splitlines():
        entry = _ENTRY.match(line)
        if entry:
            name = entry[1]
            described[name] = entry[2]
        elif name and line.startswith(" "):
            described[name] += f" {line.strip()}"
        else:
            break
    return described
