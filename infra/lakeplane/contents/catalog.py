"""The contents' catalog."""

from __future__ import annotations

from lakeplane.components.unity_catalog import UnityCatalog, UnityCatalogArgs
from lakeplane.contents.base import Base

__all__ = ["deploy_catalog"]


def deploy_catalog(base: Base) -> UnityCatalog:
    """Register the environment's catalog, its way to the lake, and who may read and write what."""
    plan, groups = base.plan, base.plan.spec.groups
    return UnityCatalog(
        "catalog",
        UnityCatalogArgs(
            catalog_name=plan.catalog,
            storage_credential_name=plan.names.storage_credential,
            external_location_name=plan.names.external_location,
            lake_url=plan.lake_url,
            access_connector_id=base.foundation.access_connector_id,
            workspace_number=base.foundation.databricks_workspace_number,
            engineers=groups.engineers,
            scientists=groups.scientists,
            readers=groups.readers,
            jobs=base.service_principals["jobs"],
            serving=base.service_principals["serving"],
            protect=base.protect,
        ),
        base.in_catalog,
    )
