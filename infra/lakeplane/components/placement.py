"""Where Azure resources go, and the ids that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from lakeplane.addressing import firewall_addresses

__all__ = ["Placement", "firewall_addresses", "known_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What every resource of an environment shares.

    Attributes:
        resource_group_id: ARM id of the resource group, known before it exists.
        resource_group_name: Its name, as an output of the group, so that resources wait for it.
        location: Azure region.
        tags: Tags of every resource; none if left out.
    """

    resource_group_id: str
    resource_group_name: pulumi.Input[str]
    location: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def arm_id(self, type_: str, name: str) -> str:
        """Return the ARM id of a resource in the group, such as of type `Microsoft.KeyVault/vaults`."""
        return f"{self.resource_group_id}/providers/{type_}/{name}"


def known_id(resource: pulumi.Resource, arm_id: str) -> pulumi.Output[str]:
    """Return an id that is known in a preview and still makes its readers wait for the resource.

    The engine takes no id from a preview, so `resource.id` is unknown until the update, and rules and people
    would see nothing. ARM's ids are made of names alone.
    """
    return resource.urn.apply(lambda _: arm_id)
