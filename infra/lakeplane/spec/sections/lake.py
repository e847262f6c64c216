"""The lake."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import Replication
from lakeplane.spec.sections.base import SpecModel

__all__ = ["LakeSpec"]

_Days = Annotated[int, Field(ge=1, le=3650)]
# Microsoft Learn, "Access tiers for blob data": no archive tier with zone redundancy.
_WITH_ARCHIVE = ("LRS", "GRS", "RAGRS")


class LakeSpec(SpecModel):
    """The lake's storage account.

    Attributes:
        replication: Azure's replication kind; the tier's if left out, or the nearest without zones in a
            region that has none.
        soft_delete_days: Days for which deleted files and containers can be restored; 14 if left out.
        cool_after_days: Days after which files in `landing` move to the cool tier; 30 if left out. No other
            container's files move, for tables' logs and checkpoints lie among them.
        cold_after_days: Days after which files in `landing` move to the cold tier; 90 if left out.
        archive_after_days: Days after which files in `landing` move to the archive tier, where nothing reads
            them until they are brought back; never if left out.
        delete_after_days: Days after which files in `landing` are deleted; never if left out.
    """

    replication: Replication
    soft_delete_days: Annotated[int, Field(ge=7, le=365)] = 14
    cool_after_days: _Days = 30
    cold_after_days: _Days = 90
    archive_after_days: _Days | None = None
    delete_after_days: _Days | None = None

    @model_validator(mode="after")
    def _ages_ascend(self) -> Self:
        keys = ("cool_after_days", "cold_after_days", "archive_after_days", "delete_after_days")
        ages = [(key, getattr(self, key)) for key in keys if getattr(self, key) is not None]
        for (earlier, age), (later, next_age) in pairwise(ages):
            if next_age <= age:
                raise finding(
                    "SPC027",
                    f"{later} comes before {earlier}",
                    allowed=f"more than {age} days",
                    remedy="let each tier be older than the one before",
                    at=later,
                )
        if self.archive_after_days is not None and self.replication not in _WITH_ARCHIVE:
            raise finding(
                "SPC027",
                f"an account with {self.replication} has no archive tier",
                allowed=f"replication {', '.join(_WITH_ARCHIVE)}",
                remedy="leave archive_after_days out; the cold tier is the cheapest that is left",
                at="archive_after_days",
            )
        return self
