"""The AKS cluster that serves models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import containerservice as aks
from pulumi_azure_native import managedidentity, monitor

from lakeplane.addressing import AddressPlan
from lakeplane.components.identities import Identity
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import assign_role

__all__ = ["AksCluster", "AksClusterArgs", "WorkloadIdentity"]

# Microsoft Learn, "AKS control plane logs": who did what, and what the policies refused.
_AUDIT_CATEGORIES = ("guard", "kube-audit-admin", "kube-apiserver", "kube-controller-manager")
_SECRETS_PROVIDER_CONFIG = {"enableSecretRotation": "true", "rotationPollInterval": "2m"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadIdentity:
    """An identity that pods take on without a secret.

    Attributes:
        identity: The identity.
        namespace: Kubernetes namespace of the pods.
        service_account: Kubernetes service account of the pods.
    """

    identity: Identity
    namespace: str
    service_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AksClusterArgs:
    """What a cluster needs.

    Attributes:
        placement: Where it goes.
        cluster_name: Its name.
        dns_prefix: First part of the API server's host name.
        node_resource_group: Name of the resource group that AKS makes for the nodes.
        tenant_id: Entra tenant of the cluster's users.
        addresses: The plan of the ranges for pods and services.
        node_subnet: ARM id of the nodes' subnet.
        node_subnet_id: The same id, known before it exists.
        api_server_subnet: ARM id of the subnet delegated to the API server.
        api_server_subnet_id: The same id, known before it exists.
        control_plane_identity: Identity of the cluster itself.
        kubelet_identity: Identity with which nodes pull images.
        container_registry_id: ARM id of the registry that nodes pull from.
        container_registry: The same id, as a value that waits for the registry.
        log_workspace_id: ARM id of the log workspace.
        workload_identities: Identities for pods, by name; none if left out.
        node_size: Azure size of the nodes.
        node_count: Nodes that always run in each pool.
        max_node_count: Most nodes of the pool for workloads.
        zones: Availability zones of the nodes; none in regions without zones.
        allowed_addresses: Public ranges that may reach the API server; with none, it has no public address.
        uptime_sla: Pay for a guaranteed API server; yes if left out.
    """

    placement: Placement
    cluster_name: str
    dns_prefix: str
    node_resource_group: str
    tenant_id: str
    addresses: AddressPlan
    node_subnet: pulumi.Input[str]
    node_subnet_id: str
    api_server_subnet: pulumi.Input[str]
    api_server_subnet_id: str
    control_plane_identity: Identity
    kubelet_identity: Identity
    container_registry_id: str
    container_registry: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    node_size: str
    node_count: int
    max_node_count: int
    workload_identities: Sequence[WorkloadIdentity] = ()
    zones: Sequence[str] = ()
    allowed_addresses: Sequence[IPv4Network] = ()
    uptime_sla: bool = True


class AksCluster(pulumi.ComponentResource):
    """Cluster that knows Entra users only, with network policies, workload identity and hardened nodes.

    Attributes:
        cluster_id: ARM id of the cluster.
        fqdn: Host name of the API server.
        oidc_issuer_url: Issuer of the service accounts' tokens.
    """

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:kubernetes:AksCluster", name, None, opts)
        self._name = name
        self._args = args
        placement = args.placement
        cluster = aks.ManagedCluster(
            f"{name}-cluster",
            resource_name_=args.cluster_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            sku=aks.ManagedClusterSKUArgs(name="Base", tier="Standard" if args.uptime_sla else "Free"),
            dns_prefix=args.dns_prefix,
            node_resource_group=args.node_resource_group,
            node_resource_group_profile=aks.ManagedClusterNodeResourceGroupProfileArgs(
                restriction_level="ReadOnly"
            ),
            identity=aks.ManagedClusterIdentityArgs(
                type="UserAssigned", user_assigned_identities=[args.control_plane_identity.id]
            ),
            identity_profile={
                "kubeletidentity": aks.UserAssignedIdentityArgs(
                    resource_id=args.kubelet_identity.id,
                    client_id=args.kubelet_identity.client_id,
                    object_id=args.kubelet_identity.principal_id,
                )
            },
            enable_rbac=True,
            disable_local_accounts=True,
            aad_profile=aks.ManagedClusterAADProfileArgs(
                managed=True, enable_azure_rbac=True, tenant_id=args.tenant_id
            ),
            oidc_issuer_profile=aks.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=_security(args),
            api_server_access_profile=_api_server(args),
            network_profile=_network(args.addresses),
            agent_pool_profiles=[_system_pool(args)],
            auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel="stable", node_os_upgrade_channel="NodeImage"
            ),
            addon_profiles=_addons(args),
            storage_profile=aks.ManagedClusterStorageProfileArgs(
                blob_csi_driver=aks.ManagedClusterStorageProfileBlobCSIDriverArgs(enabled=False),
                disk_csi_driver=aks.ManagedClusterStorageProfileDiskCSIDriverArgs(enabled=False),
                file_csi_driver=aks.ManagedClusterStorageProfileFileCSIDriverArgs(enabled=False),
                snapshot_controller=aks.ManagedClusterStorageProfileSnapshotControllerArgs(enabled=False),
            ),
            # The upgrade channel owns versions, and the autoscaler the number of nodes.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=self._control_plane_rights(),
                ignore_changes=["kubernetesVersion", "agentPoolProfiles[*].count"],
            ),
        )
        self.cluster_id = known_id(
            cluster, placement.arm_id("Microsoft.ContainerService/managedClusters", args.cluster_name)
        )
        self._add_workload_pool(cluster)
        self._trust_service_accounts(cluster)
        monitor.DiagnosticSetting(
            f"{name}-audit-log",
            name="audit",
            resource_uri=self.cluster_id,
            workspace_id=args.log_workspace_id,
            logs=[
                monitor.DiagnosticsLogSettingsArgs(category=each, enabled=True) for each in _AUDIT_CATEGORIES
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.fqdn: pulumi.Output[str] = cluster.fqdn
        self.oidc_issuer_url: pulumi.Output[str] = cluster.oidc_issuer_profile.issuer_url
        self.register_outputs(
            {"cluster_id": self.cluster_id, "fqdn": self.fqdn, "oidc_issuer_url": self.oidc_issuer_url}
        )

    def _control_plane_rights(self) -> list[pulumi.Resource]:
        """Let the cluster join its subnets and hand the kubelet's identity to nodes, before it is created."""
        args = self._args
        rights = (
            ("node-subnet", "Network Contributor", args.node_subnet_id, args.node_subnet),
            ("api-server-subnet", "Network Contributor", args.api_server_subnet_id, args.api_server_subnet),
            ("kubelet", "Managed Identity Operator", args.kubelet_identity.arm_id, args.kubelet_identity.id),
        )
        assignments: list[pulumi.Resource] = [
            assign_role(
                f"{self._name}-{key}-role",
                role=role,
                scope_id=scope_id,
                scope=scope,
                principal=args.control_plane_identity.arm_id,
                principal_id=args.control_plane_identity.principal_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for key, role, scope_id, scope in rights
        ]
        assignments.append(
            assign_role(
                f"{self._name}-image-pull-role",
                role="AcrPull",
                scope_id=args.container_registry_id,
                scope=args.container_registry,
                principal=args.kubelet_identity.arm_id,
                principal_id=args.kubelet_identity.principal_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        )
        return assignments

    def _add_workload_pool(self, cluster: aks.ManagedCluster) -> None:
        """Add the pool for workloads, a resource of its own: changing it never replaces the cluster."""
        args = self._args
        aks.AgentPool(
            f"{self._name}-workload-pool",
            agent_pool_name="workload",
            resource_name_=cluster.name,
            resource_group_name=args.placement.resource_group_name,
            mode="User",
            max_count=args.max_node_count,
            **_node_settings(args),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["count"]),
        )

    def _trust_service_accounts(self, cluster: aks.ManagedCluster) -> None:
        for workload in self._args.workload_identities:
            managedidentity.FederatedIdentityCredential(
                f"{self._name}-{workload.service_account}-trust",
                federated_identity_credential_resource_name=f"{workload.namespace}-{workload.service_account}",
                # The credential belongs to an identity that must exist.
                resource_name_=workload.identity.id.apply(_last_name),
                resource_group_name=self._args.placement.resource_group_name,
                issuer=cluster.oidc_issuer_profile.issuer_url,
                subject=f"system:serviceaccount:{workload.namespace}:{workload.service_account}",
                audiences=["api://AzureADTokenExchange"],
                opts=pulumi.ResourceOptions(parent=self),
            )


def _last_name(arm_id: str) -> str:
    return arm_id.rpartition("/")[2]


def _node_settings(args: AksClusterArgs) -> dict[str, object]:
    """What system and workload pools share; all of it is hardening, placement or size."""
    return {
        "type": "VirtualMachineScaleSets",
        "vm_size": args.node_size,
        "count": args.node_count,
        "min_count": args.node_count,
        "enable_auto_scaling": True,
        "os_type": "Linux",
        "os_sku": "AzureLinux",
        "os_disk_type": "Ephemeral",
        "enable_encryption_at_host": True,
        "enable_node_public_ip": False,
        "max_pods": 50,
        "vnet_subnet_id": args.node_subnet,
        "availability_zones": list(args.zones) or None,
        "tags": args.placement.tags,
        "upgrade_settings": aks.AgentPoolUpgradeSettingsArgs(max_surge="33%"),
    }


def _system_pool(args: AksClusterArgs) -> aks.ManagedClusterAgentPoolProfileArgs:
    return aks.ManagedClusterAgentPoolProfileArgs(
        name="system",
        mode="System",
        max_count=max(args.node_count, 3),
        node_taints=["CriticalAddonsOnly=true:NoSchedule"],
        **_node_settings(args),
    )


def _network(addresses: AddressPlan) -> aks.ContainerServiceNetworkProfileArgs:
    return aks.ContainerServiceNetworkProfileArgs(
        network_plugin="azure",
        network_plugin_mode="overlay",
        network_dataplane="cilium",
        network_policy="cilium",
        load_balancer_sku="standard",
        outbound_type="userAssignedNATGateway",
        pod_cidr=str(addresses.aks_pods),
        service_cidr=str(addresses.aks_services),
        dns_service_ip=str(addresses.aks_dns_service),
    )


def _api_server(args: AksClusterArgs) -> aks.ManagedClusterAPIServerAccessProfileArgs:
    private = not args.allowed_addresses
    return aks.ManagedClusterAPIServerAccessProfileArgs(
        disable_run_command=True,
        enable_vnet_integration=True,
        subnet_id=args.api_server_subnet,
        authorized_ip_ranges=[str(network) for network in args.allowed_addresses] or None,
        enable_private_cluster=private,
        enable_private_cluster_public_fqdn=False if private else None,
        private_dns_zone="system" if private else None,
    )


def _security(args: AksClusterArgs) -> aks.ManagedClusterSecurityProfileArgs:
    return aks.ManagedClusterSecurityProfileArgs(
        workload_identity=aks.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
        image_cleaner=aks.ManagedClusterSecurityProfileImageCleanerArgs(enabled=True, interval_hours=120),
        defender=aks.ManagedClusterSecurityProfileDefenderArgs(
            log_analytics_workspace_resource_id=args.log_workspace_id,
            security_monitoring=aks.ManagedClusterSecurityProfileDefenderSecurityMonitoringArgs(enabled=True),
        ),
    )


def _addons(args: AksClusterArgs) -> dict[str, aks.ManagedClusterAddonProfileArgs]:
    return {
        "azurepolicy": aks.ManagedClusterAddonProfileArgs(enabled=True),
        "azureKeyvaultSecretsProvider": aks.ManagedClusterAddonProfileArgs(
            enabled=True, config=dict(_SECRETS_PROVIDER_CONFIG)
        ),
        "omsagent": aks.ManagedClusterAddonProfileArgs(
            enabled=True,
            config={"logAnalyticsWorkspaceResourceID": args.log_workspace_id, "useAADAuth": "true"},
        ),
    }
