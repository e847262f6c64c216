"""Loading what a later step needs while this process waits for others."""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress

__all__ = ["import_ahead"]


def import_ahead(*modules: str) -> None:
    """Import modules in a thread of their own; whoever needs one sooner waits for it as ever."""
    threading.Thread(target=_import, args=modules, name="import-ahead", daemon=True).start()


def _import(*modules: str) -> None:
    # What is wrong with a module is told by the step that needs it.
    with suppress(Exception):
        for module in modules:
            importlib.import_module(module)
