"""Rights of groups on an object of the workspace."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_databricks as databricks

__all__ = ["permit_groups"]


def permit_groups(
    name: str,
    groups: Sequence[str],
    level: str,
    *,
    parent: pulumi.Resource,
    **object_id: pulumi.Input[str],
) -> None:
    """Give every group the same right on one object; without groups, administrators alone keep theirs.

    Args:
        name: Name of the resource.
        groups: Groups of the account; one that is named twice counts once.
        level: Permission level in the service's own words, such as `CAN_USE`.
        parent: Component that the resource belongs to.
        **object_id: The object, by the one input that names it, such as `job_id`.
    """
    if not groups:
        return
    databricks.Permissions(
        name,
        **object_id,
        access_controls=[
            databricks.PermissionsAccessControlArgs(group_name=group, permission_level=level)
            for group in sorted(set(groups))
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
