"""Identities that a service acts with, beside those that its component gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakeplane.components.identities import Identity

__all__ = ["ManagedIdentities", "kind_of_identity", "user_assigned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedIdentities:
    """More identities of a service.

    Attributes:
        system_assigned: Let Azure make one that goes with the resource; not if left out.
        user_assigned: Identities that stand for themselves; none if left out.
    """

    system_assigned: bool = False
    user_assigned: Sequence[Identity] = ()


def user_assigned(wanted: ManagedIdentities, *own: Identity) -> list[Identity]:
    """Return the user-assigned identities of a service, each once: the component's own, then the others.

    Args:
        wanted: What the component was asked for.
        own: What it needs by itself, such as the identity that reads its key.
    """
    return list({one.arm_id: one for one in (*own, *wanted.user_assigned)}.values())


def kind_of_identity(wanted: ManagedIdentities, users: Sequence[Identity]) -> str | None:
    """Return ARM's word for which kinds of identity a service has; none if it has no identity."""
    kinds = (["SystemAssigned"] if wanted.system_assigned else []) + (["UserAssigned"] if users else [])
    return ",".join(kinds) or None
