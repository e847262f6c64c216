"""The Unity Catalog metastore of a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["Metastore", "MetastoreArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetastoreArgs:
    """What a new metastore needs.

    Attributes:
        metastore_name: Its name.
        region: Azure region; an account has one metastore in each.
        owner: Databricks account group that owns it.
    """

    metastore_name: str
    region: str
    owner: str


class Metastore(pulumi.ComponentResource):
    """Metastore without storage of its own: each catalog lies in its environment's lake.

    Attributes:
        metastore_id: Id of the metastore, a GUID.
    """

    databricks_provider: ClassVar[str] = "account"

    def __init__(self, name: str, args: MetastoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:hub:Metastore", name, None, opts)
        metastore = databricks.Metastore(
            f"{name}-metastore",
            name=args.metastore_name,
            region=args.region,
            owner=args.owner,
            force_destroy=False,
            # All catalogs of all environments of the region hang on it.
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.metastore_id: pulumi.Output[str] = metastore.id
        self.register_outputs({"metastore_id": self.metastore_id})
