"""The foundation's Azure Machine Learning workspace, its clusters and its endpoint."""

from __future__ import annotations

from lakeplane.components.container_registry import ContainerRegistry
from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.identities import Identity
from lakeplane.components.key_vault import KeyVault
from lakeplane.components.ml_compute import IMAGE_BUILD, MlCompute, MlComputeArgs
from lakeplane.components.ml_endpoint import MlEndpoint, MlEndpointArgs
from lakeplane.components.ml_workspace import MlWorkspace, MlWorkspaceArgs
from lakeplane.foundation.base import Base

__all__ = ["deploy_ml"]


def deploy_ml(
    base: Base,
    identities: dict[str, Identity],
    vault: KeyVault,
    registry: ContainerRegistry,
    key: CustomerManagedKey | None,
) -> MlWorkspace:
    """Register the workspace with its own storage account and telemetry, its clusters and its endpoint."""
    plan, spec = base.plan, base.plan.spec.ml
    workspace = MlWorkspace(
        "ml",
        MlWorkspaceArgs(
            placement=base.placement,
            workspace_name=plan.names.ml_workspace,
            storage_account_name=plan.names.ml_storage_account,
            application_insights_name=plan.names.application_insights,
            identity=identities["ml"],
            key_vault_id=plan.ml_key_vault_id,
            key_vault=vault.vault_id,
            container_registry_id=plan.container_registry_id,
            container_registry=registry.registry_id,
            log_workspace_id=base.logs.workspace_id,
            # What it holds is as dear as the lake: artifacts, models and notebooks.
            replication=plan.spec.lake.replication,
            allowed_addresses=plan.spec.access.addresses,
            allowed_hosts=spec.allowed_hosts,
            # The registry's firewall keeps its own builders out in both access modes.
            image_build_compute=IMAGE_BUILD,
            customer_managed_key=key,
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
            role_assignments=base.rights_on("ml"),
        ),
        base.opts,
    )
    MlCompute(
        "ml-compute",
        MlComputeArgs(
            placement=base.placement,
            workspace_name=workspace.workspace_name,
            workspace_id=plan.ml_workspace_id,
            storage_account_id=plan.ml_storage_account_id,
            storage_account=workspace.storage_account_id,
            container_registry_id=plan.container_registry_id,
            container_registry=registry.registry_id,
            cpu_size=spec.cpu_size,
            max_nodes=spec.max_nodes,
            gpu_size=spec.gpu_size,
            idle_minutes=spec.idle_minutes,
            scopes_are_locked=base.protect,
        ),
        base.opts,
    )
    MlEndpoint(
        "ml-endpoint",
        MlEndpointArgs(
            placement=base.placement,
            endpoint_name=plan.names.ml_endpoint,
            workspace_name=workspace.workspace_name,
            workspace_id=plan.ml_workspace_id,
            identity=identities["serving"],
            storage_account_id=plan.ml_storage_account_id,
            storage_account=workspace.storage_account_id,
            container_registry_id=plan.container_registry_id,
            container_registry=registry.registry_id,
            log_workspace_id=base.logs.workspace_id,
            model=plan.spec.serving.model,
            versions=spec.endpoint.versions,
            instance_type=spec.endpoint.instance_type,
            instance_count=spec.endpoint.instance_count,
            public=plan.spec.access.mode == "allow_list",
            diagnostic_settings=base.diagnostic_settings,
        ),
        base.opts,
    )
    return workspace
