"""Rights of groups and service principals on an object of the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_databricks as databricks

__all__ = ["AccessRights", "WorkspaceGroup", "permit"]


@dataclass(frozen=True, slots=True)
class WorkspaceGroup:
    """A group of the Databricks account that takes part in the workspace.

    Attributes:
        name: Its name, known before anything exists.
        assigned: The same name, as a value that waits until the workspace has the group.
    """

    name: str
    assigned: pulumi.Output[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRights:
    """Who may do what with one kind of object.

    Attributes:
        groups: Groups by permission level in the service's own words, such as `CAN_USE`, the strongest level
            first; a group that is named twice gets the first. Nobody but administrators if left out.
        service_principals: Application ids by permission level; none if left out.
    """

    groups: Mapping[str, Sequence[WorkspaceGroup]] = field(default_factory=dict)
    service_principals: Mapping[str, Sequence[pulumi.Input[str]]] = field(default_factory=dict)


def permit(
    name: str, rights: AccessRights, *, parent: pulumi.Resource, **object_id: pulumi.Input[str]
) -> None:
    """Give groups and service principals their rights on one object; administrators always have theirs.

    Args:
        name: Name of the resource.
        rights: Who may do what; without anybody, nothing is registered.
        parent: Component that the resource belongs to.
        **object_id: The object, by the one input that names it, such as `job_id`.
    """
    levels: dict[str, tuple[str, WorkspaceGroup]] = {}
    for level, groups in rights.groups.items():
        for group in groups:
            levels.setdefault(group.name, (level, group))
    entries = [
        databricks.PermissionsAccessControlArgs(group_name=group.assigned, permission_level=level)
        for _, (level, group) in sorted(levels.items())
    ]
    entries += [
        databricks.PermissionsAccessControlArgs(service_principal_name=principal, permission_level=level)
        for level, principals in rights.service_principals.items()
        for principal in principals
    ]
    if entries:
        databricks.Permissions(
            name, **object_id, access_controls=entries, opts=pulumi.ResourceOptions(parent=parent)
        )
