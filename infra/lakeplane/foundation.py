"""The foundation layer: what Azure Resource Manager manages, wired from top to bottom."""

from __future__ import annotations

import base64
from typing import Any

import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import containerservice, resources
from ruamel.yaml import YAML

from lakeplane.components.access_connector import AccessConnector, AccessConnectorArgs
from lakeplane.components.aks_cluster import AksCluster, AksClusterArgs, WorkloadIdentity
from lakeplane.components.container_registry import ContainerRegistry, ContainerRegistryArgs
from lakeplane.components.data_lake import DataLake, DataLakeArgs
from lakeplane.components.databricks_workspace import DatabricksWorkspace, DatabricksWorkspaceArgs
from lakeplane.components.identities import Identities, IdentitiesArgs, Identity
from lakeplane.components.key_vault import KeyVault, KeyVaultArgs
from lakeplane.components.log_workspace import LogWorkspace, LogWorkspaceArgs
from lakeplane.components.ml_workspace import MlWorkspace, MlWorkspaceArgs
from lakeplane.components.network import Network, NetworkArgs, SubnetNames
from lakeplane.components.placement import Placement
from lakeplane.components.scoring_names import NAMESPACE, SERVICE_ACCOUNT
from lakeplane.outputs import FoundationOutputs
from lakeplane.planning import EnvironmentPlan
from lakeplane.spec.regions import has_zones

__all__ = ["deploy_foundation"]


def deploy_foundation(plan: EnvironmentPlan) -> FoundationOutputs:
    """Register the environment's Azure resources."""
    azure = azure_native.Provider(
        "azure", subscription_id=plan.subscription_id, tenant_id=plan.tenant_id, location=plan.spec.region
    )
    opts = pulumi.ResourceOptions(providers=[azure])
    protect = plan.spec.tier == "prod"
    group = resources.ResourceGroup(
        "resource-group",
        resource_group_name=plan.names.resource_group,
        location=plan.spec.region,
        tags=plan.tags,
        opts=pulumi.ResourceOptions(provider=azure, protect=protect),
    )
    placement = Placement(
        resource_group_id=plan.resource_group_id,
        resource_group_name=group.name,
        location=plan.spec.region,
        tags=plan.tags,
    )
    logs = LogWorkspace(
        "logs", LogWorkspaceArgs(placement=placement, workspace_name=plan.names.log_workspace), opts
    )
    network = _network(plan, placement, opts)
    identities = _identities(plan, placement, opts)
    connector = AccessConnector(
        "access-connector",
        AccessConnectorArgs(placement=placement, connector_name=plan.names.access_connector),
        opts,
    )
    inside = [network.subnet_ids[key] for key in ("databricks_host", "databricks_container", "aks_nodes")]
    lake = DataLake(
        "lake",
        DataLakeArgs(
            placement=placement,
            account_name=plan.names.storage_account,
            tenant_id=plan.tenant_id,
            access_connector_id=plan.access_connector_id,
            access_connector=connector.connector_id,
            access_connector_principal_id=connector.principal_id,
            replication=plan.spec.lake.replication,
            subnet_ids=inside,
            allowed_addresses=plan.spec.access.addresses,
            protect=protect,
        ),
        opts,
    )
    vault = KeyVault(
        "vault",
        KeyVaultArgs(
            placement=placement,
            vault_name=plan.names.key_vault,
            tenant_id=plan.tenant_id,
            log_workspace_id=logs.workspace_id,
            subnet_ids=inside,
            allowed_addresses=plan.spec.access.addresses,
            protect=protect,
        ),
        opts,
    )
    registry = ContainerRegistry(
        "registry",
        ContainerRegistryArgs(
            placement=placement,
            registry_name=plan.names.container_registry,
            allowed_addresses=plan.spec.access.addresses,
            egress_address=network.egress_address,
            zone_redundant=has_zones(plan.spec.region),
        ),
        opts,
    )
    databricks = DatabricksWorkspace(
        "databricks",
        DatabricksWorkspaceArgs(
            placement=placement,
            workspace_name=plan.names.databricks_workspace,
            managed_resource_group_id=plan.databricks_managed_resource_group_id,
            virtual_network_id=network.virtual_network_id,
            host_subnet_name=network.databricks_host_subnet_name,
            container_subnet_name=network.databricks_container_subnet_name,
            log_workspace_id=logs.workspace_id,
            allowed_addresses=plan.spec.access.addresses,
            protect=protect,
        ),
        opts,
    )
    ml = MlWorkspace(
        "ml",
        MlWorkspaceArgs(
            placement=placement,
            workspace_name=plan.names.ml_workspace,
            storage_account_name=plan.names.ml_storage_account,
            application_insights_name=plan.names.application_insights,
            identity=identities["ml"],
            key_vault_id=plan.key_vault_id,
            key_vault=vault.vault_id,
            container_registry_id=plan.container_registry_id,
            container_registry=registry.registry_id,
            log_workspace_id=logs.workspace_id,
            allowed_addresses=plan.spec.access.addresses,
            protect=protect,
        ),
        opts,
    )
    aks = _aks(plan, placement, network, identities, registry, logs, opts)
    return FoundationOutputs(
        resource_group_name=group.name,
        storage_account_name=lake.account_name,
        access_connector_id=connector.connector_id,
        databricks_workspace_id=databricks.workspace_id,
        databricks_workspace_url=databricks.workspace_url,
        ml_workspace_id=ml.workspace_id,
        key_vault_name=vault.vault_name,
        container_registry_server=registry.login_server,
        aks_cluster_id=aks.cluster_id,
        aks_fqdn=aks.fqdn,
        aks_certificate_authority=_certificate_authority(plan, aks, azure),
        serving_client_id=identities["serving"].client_id,
    )


