"""The foundation layer: what Azure Resource Manager manages, wired from top to bottom."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import resources

from lakeplane.components.log_workspace import LogWorkspace, LogWorkspaceArgs
from lakeplane.components.placement import Placement
from lakeplane.components.protection import protecting_data
from lakeplane.foundation.aks import certificate_authority, deploy_aks
from lakeplane.foundation.base import Base, more_targets
from lakeplane.foundation.data import deploy_connector, deploy_databricks, deploy_lake
from lakeplane.foundation.ml import deploy_ml
from lakeplane.foundation.network import deploy_network
from lakeplane.foundation.private import connect_privately
from lakeplane.foundation.security import (
    deploy_aks_vault,
    deploy_identities,
    deploy_keys,
    deploy_ml_vault,
    deploy_registry,
    deploy_vault,
)
from lakeplane.foundation.watch import deploy_watch
from lakeplane.outputs import FoundationOutputs
from lakeplane.planning import EnvironmentPlan

__all__ = ["deploy_foundation"]


def deploy_foundation(plan: EnvironmentPlan) -> FoundationOutputs:
    """Register the environment's Azure resources."""
    base = _begin(plan)
    network = deploy_network(base)
    identities = deploy_identities(base)
    connector = deploy_connector(base)
    vault = deploy_vault(base, network)
    keys = deploy_keys(base, vault)
    lake_key = keys.readable_by("lake", identities["encryption"]) if keys else None
    lake = deploy_lake(base, network, connector, lake_key)
    registry = deploy_registry(base, network, identities)
    databricks = deploy_databricks(base, network, connector, keys)
    ml_key = keys.readable_by("ml", identities["encryption"]) if keys else None
    ml = deploy_ml(base, identities, deploy_ml_vault(base, network), registry, ml_key)
    connect_privately(base, network, "ml", ml.workspace_id, "amlworkspace")
    connect_privately(base, network, "ml-storage", ml.storage_account_id, "blob", "file")
    deploy_watch(base)
    aks = deploy_aks(base, network, identities, registry, deploy_aks_vault(base, network))
    return FoundationOutputs(
        resource_group_name=base.placement.resource_group_name,
        storage_account_name=lake.account_name,
        access_connector_id=connector.connector_id,
        databricks_workspace_id=databricks.workspace_id,
        databricks_workspace_url=databricks.workspace_url,
        databricks_workspace_number=databricks.workspace_number,
        egress_address=network.egress_address,
        ml_workspace_id=ml.workspace_id,
        key_vault_name=vault.vault_name,
        container_registry_server=registry.login_server,
        aks_cluster_id=aks.cluster_id,
        aks_fqdn=aks.fqdn,
        aks_certificate_authority=certificate_authority(base, aks),
        jobs_client_id=identities["jobs"].client_id,
        serving_client_id=identities["serving"].client_id,
    )


def _begin(plan: EnvironmentPlan) -> Base:
    azure = azure_native.Provider(
        "azure", subscription_id=plan.subscription_id, tenant_id=plan.tenant_id, location=plan.spec.region
    )
    protection = protecting_data(plan.spec.tier == "prod")
    opts = pulumi.ResourceOptions(providers=[azure], transformations=protection)
    group = resources.ResourceGroup(
        "resource-group",
        resource_group_name=plan.names.resource_group,
        location=plan.spec.region,
        tags=plan.tags,
        opts=pulumi.ResourceOptions(provider=azure, transformations=protection),
    )
    placement = Placement(
        resource_group_id=plan.resource_group_id,
        resource_group_name=group.name,
        location=plan.spec.region,
        tags=plan.tags,
    )
    logs = LogWorkspace(
        "logs",
        LogWorkspaceArgs(
            placement=placement,
            workspace_name=plan.names.log_workspace,
            retention_days=plan.spec.watch.log_retention_days,
            diagnostic_settings=more_targets(plan),
        ),
        opts,
    )
    return Base(plan=plan, placement=placement, azure=azure, opts=opts, logs=logs)
