"""ARM's management locks: what stands under one is not deleted, and under a read-only one not changed.

Microsoft Learn, "Lock your Azure resources to protect your infrastructure": a lock holds for its scope and
all below it, deleting what contains a locked scope is refused too, and only management operations are held
up, so what lives inside a workspace or a cluster is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from lakeplane.local.resources import Resource
from lakeplane.local.simulators.model import Refusal, Scene, Target

__all__ = ["LOCK", "refuse_locked_delete", "refuse_locked_write"]

LOCK = "azure-native:authorization:ManagementLockByScope"


def refuse_locked_delete(scene: Scene, resource: Resource) -> None:
    """Raise what ARM answers to a deletion while a lock stands on, above or below the resource."""
    if resource.type == LOCK:
        return
    standing = [
        scope
        for scope, _ in _locks(scene)
        if _is_within(resource.id, scope) or _is_within(scope, resource.id)
    ]
    if standing:
        raise _locked("delete", resource.id, standing)


def refuse_locked_write(scene: Scene, target: Target) -> None:
    """Raise what ARM answers to a change while a read-only lock stands on or above the resource."""
    if target.type == LOCK:
        return
    standing = [
        scope for scope, level in _locks(scene) if level == "ReadOnly" and _is_within(target.id, scope)
    ]
    if standing:
        raise _locked("write", target.id, standing)


def _locks(scene: Scene) -> Iterator[tuple[str, str]]:
    for lock in scene.resources.of_type(LOCK):
        yield str(lock.plain_inputs["scope"]), str(lock.plain_inputs["level"])


def _is_within(arm_id: str, scope: str) -> bool:
    """Tell whether an id is a scope or lies below it; ids compare without regard to case."""
    return f"{arm_id}/".lower().startswith(f"{scope.rstrip('/')}/".lower())


def _locked(verb: str, arm_id: str, scopes: list[str]) -> Refusal:
    listed = ",".join(f"'{scope}'" for scope in sorted(set(scopes)))
    return Refusal(
        409,
        "ScopeLocked",
        f"The scope '{arm_id}' cannot perform {verb} operation because following scope(s) are locked: "
        f"{listed}. Please remove the lock and try again.",
    )
