"""Which pipelines may look or deploy."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator

from lakeplane.spec.address_ranges import AllowedAddress
from lakeplane.spec.hub_scalars import FederatedSubject
from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import Guid, each_once
from lakeplane.spec.sections.base import SpecModel

__all__ = ["PipelinesSpec"]

_Subjects = Annotated[
    tuple[FederatedSubject, ...], Strict(strict=False), Field(max_length=20), AfterValidator(each_once)
]


class PipelinesSpec(SpecModel):
    """Which pipelines of GitHub or Azure DevOps may act, by the subjects of their tokens.

    Attributes:
        preview: Pipelines that may look: `lakeplane bootstrap` lets them sign in as an identity that reads;
            none if left out.
        apply: Pipelines that may deploy, a hub's as the runner's identity too; none if left out.
        addresses: Public IPv4 ranges from which pipelines and people reach the stacks' state and its key,
            besides `access.addresses`; none if left out.
        devops_organisation_id: Id of the Azure DevOps organisation, which its issuer ends in; needed with
            subjects `sc://…`.
    """

    preview: _Subjects = ()
    apply: _Subjects = ()
    addresses: Annotated[
        tuple[AllowedAddress, ...], Strict(strict=False), Field(max_length=200), AfterValidator(each_once)
    ] = ()
    devops_organisation_id: Annotated[Guid | None, Field(validate_default=True)] = None

    @field_validator("devops_organisation_id")
    @classmethod
    def _names_issuer(cls, organisation: str | None, info: ValidationInfo) -> str | None:
        subjects = (*info.data.get("preview", ()), *info.data.get("apply", ()))
        if organisation is None and any(subject.startswith("sc://") for subject in subjects):
            raise finding(
                "HUB007",
                "the issuer of Azure DevOps' tokens is not known",
                allowed="the organisation's id, a GUID",
                remedy="add pipelines.devops_organisation_id, as the service connection's details show it",
            )
        return organisation
