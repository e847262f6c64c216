"""The API version by which azure-native manages a type, as the installed SDK says."""

from __future__ import annotations

import functools
import inspect
import re
from pathlib import Path

from lakeplane.provider_models.sdk_types import resource_class

__all__ = ["api_version"]

# The generator writes it into every resource's description.
_SENTENCE = re.compile(r"Uses Azure REST API version (\d{4}-\d{2}-\d{2}(?:-preview)?)")


@functools.cache
def api_version(token: str) -> str | None:
    """Return the version, such as `2024-01-01`; nothing if the SDK has no such type or doesn't say.

    It is read from the SDK's source text, as a process may run without docstrings.
    """
    try:
        text = Path(inspect.getfile(resource_class(token))).read_text(encoding="utf-8")
    except (LookupError, OSError, TypeError):
        return None
    found = _SENTENCE.search(text)
    return found[1] if found else None
