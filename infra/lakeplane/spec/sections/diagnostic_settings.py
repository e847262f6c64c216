"""Where else logs go."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from lakeplane.spec.arm_ids import LogWorkspaceId
from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import SettingName
from lakeplane.spec.sections.base import SpecModel

__all__ = ["DiagnosticSettingSpec", "DiagnosticSettings"]


class DiagnosticSettingSpec(SpecModel):
    """A log workspace that gets the logs of every service too, such as the one of a company's security team.

    Attributes:
        name: Name of the diagnostic setting on each service.
        log_workspace: ARM id of the log workspace, in whichever subscription of the tenant.
    """

    name: SettingName
    log_workspace: LogWorkspaceId


def _each_its_own(settings: tuple[DiagnosticSettingSpec, ...]) -> tuple[DiagnosticSettingSpec, ...]:
    for key in ("name", "log_workspace"):
        values = [getattr(one, key).lower() for one in settings]
        for value in values:
            if values.count(value) > 1:
                raise finding(
                    "SPC018",
                    f"listed twice: {value}",
                    allowed="each name and each log workspace once",
                    remedy="remove the repetition; Azure sends a log to one place once",
                )
    return settings


# Microsoft Learn, "Diagnostic settings in Azure Monitor": five a resource, of which one is the environment's.
DiagnosticSettings = Annotated[
    tuple[DiagnosticSettingSpec, ...],
    Strict(strict=False),
    Field(max_length=4),
    AfterValidator(_each_its_own),
]
"""Further places for an environment's logs."""
