"""The foundation's lake, and the Databricks workspace that works on it."""

from __future__ import annotations

from lakeplane.components.access_connector import AccessConnector, AccessConnectorArgs
from lakeplane.components.data_lake import DataLake, DataLakeArgs
from lakeplane.components.databricks_encryption import DatabricksKeys
from lakeplane.components.databricks_workspace import DatabricksWorkspace, DatabricksWorkspaceArgs
from lakeplane.components.encryption_keys import CustomerManagedKey, EncryptionKeys
from lakeplane.components.lake_lifecycle import Ages
from lakeplane.foundation.base import Base
from lakeplane.foundation.network import EnvironmentNetwork
from lakeplane.foundation.private import connect_privately, databricks_groups

__all__ = ["deploy_connector", "deploy_databricks", "deploy_lake"]


def deploy_connector(base: Base) -> AccessConnector:
    """Register the identity with which Databricks reaches the lake."""
    return AccessConnector(
        "access-connector",
        AccessConnectorArgs(placement=base.placement, connector_name=base.plan.names.access_connector),
        base.opts,
    )


def deploy_lake(
    base: Base, network: EnvironmentNetwork, connector: AccessConnector, key: CustomerManagedKey | None
) -> DataLake:
    """Register the lake and its private endpoints."""
    plan = base.plan
    spec = plan.spec.lake
    lake = DataLake(
        "lake",
        DataLakeArgs(
            placement=base.placement,
            account_name=plan.names.storage_account,
            tenant_id=plan.tenant_id,
            access_connector_id=plan.access_connector_id,
            access_connector=connector.connector_id,
            access_connector_principal_id=connector.principal_id,
            log_workspace_id=base.logs.workspace_id,
            replication=spec.replication,
            ages=Ages(
                cool_after_days=spec.cool_after_days,
                cold_after_days=spec.cold_after_days,
                archive_after_days=spec.archive_after_days,
                delete_after_days=spec.delete_after_days,
            ),
            allowed_addresses=plan.spec.access.addresses,
            customer_managed_key=key,
            soft_delete_days=spec.soft_delete_days,
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
            role_assignments=base.rights_on("lake"),
        ),
        base.opts,
    )
    connect_privately(base, network, "lake", lake.account_id, "blob", "dfs")
    return lake


def deploy_databricks(
    base: Base, network: EnvironmentNetwork, connector: AccessConnector, keys: EncryptionKeys | None
) -> DatabricksWorkspace:
    """Register the workspace, and the private ways to it and to its own storage."""
    plan = base.plan
    workspace = DatabricksWorkspace(
        "databricks",
        DatabricksWorkspaceArgs(
            placement=base.placement,
            workspace_name=plan.names.databricks_workspace,
            managed_resource_group_id=plan.databricks_managed_resource_group_id,
            virtual_network_id=network.virtual_network_id,
            host_subnet_name=network.databricks_host_subnet_name,
            container_subnet_name=network.databricks_container_subnet_name,
            storage_account_name=plan.names.databricks_storage_account,
            access_connector_id=connector.connector_id,
            log_workspace_id=base.logs.workspace_id,
            allowed_addresses=plan.spec.access.addresses,
            customer_managed_keys=_databricks_keys(base, keys) if keys else None,
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
            role_assignments=base.rights_on("databricks"),
        ),
        base.opts,
    )
    connect_privately(base, network, "databricks", workspace.workspace_id, *databricks_groups(base))
    # Clusters keep libraries and results in the account behind Databricks' own firewall.
    root = workspace.workspace_id.apply(lambda _: plan.databricks_storage_account_id)
    connect_privately(base, network, "databricks-root", root, "blob", "dfs")
    return workspace


def _databricks_keys(base: Base, keys: EncryptionKeys) -> DatabricksKeys:
    spec = base.plan.spec.encryption
    return DatabricksKeys(
        services=keys.by_use["databricks-services"],
        disks=keys.by_use["databricks-disks"],
        root=keys.by_use["databricks-root"],
        application_principal=str(spec.databricks_principal),
        use_root=spec.root_storage == "customer_managed",
    )
