"""Types of resources that have no meter of their own.

What they belong to is billed, or nobody is. A type that stands neither here nor among the pricers is told as
not priced: unknown never counts as free.
"""

from __future__ import annotations

__all__ = ["has_meter"]

# Objects inside a cluster run on its nodes; providers and stack references are the engine's own.
_PACKAGES = frozenset({"kubernetes", "pulumi"})

_TYPES = frozenset(
    {
        "azure-native:authorization:ManagementLockByScope",
        "azure-native:authorization:PolicyAssignment",
        "azure-native:authorization:RoleAssignment",
        "azure-native:authorization:RoleDefinition",
        "azure-native:consumption:Budget",
        "azure-native:containerservice:MaintenanceConfiguration",
        "azure-native:databricks:AccessConnector",
        # Its compute is billed: deployments.
        "azure-native:machinelearningservices:OnlineEndpoint",
        # Hosts that it lets out bring a firewall, which counts with the workspace.
        "azure-native:machinelearningservices:ManagedNetworkSettingsRule",
        "azure-native:managedidentity:FederatedIdentityCredential",
        "azure-native:managedidentity:UserAssignedIdentity",
        "azure-native:monitor:DataCollectionEndpoint",
        # What it collects is billed where it arrives.
        "azure-native:monitor:DataCollectionRule",
        "azure-native:monitor:DataCollectionRuleAssociation",
        # One that a single firewall uses is free (Microsoft, "Azure Firewall Manager pricing").
        "azure-native:network:FirewallPolicy",
        "azure-native:network:FirewallPolicyRuleCollectionGroup",
        "azure-native:network:NetworkSecurityGroup",
        "azure-native:network:PrivateDnsZoneGroup",
        "azure-native:network:RouteTable",
        "azure-native:network:Subnet",
        "azure-native:network:VirtualNetwork",
        "azure-native:privatedns:VirtualNetworkLink",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:BlobServiceProperties",
        "azure-native:storage:ManagementPolicy",
        "databricks:index/accessControlRuleSet:AccessControlRuleSet",
        "databricks:index/accountNetworkPolicy:AccountNetworkPolicy",
        "databricks:index/budget:Budget",
        "databricks:index/catalog:Catalog",
        "databricks:index/defaultNamespaceSetting:DefaultNamespaceSetting",
        "databricks:index/disableLegacyAccessSetting:DisableLegacyAccessSetting",
        "databricks:index/disableLegacyDbfsSetting:DisableLegacyDbfsSetting",
        "databricks:index/externalLocation:ExternalLocation",
        # Its bytes lie in a volume, and so in the lake.
        "databricks:index/file:File",
        "databricks:index/grants:Grants",
        "databricks:index/group:Group",
        "databricks:index/ipAccessList:IpAccessList",
        "databricks:index/metastore:Metastore",
        "databricks:index/metastoreAssignment:MetastoreAssignment",
        "databricks:index/mwsNccBinding:MwsNccBinding",
        "databricks:index/mwsNetworkConnectivityConfig:MwsNetworkConnectivityConfig",
        "databricks:index/permissionAssignment:PermissionAssignment",
        "databricks:index/permissions:Permissions",
        "databricks:index/registeredModel:RegisteredModel",
        "databricks:index/schema:Schema",
        "databricks:index/servicePrincipal:ServicePrincipal",
        "databricks:index/storageCredential:StorageCredential",
        "databricks:index/volume:Volume",
        "databricks:index/workspaceBinding:WorkspaceBinding",
        "databricks:index/workspaceConf:WorkspaceConf",
        "databricks:index/workspaceNetworkOption:WorkspaceNetworkOption",
    }
)


def has_meter(token: str) -> bool:
    """Tell whether resources of a type may cost money by themselves, as far as is known."""
    return token not in _TYPES and token.partition(":")[0] not in _PACKAGES
