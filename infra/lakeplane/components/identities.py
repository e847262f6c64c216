"""The user-assigned identities of an environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from lakeplane.components.placement import Placement, known_id

__all__ = ["Identities", "IdentitiesArgs", "Identity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitiesArgs:
    """What the identities need.

    Attributes:
        placement: Where they go.
        identity_names: Physical names by purpose, such as `serving`.
    """

    placement: Placement
    identity_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity.

    Attributes:
        arm_id: ARM id, known before it exists.
        id: The same id, as a value that waits for the identity.
        client_id: Id that workloads sign in with.
        principal_id: Object id in Entra, which rights are given to.
    """

    arm_id: str
    id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]


class Identities(pulumi.ComponentResource):
    """User-assigned identities, one a purpose, without any right of their own.

    Attributes:
        by_purpose: The identities by purpose.
    """

    def __init__(self, name: str, args: IdentitiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:security:Identities", name, None, opts)
        self.by_purpose: dict[str, Identity] = {}
        for purpose, identity_name in args.identity_names.items():
            identity = managedidentity.UserAssignedIdentity(
                f"{name}-{purpose}",
                resource_name_=identity_name,
                resource_group_name=args.placement.resource_group_name,
                location=args.placement.location,
                tags=args.placement.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
            arm_id = args.placement.arm_id("Microsoft.ManagedIdentity/userAssignedIdentities", identity_name)
            self.by_purpose[purpose] = Identity(
                arm_id, known_id(identity, arm_id), identity.client_id, identity.principal_id
            )
        self.register_outputs({purpose: identity.id for purpose, identity in self.by_purpose.items()})
