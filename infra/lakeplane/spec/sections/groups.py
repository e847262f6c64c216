"""Who works in an environment."""

from __future__ import annotations

from lakeplane.spec.scalars import GroupName
from lakeplane.spec.sections.base import SpecModel

__all__ = ["GroupsSpec"]


class GroupsSpec(SpecModel):
    """Databricks account groups that get rights in the environment.

    Attributes:
        engineers: Own schemas, jobs and policies; `data-engineers` if left out.
        scientists: Use clusters, train and register models; `data-scientists` if left out.
        readers: Read gold tables; `data-readers` if left out.
    """

    engineers: GroupName = "data-engineers"
    scientists: GroupName = "data-scientists"
    readers: GroupName = "data-readers"
