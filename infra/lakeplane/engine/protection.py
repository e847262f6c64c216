"""What stands in the way of removing a stack: protected resources, and ARM's delete locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.provider_models.stateful import held_by

__all__ = ["Protected", "deployed", "find_named", "find_protected", "open_up"]

_LOCKS = "azure-native:authorization:ManagementLock"
_NOT_IN_A_CLOUD = ("pulumi:", "lakeplane:")


@dataclass(frozen=True, slots=True)
class Protected:
    """A resource that is not deleted unless somebody names it.

    Attributes:
        stack: The stack that has it.
        urn: Its URN.
        id: Its id in the cloud; empty for a component.
        is_protected: Whether the engine refuses to delete it.
        locks: URNs of the delete locks that stand on it.
    """

    stack: str
    urn: str
    id: str
    is_protected: bool
    locks: tuple[str, ...]

    @property
    def name(self) -> str:
        """The program's name of it."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def type(self) -> str:
        """Its type token."""
        return self.urn.split("::")[2].rsplit("$", 1)[-1]

    @property
    def holds(self) -> str:
        """What is lost with it, in words; empty if nothing that cannot be made again."""
        return held_by(self.type)

    def is_named(self, names: Iterable[str]) -> bool:
        """Tell whether one of the names is its name or its URN."""
        return any(name in (self.name, self.urn) for name in names)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {
            "name": self.name,
            "type": self.type,
            "stack": self.stack,
            "holds": self.holds or None,
            "protected": self.is_protected,
            "locks": [lock.rsplit("::", 1)[-1] for lock in self.locks],
            "urn": self.urn,
        }


def find_protected(stack: str, deployment: Mapping[str, Any]) -> list[Protected]:
    """Find what is protected or locked in a stack's exported deployment, in the order of names.

    A lock on something that no resource of the stack is, such as a group of another stack, stands for itself.
    """
    return [
        one
        for one in _kept(stack, deployment)
        if (one.is_protected and not one.type.startswith(_LOCKS)) or one.locks
    ]


def find_named(stack: str, deployment: Mapping[str, Any], urns: Collection[str]) -> list[Protected]:
    """Find resources of a stack's exported deployment by their URNs, in the order of names."""
    return [one for one in _kept(stack, deployment) if one.urn in urns]


def _kept(stack: str, deployment: Mapping[str, Any]) -> list[Protected]:
    resources = _resources(deployment)
    owners = {str(resource.get("id", "")).lower(): resource["urn"] for resource in resources}
    locks: dict[str, list[str]] = {}
    for resource in resources:
        if resource["type"].startswith(_LOCKS):
            scope = str((resource.get("inputs") or {}).get("scope", "")).rstrip("/").lower()
            locks.setdefault(owners.get(scope, resource["urn"]), []).append(resource["urn"])
    found = [
        Protected(
            stack=stack,
            urn=resource["urn"],
            id=str(resource.get("id", "")),
            is_protected=bool(resource.get("protect")),
            locks=tuple(locks.get(resource["urn"], ())),
        )
        for resource in resources
    ]
    # A state's order is that of an update's parallel work, which differs from one to the next.
    return sorted(found, key=lambda resource: (resource.name, resource.urn))


def open_up(resource: dict[str, Any]) -> None:
    """Take the protection off a resource of an exported deployment, and that of what it holds."""
    resource["protect"] = False
    for values in (resource.get("inputs"), resource.get("outputs")):
        if values and values.get("forceDestroy") is False:
            values["forceDestroy"] = True


def deployed(deployment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return type and id of everything that a stack has in a cloud, in the order of the state."""
    return [
        (resource["type"], str(resource["id"]))
        for resource in _resources(deployment)
        if resource.get("custom")
        and resource.get("id")
        and not resource.get("external")
        and not resource["type"].startswith(_NOT_IN_A_CLOUD)
    ]


def _resources(deployment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the resources that stand; replaced ones wait for their deletion and are no concern here."""
    found = (deployment.get("deployment") or {}).get("resources") or ()
    return [resource for resource in found if not resource.get("delete")]
