"""Whose keys encrypt what is kept."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import Guid
from lakeplane.spec.sections.base import SpecModel

__all__ = ["EncryptionSpec"]


class EncryptionSpec(SpecModel):
    """Whose keys encrypt what the environment keeps; it is encrypted either way.

    Attributes:
        mode: `platform`: Microsoft's keys. `customer_managed`: keys in the environment's own vault, rotated
            by themselves, for lake, workspaces, disks and the cluster's secrets; `platform` if left out.
        databricks_principal: Object id of the enterprise application AzureDatabricks in the tenant, which
            reads the key of notebooks, queries and secrets; needed with `customer_managed`.
        root_storage: `prepared`: Databricks' own storage account is made ready for a key. `customer_managed`:
            it uses the key, which Databricks accepts only once the workspace exists; `prepared` if left out.
        registry: `customer_managed` gives the registry a key in a vault of its own, open to all networks and
            closed by roles alone, for the service reads no key behind a firewall while it makes a registry;
            `platform` if left out.
    """

    mode: Literal["platform", "customer_managed"] = "platform"
    databricks_principal: Guid | None = None
    root_storage: Literal["prepared", "customer_managed"] = "prepared"
    registry: Literal["platform", "customer_managed"] = "platform"

    @property
    def customer_managed(self) -> bool:
        """Whether keys of the environment's own vault are used."""
        return self.mode == "customer_managed"

    @model_validator(mode="after")
    def _keys_fit_mode(self) -> Self:
        if self.customer_managed and self.databricks_principal is None:
            raise finding(
                "SPC039",
                "nothing says who reads Databricks' key",
                allowed="the object id of the application AzureDatabricks in your tenant",
                remedy="add encryption.databricks_principal: "
                "`az ad sp show --id 2ff814a6-3304-4ab8-85cb-cd0e6f879c1d --query id`",
                at="databricks_principal",
            )
        for key in ("root_storage", "registry"):
            if not self.customer_managed and getattr(self, key) == "customer_managed":
                raise finding(
                    "SPC039",
                    "a key of one's own where all others are Microsoft's",
                    allowed="encryption mode customer_managed",
                    remedy=f"set encryption.mode, or remove encryption.{key}",
                    at=key,
                )
        return self
