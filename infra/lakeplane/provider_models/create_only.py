"""Inputs that a service takes at creation only, so that changing one replaces the resource.

Only a provider knows for sure. What stands here has a source; for a type that doesn't stand here nobody may
say that a change is an update in place, only that it may replace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakeplane.provider_models.arm import ARM_TYPES

__all__ = ["CreateOnly", "create_only_inputs", "must_replace"]

_ARM = "Azure Resource Manager: a resource's id is the path of its names; tracked resources don't move"
_SDK = "description of the input in azure-native 3.29.0 or databricks 1.118.0"
_TERRAFORM = "databricks/terraform-provider-databricks"
_NATIVE = "pulumi/pulumi-azure-native, provider/pkg/gen/replacement.go: forceNewMap"
_KUBERNETES = "pulumi/pulumi-kubernetes, provider/pkg/provider: metadataForceNewProperties and forceNew"


@dataclass(frozen=True, slots=True)
class CreateOnly:
    """Create-only inputs of one type that one source knows.

    Attributes:
        paths: Property paths on the wire, such as `properties.tenantId`.
        source: Where it is written.
    """

    paths: frozenset[str]
    source: str


def _known(source: str, *paths: str) -> CreateOnly:
    return CreateOnly(frozenset(paths), source)


_TABLE: Mapping[str, tuple[CreateOnly, ...]] = {
    "azure-native:authorization:RoleAssignment": (
        _known(
            "Microsoft Learn, troubleshoot Azure RBAC: RoleAssignmentUpdateNotPermitted",
            "principalId",
            "principalType",
            "roleDefinitionId",
        ),
    ),
    "azure-native:containerregistry:Registry": (
        _known(_SDK, "location"),
        _known(
            "Microsoft Learn, customer-managed keys of a registry: enabled at creation only",
            "encryption.status",
        ),
    ),
    "azure-native:containerservice:AgentPool": (
        _known(_SDK, "hostGroupID", "osDiskType"),
        _known("AKS documentation, concepts-storage: the OS disk's size can't be changed", "osDiskSizeGB"),
        _known(
            "AKS documentation, resize-node-pool: resizing in place takes a preview API version", "vmSize"
        ),
        _known(_NATIVE, "gpuInstanceProfile", "networkProfile.nodePublicIPTags"),
    ),
    "azure-native:containerservice:ManagedCluster": (
        _known(_SDK, "dnsPrefix", "fqdnSubdomain", "networkProfile.outboundType"),
        _known(
            "Azure REST specifications, containerservice ManagedCluster: x-ms-mutability", "nodeResourceGroup"
        ),
        _known(
            _NATIVE,
            "diskEncryptionSetID",
            "linuxProfile",
            "networkProfile.dnsServiceIP",
            "networkProfile.networkDataplane",
            "networkProfile.networkMode",
            "networkProfile.networkPlugin",
            "networkProfile.networkPluginMode",
            "networkProfile.networkPolicy",
            "networkProfile.podCidr",
            "networkProfile.serviceCidr",
            "networkProfile.serviceCidrs",
            "windowsProfile",
        ),
    ),
    "azure-native:databricks:Workspace": (
        _known(_SDK, "computeMode"),
        _known(
            "Azure REST specifications, databricks Workspace: required on creation, no update",
            "managedResourceGroupId",
        ),
        _known(
            "hashicorp/terraform-provider-azurerm, databricks_workspace: storage_account_name is ForceNew",
            "parameters.storageAccountName",
        ),
    ),
    "azure-native:machinelearningservices:Workspace": (_known(_SDK, "keyVault", "storageAccount"),),
    "azure-native:network:PrivateEndpoint": (_known(_NATIVE, "subnet"),),
    "azure-native:network:PublicIPAddress": (
        _known(_NATIVE, "publicIPAddressVersion", "publicIPPrefix", "sku"),
    ),
    "azure-native:network:Subnet": (_known(_SDK, "defaultOutboundAccess"),),
    "azure-native:resources:ResourceGroup": (_known(_SDK, "location"),),
    "azure-native:storage:StorageAccount": (
        _known(
            "Microsoft Learn, infrastructure encryption: can't be enabled or disabled after creation",
            "encryption.requireInfrastructureEncryption",
        ),
        _known(_NATIVE, "isHnsEnabled"),
    ),
    "databricks:index/accessControlRuleSet:AccessControlRuleSet": (
        _known(f"{_TERRAFORM} permissions/resource_access_control_rule_set.go", "name"),
    ),
    "databricks:index/catalog:Catalog": (
        _known(_SDK, "connectionName", "providerName", "shareName", "storageRoot"),
    ),
    "databricks:index/externalLocation:ExternalLocation": (_known(_SDK, "name"),),
    "databricks:index/file:File": (_known(f"{_TERRAFORM} workspace/file_resource.go", "path"),),
    "databricks:index/grants:Grants": (
        _known(
            f"{_TERRAFORM} catalog/resource_grants.go",
            "catalog",
            "externalLocation",
            "function",
            "metastore",
            "model",
            "schema",
            "share",
            "storageCredential",
            "table",
            "volume",
        ),
    ),
    "databricks:index/instancePool:InstancePool": (
        _known(
            f"{_TERRAFORM} pools/resource_instance_pool.go",
            "azureAttributes",
            "diskSpec",
            "enableElasticDisk",
            "nodeTypeId",
            "preloadedDockerImages",
            "preloadedSparkVersions",
        ),
    ),
    "databricks:index/mwsNccBinding:MwsNccBinding": (
        _known(f"{_TERRAFORM} mws/resource_mws_ncc_binding.go", "workspaceId"),
    ),
    "databricks:index/mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule": (
        _known(
            f"{_TERRAFORM} mws/resource_mws_ncc_private_endpoint_rule.go",
            "groupId",
            "networkConnectivityConfigId",
            "resourceId",
        ),
    ),
    # It has no update: every change replaces it.
    "databricks:index/permissionAssignment:PermissionAssignment": (
        _known(
            f"{_TERRAFORM} access/resource_permission_assignment.go",
            "groupName",
            "permissions",
            "principalId",
            "servicePrincipalName",
            "userName",
        ),
    ),
    "databricks:index/permissions:Permissions": (
        _known(
            f"{_TERRAFORM} permissions/resource_permissions.go",
            "clusterId",
            "clusterPolicyId",
            "experimentId",
            "instancePoolId",
            "jobId",
            "registeredModelId",
        ),
    ),
    "databricks:index/schema:Schema": (_known(_SDK, "catalogName", "name", "storageRoot"),),
    "databricks:index/servicePrincipal:ServicePrincipal": (
        _known(f"{_TERRAFORM} scim/resource_service_principal.go", "applicationId", "displayName"),
    ),
    "databricks:index/storageCredential:StorageCredential": (_known(_SDK, "name"),),
    "databricks:index/volume:Volume": (
        _known(_SDK, "catalogName", "schemaName", "storageLocation", "volumeType"),
    ),
    # It has no update: every change replaces it.
    "databricks:index/workspaceBinding:WorkspaceBinding": (
        _known(
            f"{_TERRAFORM} catalog/resource_workspace_binding.go",
            "bindingType",
            "catalogName",
            "securableName",
            "securableType",
            "workspaceId",
        ),
    ),
    "kubernetes:apps/v1:Deployment": (_known(_KUBERNETES, "spec.selector"),),
    # Nothing but what ARM or the API server says of every type, or nothing at all.
    "databricks:index/clusterPolicy:ClusterPolicy": (),
    "databricks:index/ipAccessList:IpAccessList": (),
    "databricks:index/job:Job": (),
    "databricks:index/sqlEndpoint:SqlEndpoint": (),
    "databricks:index/workspaceConf:WorkspaceConf": (),
}

_EVERY_KUBERNETES_OBJECT = _known(_KUBERNETES, "apiVersion", "kind", "metadata.name", "metadata.namespace")
_LOCATION_FREE = frozenset(
    {
        "azure-native:authorization:RoleAssignment",
        "azure-native:containerservice:AgentPool",
        "azure-native:containerservice:MaintenanceConfiguration",
        "azure-native:machinelearningservices:ManagedNetworkSettingsRule",
        "azure-native:monitor:DataCollectionRuleAssociation",
        "azure-native:managedidentity:FederatedIdentityCredential",
        "azure-native:monitor:DiagnosticSetting",
        "azure-native:network:Subnet",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:BlobServiceProperties",
    }
)


def create_only_inputs(token: str) -> tuple[CreateOnly, ...] | None:
    """Return the create-only inputs of a type, each with its source.

    Returns:
        What is known, possibly nothing; None for a type that nobody has looked at, whose changes may replace.
    """
    known = _TABLE.get(token)
    arm_type = ARM_TYPES.get(token)
    if arm_type is not None:
        names = [*arm_type.name_inputs]
        if arm_type.scope:
            names.append(arm_type.scope)
        elif arm_type.in_resource_group:
            names.append("resourceGroupName")
        if token not in _LOCATION_FREE:
            names.append("location")
        return (_known(_ARM, *names), *(known or ()))
    if token.startswith("kubernetes:"):
        return (_EVERY_KUBERNETES_OBJECT, *(known or ()))
    return known


def must_replace(token: str, path: str) -> bool | None:
    """Tell whether changing an input replaces the resource.

    Args:
        token: The resource's type.
        path: Property path of the change on the wire, such as `metadata.labels.app`.

    Returns:
        True if a source says so, False for a type whose create-only inputs are known and don't hold it, None
        if nobody knows.
    """
    known = create_only_inputs(token)
    if known is None:
        return None
    return any(
        path == each or path.startswith((f"{each}.", f"{each}[")) for one in known for each in one.paths
    )
