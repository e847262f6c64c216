"""The AKS cluster that serves models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import containerservice as aks
from pulumi_azure_native import keyvault, managedidentity

from lakeplane.addressing import AddressPlan
from lakeplane.components.aks_monitoring import LOG_CATEGORIES
from lakeplane.components.aks_node_pools import NodePoolSettings, system_pool
from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs_on
from lakeplane.components.identities import Identity
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import RoleGrant, assign_role

__all__ = [
    "AksCluster",
    "AksClusterArgs",
    "ApiServerZone",
    "MaintenanceWindow",
    "SecretsEncryption",
    "WorkloadIdentity",
]

_MAINTENANCE = {
    "release": "default",
    "version": "aksManagedAutoUpgradeSchedule",
    "node-os": "aksManagedNodeOSUpgradeSchedule",
}
_KEY_NAME = "aks-secrets"
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
class MaintenanceWindow:
    """The weekly hours of upgrades.

    Attributes:
        day: Day of the week, such as `Sunday`.
        start_hour: Hour at which the window opens, 0 to 23.
        utc_offset: Time zone of the hour, such as `+00:00`.
        hours: Length in hours, 4 to 24; 4 if left out, the least with which automatic upgrades work.
    """

    day: str
    start_hour: int
    utc_offset: str
    hours: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsEncryption:
    """A key of one's own for the Kubernetes secrets that the cluster keeps.

    Attributes:
        vault_name: Name of the vault that keeps the key; waits for it. The vault must have no public access:
            AKS supports no vault that some ranges may reach.
        vault_id: ARM id of the vault.
        vault: The same id, as a value that waits for the vault.
    """

    vault_name: pulumi.Input[str]
    vault_id: str
    vault: pulumi.Input[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiServerZone:
    """A private DNS zone of somebody else's, in which a private API server registers its name.

    Attributes:
        zone_id: ARM id of the zone.
        virtual_network_id: ARM id of the nodes' network, which AKS links to the zone.
        virtual_network: The same id, as a value that waits for the network.
    """

    zone_id: str
    virtual_network_id: str
    virtual_network: pulumi.Input[str]


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
        nodes: What all node pools share.
        system_node_size: Azure size of the nodes for the cluster's own pods.
        system_node_count: How many of them always run.
        maintenance: When AKS may upgrade the cluster and its nodes.
        workload_identities: Identities for pods, by name; none if left out.
        secrets_encryption: Key for Kubernetes secrets; Microsoft's alone if left out.
        outbound_type: What leads out of the nodes' subnet, in AKS's words; `userAssignedNATGateway` if left
            out.
        upgrade_channel: Which versions the cluster follows, `stable` or `patch`; `stable` if left out.
        node_os_channel: How nodes get a new operating system; `NodeImage` if left out, whole images weekly.
        allowed_addresses: Public ranges that may reach the API server; with none, it has no public address.
        api_server_zone: Zone of an API server without public address; one that AKS makes, and links to the
            nodes' network alone, if left out.
        uptime_sla: Pay for a guaranteed API server; yes if left out.
        lock: Let Azure refuse to delete it, and each of its node pools, which inherit the lock; not if left
            out.
        diagnostic_settings: Where else the logs of its control plane are sent; where `AksMonitoring` sends
            them alone if left out.
        role_assignments: Rights of others on it, such as `Azure Kubernetes Service RBAC Reader`; none if left
            out.
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
    nodes: NodePoolSettings
    system_node_size: str
    system_node_count: int
    maintenance: MaintenanceWindow
    workload_identities: Sequence[WorkloadIdentity] = ()
    secrets_encryption: SecretsEncryption | None = None
    outbound_type: str = "userAssignedNATGateway"
    upgrade_channel: str = "stable"
    node_os_channel: str = "NodeImage"
    allowed_addresses: Sequence[IPv4Network] = ()
    api_server_zone: ApiServerZone | None = None
    uptime_sla: bool = True
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()


class AksCluster(pulumi.ComponentResource):
    """Cluster that knows Entra users only, with network policies, workload identity and hardened nodes.

    Attributes:
        cluster_id: ARM id of the cluster.
        cluster_name: Name of the cluster; waits for it.
        fqdn: Host name of the API server, its private one if it has no public address.
        oidc_issuer_url: Issuer of the service accounts' tokens.
    """

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:kubernetes:AksCluster", name, None, opts)
        self._name = name
        self._args = args
        placement = args.placement
        self._key = self._add_key(args.secrets_encryption) if args.secrets_encryption else None
        rights = self._control_plane_rights()
        cluster = aks.ManagedCluster(
            f"{name}-cluster",
            resource_name_=args.cluster_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            sku=aks.ManagedClusterSKUArgs(name="Base", tier="Standard" if args.uptime_sla else "Free"),
            # In a zone of somebody else's the name is the cluster's own to choose.
            dns_prefix=None if args.api_server_zone else args.dns_prefix,
            fqdn_subdomain=args.dns_prefix if args.api_server_zone else None,
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
            security_profile=self._security(),
            api_server_access_profile=_api_server(args),
            network_profile=_network(args),
            agent_pool_profiles=[
                system_pool(args.nodes, size=args.system_node_size, count=args.system_node_count)
            ],
            auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel=args.upgrade_channel, node_os_upgrade_channel=args.node_os_channel
            ),
            addon_profiles=_addons(args),
            azure_monitor_profile=aks.ManagedClusterAzureMonitorProfileArgs(
                metrics=aks.ManagedClusterAzureMonitorProfileMetricsArgs(
                    enabled=True,
                    kube_state_metrics=aks.ManagedClusterAzureMonitorProfileKubeStateMetricsArgs(
                        metric_labels_allowlist="", metric_annotations_allow_list=""
                    ),
                )
            ),
            storage_profile=aks.ManagedClusterStorageProfileArgs(
                blob_csi_driver=aks.ManagedClusterStorageProfileBlobCSIDriverArgs(enabled=False),
                disk_csi_driver=aks.ManagedClusterStorageProfileDiskCSIDriverArgs(enabled=False),
                file_csi_driver=aks.ManagedClusterStorageProfileFileCSIDriverArgs(enabled=False),
                snapshot_controller=aks.ManagedClusterStorageProfileSnapshotControllerArgs(enabled=False),
            ),
            # The upgrade channel owns versions, and the autoscaler the number of nodes.
            opts=pulumi.ResourceOptions(
                parent=self,
                # Without them AKS can join no subnet, and can't read its key: it answers with an error first.
                depends_on=rights,
                ignore_changes=[
                    "kubernetesVersion",
                    "agentPoolProfiles[*].count",
                    "agentPoolProfiles[*].orchestratorVersion",
                ],
            ),
        )
        arm_id = placement.arm_id("Microsoft.ContainerService/managedClusters", args.cluster_name)
        self.cluster_id = known_id(cluster, arm_id)
        self.cluster_name: pulumi.Output[str] = cluster.name
        self._open_maintenance_windows(cluster)
        self._trust_service_accounts(cluster)
        send_logs_on(
            f"{name}-control-plane-log",
            args.diagnostic_settings,
            resource_id=self.cluster_id,
            opts=pulumi.ResourceOptions(parent=self),
            categories=LOG_CATEGORIES,
            in_own_tables=True,
        )
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.cluster_id,
            parent=self,
            placement=placement,
            lock=args.lock,
            role_assignments=args.role_assignments,
        )
        self.fqdn: pulumi.Output[str] = cluster.fqdn if args.allowed_addresses else cluster.private_fqdn
        self.oidc_issuer_url: pulumi.Output[str] = cluster.oidc_issuer_profile.issuer_url
        self.register_outputs(
            {"cluster_id": self.cluster_id, "fqdn": self.fqdn, "oidc_issuer_url": self.oidc_issuer_url}
        )

    def _control_plane_rights(self) -> list[pulumi.Resource]:
        """Let the cluster join its subnets and hand the kubelet's identity to nodes, before it is created."""
        args = self._args
        rights = [
            ("node-subnet", "Network Contributor", args.node_subnet_id, args.node_subnet),
            ("api-server-subnet", "Network Contributor", args.api_server_subnet_id, args.api_server_subnet),
            ("kubelet", "Managed Identity Operator", args.kubelet_identity.arm_id, args.kubelet_identity.id),
        ]
        zone = args.api_server_zone
        if zone is not None:
            # AKS documentation, "Create a private AKS cluster", custom private DNS zone: both roles.
            rights += [
                ("zone", "Private DNS Zone Contributor", zone.zone_id, zone.zone_id),
                ("network", "Network Contributor", zone.virtual_network_id, zone.virtual_network),
            ]
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
        return [*assignments, *self._key_rights()]

    def _key_rights(self) -> list[pulumi.Resource]:
        """Let the cluster use its one key, and join the vault through a private endpoint that AKS makes.

        AKS documentation, "Add KMS etcd encryption": both roles for a vault without public access,
        the second for the private link. A role on a key holds for it alone (Key Vault documentation, "Azure
        RBAC guide").
        """
        args, encryption = self._args, self._args.secrets_encryption
        if encryption is None or self._key is None:
            return []
        key_id = f"{encryption.vault_id}/keys/{_KEY_NAME}"
        rights = {
            "Key Vault Crypto User": (key_id, known_id(self._key, key_id)),
            "Key Vault Contributor": (encryption.vault_id, encryption.vault),
        }
        return [
            assign_role(
                f"{self._name}-{role.lower().replace(' ', '-')}-role",
                role=role,
                scope_id=scope_id,
                scope=scope,
                principal=args.control_plane_identity.arm_id,
                principal_id=args.control_plane_identity.principal_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for role, (scope_id, scope) in rights.items()
        ]

    def _open_maintenance_windows(self, cluster: aks.ManagedCluster) -> None:
        """Say when AKS may upgrade; `default` is for AKS's own weekly releases."""
        window = self._args.maintenance
        for key, config_name in _MAINTENANCE.items():
            aks.MaintenanceConfiguration(
                f"{self._name}-{key}-window",
                config_name=config_name,
                resource_name_=cluster.name,
                resource_group_name=self._args.placement.resource_group_name,
                maintenance_window=aks.MaintenanceWindowArgs(
                    schedule=aks.ScheduleArgs(
                        weekly=aks.WeeklyScheduleArgs(interval_weeks=1, day_of_week=window.day)
                    ),
                    start_time=f"{window.start_hour:02}:00",
                    utc_offset=window.utc_offset,
                    duration_hours=window.hours,
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _security(self) -> aks.ManagedClusterSecurityProfileArgs:
        encryption = self._args.secrets_encryption
        kms = None
        if encryption is not None and self._key is not None:
            kms = aks.AzureKeyVaultKmsArgs(
                enabled=True,
                key_id=self._key.key_uri_with_version,
                # By private link alone: a firewall with ranges would stop the API server.
                key_vault_network_access="Private",
                key_vault_resource_id=encryption.vault,
            )
        return aks.ManagedClusterSecurityProfileArgs(
            workload_identity=aks.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
            image_cleaner=aks.ManagedClusterSecurityProfileImageCleanerArgs(enabled=True, interval_hours=120),
            defender=aks.ManagedClusterSecurityProfileDefenderArgs(
                log_analytics_workspace_resource_id=self._args.log_workspace_id,
                security_monitoring=aks.ManagedClusterSecurityProfileDefenderSecurityMonitoringArgs(
                    enabled=True
                ),
            ),
            azure_key_vault_kms=kms,
        )

    def _add_key(self, encryption: SecretsEncryption) -> keyvault.Key:
        """Make the key through ARM, which needs no way through the vault's firewall.

        It neither expires nor rotates by itself: AKS is told a version of it, and secrets that were written
        with an expired one can't be read any more (AKS documentation, "Add KMS etcd encryption").
        """
        return keyvault.Key(
            f"{self._name}-secrets-key",
            key_name=_KEY_NAME,
            vault_name=encryption.vault_name,
            resource_group_name=self._args.placement.resource_group_name,
            tags=self._args.placement.tags,
            properties=keyvault.KeyPropertiesArgs(kty="RSA", key_size=3072, key_ops=["encrypt", "decrypt"]),
            opts=pulumi.ResourceOptions(parent=self),
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


def _network(args: AksClusterArgs) -> aks.ContainerServiceNetworkProfileArgs:
    return aks.ContainerServiceNetworkProfileArgs(
        network_plugin="azure",
        network_plugin_mode="overlay",
        network_dataplane="cilium",
        network_policy="cilium",
        load_balancer_sku="standard",
        outbound_type=args.outbound_type,
        pod_cidr=str(args.addresses.aks_pods),
        service_cidr=str(args.addresses.aks_services),
        dns_service_ip=str(args.addresses.aks_dns_service),
    )


def _api_server(args: AksClusterArgs) -> aks.ManagedClusterAPIServerAccessProfileArgs:
    private = not args.allowed_addresses
    zone = args.api_server_zone.zone_id if args.api_server_zone else "system"
    return aks.ManagedClusterAPIServerAccessProfileArgs(
        disable_run_command=True,
        enable_vnet_integration=True,
        subnet_id=args.api_server_subnet,
        authorized_ip_ranges=[str(network) for network in args.allowed_addresses] or None,
        enable_private_cluster=private,
        enable_private_cluster_public_fqdn=False if private else None,
        private_dns_zone=zone if private else None,
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
