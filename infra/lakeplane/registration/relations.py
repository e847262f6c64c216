"""What inputs of one object must be to each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeplane.registration.databricks_values import PERMISSION_LEVELS
from lakeplane.registration.mistakes import nearest, shown
from lakeplane.registration.shapes import Relation, Walk
from lakeplane.registration.values import LATER, peel

__all__ = ["RELATIONS"]


def _permission_levels(walk: Walk, given: Mapping[str, Any]) -> None:
    """Compare permission levels with those that the kind of object has."""
    kinds = [kind for kind in PERMISSION_LEVELS if kind in given]
    controls = peel(given.get("accessControls"))
    if len(kinds) != 1 or not isinstance(controls, list | tuple):
        return
    allowed = PERMISSION_LEVELS[kinds[0]]
    for index, control in enumerate(controls):
        peeled = peel(control)
        held = peeled if isinstance(peeled, Mapping) else getattr(peeled, "__dict__", {})
        python = "permission_level" in held
        level = peel(held.get("permission_level" if python else "permissionLevel"))
        if level is LATER or level in allowed:
            continue
        names = ("access_controls", "permission_level") if python else ("accessControls", "permissionLevel")
        walk.path += [names[0], index, names[1]]
        walk.add("value", repr(level), f"allowed of {kinds[0]}: {shown(allowed)}", nearest(level, allowed))
        del walk.path[-3:]


RELATIONS: Mapping[str, Relation] = {"pulumi_databricks.PermissionsArgs": _permission_levels}
"""Relations by the SDK's package and class."""
