"""Groups of the Databricks account, in the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.group_permissions import WorkspaceGroup

__all__ = ["WorkspaceGroups", "WorkspaceGroupsArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceGroupsArgs:
    """Which groups take part.

    Attributes:
        group_names: Names of groups of the account; one that is named twice counts once.
    """

    group_names: Sequence[str]


class WorkspaceGroups(pulumi.ComponentResource):
    """Account groups as users of the workspace: until then it refuses to give them rights on its objects.

    Source: Microsoft Learn, "Manage groups", assign a group to a workspace with identity federation, which
    every workspace with Unity Catalog has.

    Attributes:
        by_name: The groups by name.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(
        self, name: str, args: WorkspaceGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:access:WorkspaceGroups", name, None, opts)
        self.by_name: dict[str, WorkspaceGroup] = {}
        for group in sorted(set(args.group_names)):
            assignment = databricks.PermissionAssignment(
                f"{name}-{group}",
                group_name=group,
                permissions=["USER"],
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.by_name[group] = WorkspaceGroup(group, _waiting(assignment, group))
        self.register_outputs({"groups": [group.assigned for group in self.by_name.values()]})


def _waiting(assignment: databricks.PermissionAssignment, group: str) -> pulumi.Output[str]:
    named: pulumi.Output[str] = assignment.urn.apply(lambda _: group)
    return named
