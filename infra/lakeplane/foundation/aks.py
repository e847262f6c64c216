"""The foundation's AKS cluster."""

from __future__ import annotations

import base64
from typing import Any

import pulumi
from pulumi_azure_native import containerservice
from ruamel.yaml import YAML

from lakeplane.components.aks_cluster import (
    AksCluster,
    AksClusterArgs,
    ApiServerZone,
    MaintenanceWindow,
    SecretsEncryption,
    WorkloadIdentity,
)
from lakeplane.components.aks_monitoring import AksMonitoring, AksMonitoringArgs
from lakeplane.components.aks_node_pools import AksNodePools, AksNodePoolsArgs, NodePoolSettings
from lakeplane.components.container_registry import ContainerRegistry
from lakeplane.components.identities import Identity
from lakeplane.components.key_vault import KeyVault
from lakeplane.components.scoring_names import NAMESPACE, SERVICE_ACCOUNT
from lakeplane.foundation.base import Base
from lakeplane.foundation.network import EnvironmentNetwork

__all__ = ["certificate_authority", "deploy_aks"]


def deploy_aks(
    base: Base,
    network: EnvironmentNetwork,
    identities: dict[str, Identity],
    registry: ContainerRegistry,
    vault: KeyVault | None,
) -> AksCluster:
    """Register the cluster, its node pools and what is seen of it.

    Args:
        base: The foundation's base.
        network: The network that it stands in.
        identities: Identities by purpose.
        registry: The registry that its nodes pull from.
        vault: The vault of the key of its secrets, closed to the public; Microsoft's key if none.
    """
    plan, names, spec = base.plan, base.plan.names, base.plan.spec.aks
    settings = NodePoolSettings(
        subnet=network.subnet_ids["aks_nodes"], tags=dict(base.placement.tags), zones=base.zones
    )
    cluster = AksCluster(
        "aks",
        AksClusterArgs(
            placement=base.placement,
            cluster_name=names.aks_cluster,
            dns_prefix=names.aks_dns_prefix,
            node_resource_group=names.aks_node_resource_group,
            tenant_id=plan.tenant_id,
            addresses=plan.addresses,
            node_subnet=network.subnet_ids["aks_nodes"],
            node_subnet_id=plan.subnet_id("aks_nodes"),
            api_server_subnet=network.subnet_ids["aks_api_server"],
            api_server_subnet_id=plan.subnet_id("aks_api_server"),
            control_plane_identity=identities["aks"],
            kubelet_identity=identities["kubelet"],
            container_registry_id=plan.container_registry_id,
            container_registry=registry.registry_id,
            log_workspace_id=base.logs.workspace_id,
            workload_identities=(
                WorkloadIdentity(
                    identity=identities["serving"],
                    namespace=NAMESPACE,
                    service_account=SERVICE_ACCOUNT,
                ),
            ),
            nodes=settings,
            system_node_size=spec.system_node_size,
            system_node_count=spec.system_node_count,
            maintenance=MaintenanceWindow(
                day=spec.maintenance.day,
                start_hour=spec.maintenance.start_hour,
                utc_offset=spec.maintenance.utc_offset,
            ),
            secrets_encryption=_secrets_encryption(base, vault),
            outbound_type="userDefinedRouting" if plan.egress == "firewall" else "userAssignedNATGateway",
            upgrade_channel=spec.upgrade_channel,
            allowed_addresses=plan.spec.access.addresses,
            api_server_zone=_api_server_zone(base, network),
            uptime_sla=plan.spec.tier != "dev",
            diagnostic_settings=base.diagnostic_settings,
            role_assignments=base.rights_on("aks"),
        ),
        base.opts,
    )
    AksNodePools(
        "aks-pools",
        AksNodePoolsArgs(
            placement=base.placement,
            cluster_name=cluster.cluster_name,
            settings=settings,
            size=spec.node_size,
            count=spec.node_count,
            max_count=spec.max_node_count,
            gpu_size=spec.gpu_node_size,
            max_gpu_count=spec.max_gpu_node_count,
        ),
        base.opts,
    )
    AksMonitoring(
        "aks-monitoring",
        AksMonitoringArgs(
            placement=base.placement,
            cluster_id=cluster.cluster_id,
            log_workspace_id=base.logs.workspace_id,
            monitor_workspace_name=names.monitor_workspace,
            endpoint_name=names.data_collection_endpoint,
            metrics_rule_name=names.metrics_collection_rule,
            container_rule_name=names.container_collection_rule,
        ),
        base.opts,
    )
    return cluster


def _api_server_zone(base: Base, network: EnvironmentNetwork) -> ApiServerZone | None:
    zone = base.plan.aks_private_dns_zone_id
    if zone is None:
        return None
    return ApiServerZone(
        zone_id=zone,
        virtual_network_id=base.plan.virtual_network_id,
        virtual_network=network.virtual_network_id,
    )


def _secrets_encryption(base: Base, vault: KeyVault | None) -> SecretsEncryption | None:
    if vault is None:
        return None
    return SecretsEncryption(
        vault_name=vault.vault_name, vault_id=base.plan.aks_key_vault_id, vault=vault.vault_id
    )


def certificate_authority(base: Base, aks: AksCluster) -> pulumi.Output[str]:
    """Read the API server's certificate authority, which AKS hands out in a kubeconfig only.

    The kubeconfig of a cluster without local accounts holds no credential.
    """
    credentials = containerservice.list_managed_cluster_user_credentials_output(
        resource_group_name=base.plan.names.resource_group,
        resource_name=aks.cluster_id.apply(lambda _: base.plan.names.aks_cluster),
        format="exec",
        opts=pulumi.InvokeOutputOptions(provider=base.azure, depends_on=[aks]),
    )
    authority: pulumi.Output[str] = credentials.kubeconfigs.apply(
        lambda kubeconfigs: _read_authority(kubeconfigs[0].value)
    )
    return authority


def _read_authority(kubeconfig: str) -> str:
    document: Any = YAML(typ="safe", pure=True).load(base64.b64decode(kubeconfig))
    authority: str = document["clusters"][0]["cluster"]["certificate-authority-data"]
    return authority
