"""What is watched, and who is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from lakeplane.spec.scalars import EmailAddress, each_once
from lakeplane.spec.sections.base import SpecModel

__all__ = ["WatchSpec"]


class WatchSpec(SpecModel):
    """What is kept of logs, and who is told when something goes wrong.

    Attributes:
        emails: Who is told of alerts, failed jobs and budgets; the owner if that is an address, else nobody.
        log_retention_days: Days for which the log workspace keeps logs; 90 if left out.
    """

    emails: Annotated[
        tuple[EmailAddress, ...], Strict(strict=False), Field(max_length=20), AfterValidator(each_once)
    ] = ()
    log_retention_days: Annotated[int, Field(ge=30, le=730)] = 90
