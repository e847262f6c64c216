"""What is fetched from a registry is tried again: one lost connection must not cost a whole set-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lakeplane.build_cache import Progress, quiet
from lakeplane.errors import SetupError

__all__ = ["PAUSES", "tried_again"]

T = TypeVar("T")

PAUSES = (3.0, 10.0, 30.0)
"""Seconds before the second, third and fourth attempt."""


def tried_again(
    fetch: Callable[[], T], progress: Progress = quiet, sleep: Callable[[float], None] = time.sleep
) -> T:
    """Return what `fetch` returns, trying it up to four times.

    Args:
        fetch: Fetches; must be safe to call again after a failure.
        progress: Told of each failure and of the pause that follows.
        sleep: Waits for a number of seconds.

    Raises:
        SetupError: The last attempt's, when all have failed.
    """
    for pause in PAUSES:
        try:
            return fetch()
        except SetupError as error:
            finding = error.findings[0]
            progress(f"{finding.summary} ({finding.detail}); trying again in {pause:.0f} s")
            sleep(pause)
    return fetch()
