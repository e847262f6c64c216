"""The name under which command lines import `lakeplane.validation.validate`."""

from lakeplane.validation import validate

__all__ = ["validate"]
