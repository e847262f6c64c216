"""Waiting for what the services say is only not ready yet: one list, one patience, one place."""

from lakeplane.waiting.patience import GAVE_UP, WAITS, Patience, Waiting
from lakeplane.waiting.transient_errors import TRANSIENT_ERRORS, TransientError, find_transient

__all__ = ["GAVE_UP", "TRANSIENT_ERRORS", "WAITS", "Patience", "TransientError", "Waiting", "find_transient"]
