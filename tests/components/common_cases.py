"""Components with the common inputs, each made with as little as it takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import Any

import pulumi

from lakeplane.addressing import plan_addresses
from lakeplane.components.access_connector import AccessConnector, AccessConnectorArgs
from lakeplane.components.aks_cluster import AksCluster, AksClusterArgs, MaintenanceWindow
from lakeplane.components.aks_node_pools import NodePoolSettings
from lakeplane.components.container_registry import ContainerRegistry, ContainerRegistryArgs
from lakeplane.components.data_lake import DataLake, DataLakeArgs
from lakeplane.components.databricks_workspace import DatabricksWorkspace, DatabricksWorkspaceArgs
from lakeplane.components.encryption_keys import EncryptionKey
from lakeplane.components.hub_network import HubNetwork, HubNetworkArgs
from lakeplane.components.identities import Identity
from lakeplane.components.key_vault import KeyVault, KeyVaultArgs
from lakeplane.components.log_workspace import LogWorkspace, LogWorkspaceArgs
from lakeplane.components.ml_endpoint import MlEndpoint, MlEndpointArgs
from lakeplane.components.ml_workspace import MlWorkspace, MlWorkspaceArgs
from lakeplane.components.network import Network, NetworkArgs, SubnetNames
from lakeplane.components.placement import Placement
from lakeplane.hub_planning import HubAddresses

GROUP = "/subscriptions/10ca1000-0000-4000-8000-000000000001/resourceGroups/rg-test"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-own"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/snet"
TENANT = "10ca1000-0000-4000-8000-00000000000e"
VAULT_ID = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-keys"

# The inputs in the order of the table, each with the fields of arguments that stand for it.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "tags": ("placement",),
    "lock": ("lock",),
    "diagnostic_settings": ("diagnostic_settings",),
    "role_assignments": ("role_assignments",),
    "private_endpoints": ("private_endpoints",),
    "customer_managed_key": ("customer_managed_key", "customer_managed_keys", "secrets_encryption"),
    "managed_identities": ("managed_identities", "control_plane_identity", "identity"),
}


def identity(name: str) -> Identity:
    arm_id = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    return Identity(
        arm_id, *(pulumi.Output.from_input(text) for text in (arm_id, f"client-{name}", f"principal-{name}"))
    )


def encryption_key(name: str) -> EncryptionKey:
    arm_id = f"{VAULT_ID}/keys/{name}"
    uri = f"https://kv-keys.vault.azure.net/keys/{name}"
    return EncryptionKey(
        arm_id,
        pulumi.Output.from_input(arm_id),
        pulumi.Output.from_input(name),
        "https://kv-keys.vault.azure.net/",
        pulumi.Output.from_input(uri),
        pulumi.Output.from_input(f"{uri}/0"),
    )


def access_connector(placement: Placement, **more: Any) -> AccessConnector:
    args = AccessConnectorArgs(placement=placement, connector_name="dbac", **more)
    return AccessConnector("x", args)


def aks_cluster(placement: Placement, **more: Any) -> AksCluster:
    args = AksClusterArgs(
        placement=placement,
        cluster_name="aks",
        dns_prefix="aks",
        node_resource_group="rg-nodes",
        tenant_id=TENANT,
        addresses=plan_addresses(IPv4Network("10.20.0.0/20")),
        node_subnet=SUBNET,
        node_subnet_id=SUBNET,
        api_server_subnet=SUBNET,
        api_server_subnet_id=SUBNET,
        control_plane_identity=identity("id-aks"),
        kubelet_identity=identity("id-kubelet"),
        container_registry_id=REGISTRY,
        container_registry=REGISTRY,
        log_workspace_id=LOGS,
        nodes=NodePoolSettings(subnet=SUBNET, tags={}),
        system_node_size="Standard_D4ds_v5",
        system_node_count=2,
        maintenance=MaintenanceWindow(day="Sunday", start_hour=1, utc_offset="+00:00"),
        **more,
    )
    return AksCluster("x", args)


def container_registry(placement: Placement, **more: Any) -> ContainerRegistry:
    args = ContainerRegistryArgs(placement=placement, registry_name="crtest", log_workspace_id=LOGS, **more)
    return ContainerRegistry("x", args)


def data_lake(placement: Placement, **more: Any) -> DataLake:
    connector = f"{GROUP}/providers/Microsoft.Databricks/accessConnectors/dbac"
    args = DataLakeArgs(
        placement=placement,
        account_name="stlake",
        tenant_id=TENANT,
        access_connector_id=connector,
        access_connector=connector,
        access_connector_principal_id="10ca1000-0000-4000-8000-0000000000ac",
        log_workspace_id=LOGS,
        **more,
    )
    return DataLake("x", args)


def databricks_workspace(placement: Placement, **more: Any) -> DatabricksWorkspace:
    args = DatabricksWorkspaceArgs(
        placement=placement,
        workspace_name="dbw",
        managed_resource_group_id=f"{GROUP}-managed",
        virtual_network_id=SUBNET.partition("/subnets/")[0],
        host_subnet_name="host",
        container_subnet_name="container",
        storage_account_name="stdbw",
        access_connector_id=f"{GROUP}/providers/Microsoft.Databricks/accessConnectors/dbac",
        log_workspace_id=LOGS,
        **more,
    )
    return DatabricksWorkspace("x", args)


def hub_network(placement: Placement, **more: Any) -> HubNetwork:
    first, second, third, fourth, fifth = list(IPv4Network("10.16.0.0/23").subnets(new_prefix=26))[:5]
    args = HubNetworkArgs(
        placement=placement,
        addresses=HubAddresses(
            space=IPv4Network("10.16.0.0/23"),
            firewall=first,
            private_endpoints=second,
            login_host=third,
            login_container=fourth,
            runner=fifth,
        ),
        virtual_network_name="vnet",
        network_security_group_name="nsg",
        route_table_name="rt",
        nat_gateway_name="ng",
        public_ip_address_name="pip",
        log_workspace_id=LOGS,
        **more,
    )
    return HubNetwork("x", args)


def key_vault(placement: Placement, **more: Any) -> KeyVault:
    args = KeyVaultArgs(
        placement=placement,
        vault_name="kv-test",
        tenant_id=TENANT,
        log_workspace_id=LOGS,
        **more,
    )
    return KeyVault("x", args)


def log_workspace(placement: Placement, **more: Any) -> LogWorkspace:
    return LogWorkspace("x", LogWorkspaceArgs(placement=placement, workspace_name="log-test", **more))


def ml_endpoint(placement: Placement, **more: Any) -> MlEndpoint:
    account = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stml"
    args = MlEndpointArgs(
        placement=placement,
        endpoint_name="ep-test",
        workspace_name="mlw",
        workspace_id=f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw",
        identity=identity("id-serving"),
        storage_account_id=account,
        storage_account=account,
        container_registry_id=REGISTRY,
        container_registry=REGISTRY,
        log_workspace_id=LOGS,
        model="load_forecast",
        **more,
    )
    return MlEndpoint("x", args)


def ml_workspace(placement: Placement, **more: Any) -> MlWorkspace:
    args = MlWorkspaceArgs(
        placement=placement,
        workspace_name="mlw",
        storage_account_name="stml",
        application_insights_name="appi",
        identity=identity("id-ml"),
        key_vault_id=VAULT_ID,
        key_vault=VAULT_ID,
        container_registry_id=REGISTRY,
        container_registry=REGISTRY,
        log_workspace_id=LOGS,
        **more,
    )
    return MlWorkspace("x", args)


def network(placement: Placement, **more: Any) -> Network:
    args = NetworkArgs(
        placement=placement,
        addresses=plan_addresses(IPv4Network("10.20.0.0/20")),
        virtual_network_name="vnet",
        network_security_group_name="nsg",
        nat_gateway_name="ng",
        public_ip_address_name="pip",
        route_table_name="rt",
        subnet_names=SubnetNames(
            databricks_host="a",
            databricks_container="b",
            aks_nodes="c",
            aks_api_server="d",
            private_endpoints="e",
        ),
        log_workspace_id=LOGS,
        **more,
    )
    return Network("x", args)


@dataclasses.dataclass(frozen=True)
class Case:
    """A component: how it is made, and the resource that its common inputs are about."""

    make: Callable[..., pulumi.ComponentResource]
    args: type
    main: str
    arm_id: str
    groups: tuple[str, ...] = ()

    def takes(self, name: str) -> str | None:
        """Return the argument that stands for a common input; None if the component lacks it."""
        names = {field.name for field in dataclasses.fields(self.args)}
        return next((one for one in INPUTS[name] if one in names), None)


CASES: Mapping[str, Case] = {
    "AccessConnector": Case(
        access_connector,
        AccessConnectorArgs,
        "azure-native:databricks:AccessConnector",
        "Microsoft.Databricks/accessConnectors/dbac",
    ),
    "AksCluster": Case(
        aks_cluster,
        AksClusterArgs,
        "azure-native:containerservice:ManagedCluster",
        "Microsoft.ContainerService/managedClusters/aks",
    ),
    "ContainerRegistry": Case(
        container_registry,
        ContainerRegistryArgs,
        "azure-native:containerregistry:Registry",
        "Microsoft.ContainerRegistry/registries/crtest",
        ("registry",),
    ),
    "DataLake": Case(
        data_lake,
        DataLakeArgs,
        "azure-native:storage:StorageAccount",
        "Microsoft.Storage/storageAccounts/stlake",
        ("blob", "dfs"),
    ),
    "DatabricksWorkspace": Case(
        databricks_workspace,
        DatabricksWorkspaceArgs,
        "azure-native:databricks:Workspace",
        "Microsoft.Databricks/workspaces/dbw",
        ("databricks_ui_api", "browser_authentication"),
    ),
    "HubNetwork": Case(
        hub_network,
        HubNetworkArgs,
        "azure-native:network:VirtualNetwork",
        "Microsoft.Network/virtualNetworks/vnet",
    ),
    "KeyVault": Case(
        key_vault,
        KeyVaultArgs,
        "azure-native:keyvault:Vault",
        "Microsoft.KeyVault/vaults/kv-test",
        ("vault",),
    ),
    "LogWorkspace": Case(
        log_workspace,
        LogWorkspaceArgs,
        "azure-native:operationalinsights:Workspace",
        "Microsoft.OperationalInsights/workspaces/log-test",
    ),
    "MlEndpoint": Case(
        ml_endpoint,
        MlEndpointArgs,
        "azure-native:machinelearningservices:OnlineEndpoint",
        "Microsoft.MachineLearningServices/workspaces/mlw/onlineEndpoints/ep-test",
    ),
    "MlWorkspace": Case(
        ml_workspace,
        MlWorkspaceArgs,
        "azure-native:machinelearningservices:Workspace",
        "Microsoft.MachineLearningServices/workspaces/mlw",
        ("amlworkspace",),
    ),
    "Network": Case(
        network, NetworkArgs, "azure-native:network:VirtualNetwork", "Microsoft.Network/virtualNetworks/vnet"
    ),
}
# Where an input is about another resource than the component's first.
ELSEWHERE = {
    ("MlWorkspace", "lock"): "Microsoft.Storage/storageAccounts/stml",
    ("MlWorkspace", "customer_managed_key"): "Microsoft.Storage/storageAccounts/stml",
}
