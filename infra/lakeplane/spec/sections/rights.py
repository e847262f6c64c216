"""Who else may do what with the environment's services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from lakeplane.roles import gives_roles, reaches_stored_data, role_guid
from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import Guid, RoleName, each_once
from lakeplane.spec.sections.base import SpecModel

__all__ = ["RoleAssignmentSpec", "RoleAssignments", "Service"]

Service = Literal["lake", "key_vault", "registry", "databricks", "ml", "aks"]


class RoleAssignmentSpec(SpecModel):
    """A right that a group or an identity gets on one service of the environment, and on nothing else.

    Where a delete lock stands, as in tier prod, Azure takes no right back until the lock is lifted.

    Attributes:
        service: Which service: `lake`, `key_vault`, `registry`, `databricks`, `ml` or `aks`.
        role: Name of one of Azure's roles, such as `Key Vault Secrets User`, or the GUID of any role's
            definition. None that is known to give roles; what a role of one's own contains nobody here can
            read. On the lake `Reader`, `Monitoring Reader` and `Locks Contributor` alone: tables and volumes
            are granted in Unity Catalog.
        principal_id: Object id in Entra, as `az ad group show --query id` tells it.
        principal_type: `Group`, or `ServicePrincipal` for managed identities and applications; people get
            rights by their groups.
    """

    service: Service
    role: RoleName
    principal_id: Guid
    principal_type: Literal["Group", "ServicePrincipal"]

    def __str__(self) -> str:
        """Return it as people say it."""
        return f"{self.role} on {self.service} for {self.principal_id}"

    @model_validator(mode="after")
    def _not_too_far(self) -> Self:
        if gives_roles(self.role):
            raise finding(
                "SPC043",
                f"{self.role} lets its holder give rights to anybody, himself included",
                allowed="a role that names what is needed",
                remedy="give a narrower role; let the subscription's owner assign this one",
                at="role",
            )
        if self.service == "lake" and reaches_stored_data(self.role):
            raise finding(
                "SPC043",
                f"{self.role} may lead to the lake's data, past Unity Catalog",
                allowed="Reader, Monitoring Reader or Locks Contributor",
                remedy="grant tables and volumes in Unity Catalog; only the access connector reads files",
                at="role",
            )
        return self


def _each_once(rights: tuple[RoleAssignmentSpec, ...]) -> tuple[RoleAssignmentSpec, ...]:
    """Refuse one right that stands twice, however its role is written and whatever its holder is called."""
    each_once(tuple(_Right(one.service, role_guid(one.role), one.principal_id, str(one)) for one in rights))
    return rights


@dataclass(frozen=True, slots=True)
class _Right:
    """What Azure knows a right by; its words are no part of that."""

    service: str
    role: str
    principal_id: str
    words: str = field(compare=False)

    def __str__(self) -> str:
        return self.words


RoleAssignments = Annotated[
    tuple[RoleAssignmentSpec, ...], Strict(strict=False), Field(max_length=100), AfterValidator(_each_once)
]
"""Rights of others on an environment's services."""