def _network(plan: EnvironmentPlan, placement: Placement, opts: pulumi.ResourceOptions) -> Network:
    names = plan.names
    return Network(
        "network",
        NetworkArgs(
            placement=placement,
            addresses=plan.addresses,
            virtual_network_name=names.virtual_network,
            network_security_group_name=names.nsg,
            nat_gateway_name=names.nat_gateway,
            public_ip_address_name=names.nat_public_ip,
            subnet_names=SubnetNames(
                databricks_host=names.subnet_databricks_host,
                databricks_container=names.subnet_databricks_container,
                aks_nodes=names.subnet_aks_nodes,
                aks_api_server=names.subnet_aks_api_server,
                private_endpoints=names.subnet_private_endpoints,
            ),
            zones=_zones(plan),
        ),
        opts,
    )


def _identities(
    plan: EnvironmentPlan, placement: Placement, opts: pulumi.ResourceOptions
) -> dict[str, Identity]:
    names = {
        "jobs": plan.names.identity_jobs,
        "serving": plan.names.identity_serving,
        "ml": plan.names.identity_ml,
        "aks": plan.names.identity_aks,
        "kubelet": f"{plan.names.identity_aks}-kubelet",
    }
    return Identities(
        "identities", IdentitiesArgs(placement=placement, identity_names=names), opts
    ).by_purpose


def _aks(
    plan: EnvironmentPlan,
    placement: Placement,
    network: Network,
    identities: dict[str, Identity],
    registry: ContainerRegistry,
    logs: LogWorkspace,
    opts: pulumi.ResourceOptions,
) -> AksCluster:
    names = plan.names
    subnets = f"{placement.arm_id('Microsoft.Network/virtualNetworks', names.virtual_network)}/subnets"
    return AksCluster(
        "aks",
        AksClusterArgs(
            placement=placement,
            cluster_name=names.aks_cluster,
            dns_prefix=names.aks_dns_prefix,
            node_resource_group=names.aks_node_resource_group,
            tenant_id=plan.tenant_id,
            addresses=plan.addresses,
            node_subnet=network.subnet_ids["aks_nodes"],
            node_subnet_id=f"{subnets}/{names.subnet_aks_nodes}",
            api_server_subnet=network.subnet_ids["aks_api_server"],
            api_server_subnet_id=f"{subnets}/{names.subnet_aks_api_server}",
            control_plane_identity=identities["aks"],
            kubelet_identity=identities["kubelet"],
            container_registry_id=plan.container_registry_id,
            container_registry=registry.registry_id,
            log_workspace_id=logs.workspace_id,
            workload_identities=(
                WorkloadIdentity(
                    identity=identities["serving"],
                    namespace=NAMESPACE,
                    service_account=SERVICE_ACCOUNT,
                ),
            ),
            node_size=plan.spec.aks.node_size,
            node_count=plan.spec.aks.node_count,
            max_node_count=plan.spec.aks.max_node_count,
            zones=_zones(plan),
            allowed_addresses=plan.spec.access.addresses,
            uptime_sla=plan.spec.tier != "dev",
        ),
        opts,
    )


def _zones(plan: EnvironmentPlan) -> tuple[str, ...]:
    return ("1", "2", "3") if has_zones(plan.spec.region) else ()


def _certificate_authority(
    plan: EnvironmentPlan, aks: AksCluster, azure: azure_native.Provider
) -> pulumi.Output[str]:
    """Read the API server's certificate authority, which AKS hands out in a kubeconfig only.

    The kubeconfig of a cluster without local accounts holds no credential.
    """
    credentials = containerservice.list_managed_cluster_user_credentials_output(
        resource_group_name=plan.names.resource_group,
        resource_name=aks.cluster_id.apply(lambda _: plan.names.aks_cluster),
        format="exec",
        opts=pulumi.InvokeOutputOptions(provider=azure, depends_on=[aks]),
    )
    authority: pulumi.Output[str] = credentials.kubeconfigs.apply(
        lambda kubeconfigs: _read_authority(kubeconfigs[0].value)
    )
    return authority


def _read_authority(kubeconfig: str) -> str:
    document: Any = YAML(typ="safe", pure=True).load(base64.b64decode(kubeconfig))
    authority: str = document["clusters"][0]["cluster"]["certificate-authority-data"]
    return authority
