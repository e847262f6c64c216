"""Who reaches an environment."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator

from lakeplane.spec.address_ranges import AllowedAddress
from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import each_once
from lakeplane.spec.sections.base import SpecModel

__all__ = ["AccessSpec"]


class AccessSpec(SpecModel):
    """Who reaches the environment's front doors; its back-end is private either way.

    Attributes:
        mode: `private`: only from inside the network. `allow_list`: also from the ranges named.
        addresses: Public IPv4 ranges that may enter; needed with `allow_list`, refused with `private`.
    """

    mode: Literal["allow_list", "private"]
    addresses: Annotated[
        tuple[AllowedAddress, ...],
        Strict(strict=False),
        Field(max_length=200, validate_default=True),
        AfterValidator(each_once),
    ] = ()

    @field_validator("addresses")
    @classmethod
    def _fit_mode(cls, addresses: tuple[IPv4Network, ...], info: ValidationInfo) -> tuple[IPv4Network, ...]:
        mode = info.data.get("mode")
        if mode == "allow_list" and not addresses:
            raise finding(
                "SPC036",
                "allow_list without addresses lets nobody in, not even the deployer",
                allowed="at least one public IPv4 range",
                remedy="add access.addresses, or use access mode private",
            )
        if mode == "private" and addresses:
            raise finding(
                "SPC036",
                "access mode private takes no addresses",
                allowed="no addresses",
                remedy="remove access.addresses, or use access mode allow_list",
            )
        return addresses
