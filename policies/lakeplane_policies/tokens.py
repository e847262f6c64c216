"""Type tokens that several rules are about."""

from __future__ import annotations

__all__ = [
    "AGENT_POOL",
    "BLOB_CONTAINER",
    "BLOB_SERVICE",
    "CATALOG",
    "CLUSTER",
    "CLUSTER_POLICY",
    "DATABRICKS_WORKSPACE",
    "DIAGNOSTIC_SETTING",
    "EXTERNAL_LOCATION",
    "FIREWALL",
    "INSTANCE_POOL",
    "IP_ACCESS_LIST",
    "JOB",
    "KEY",
    "LOG_WORKSPACE",
    "MANAGED_CLUSTER",
    "ML_COMPUTE",
    "ML_ENDPOINT",
    "ML_WORKSPACE",
    "NAMESPACE",
    "NETWORK_POLICY",
    "PRIVATE_ENDPOINT",
    "REGISTRY",
    "ROLE_ASSIGNMENT",
    "SCHEMA",
    "SECURITY_GROUP",
    "STACK",
    "STORAGE_ACCOUNT",
    "STORAGE_CREDENTIAL",
    "SUBNET",
    "TAGGED",
    "VAULT",
    "WORKLOADS",
    "WORKSPACE_CONF",
]

AGENT_POOL = "azure-native:containerservice:AgentPool"
BLOB_CONTAINER = "azure-native:storage:BlobContainer"
BLOB_SERVICE = "azure-native:storage:BlobServiceProperties"
CATALOG = "databricks:index/catalog:Catalog"
CLUSTER = "databricks:index/cluster:Cluster"
CLUSTER_POLICY = "databricks:index/clusterPolicy:ClusterPolicy"
DATABRICKS_WORKSPACE = "azure-native:databricks:Workspace"
DIAGNOSTIC_SETTING = "azure-native:monitor:DiagnosticSetting"
EXTERNAL_LOCATION = "databricks:index/externalLocation:ExternalLocation"
FIREWALL = "azure-native:network:AzureFirewall"
INSTANCE_POOL = "databricks:index/instancePool:InstancePool"
IP_ACCESS_LIST = "databricks:index/ipAccessList:IpAccessList"
JOB = "databricks:index/job:Job"
KEY = "azure-native:keyvault:Key"
LOG_WORKSPACE = "azure-native:operationalinsights:Workspace"
MANAGED_CLUSTER = "azure-native:containerservice:ManagedCluster"
ML_COMPUTE = "azure-native:machinelearningservices:Compute"
ML_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
ML_WORKSPACE = "azure-native:machinelearningservices:Workspace"
NAMESPACE = "kubernetes:core/v1:Namespace"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
PRIVATE_ENDPOINT = "azure-native:network:PrivateEndpoint"
REGISTRY = "azure-native:containerregistry:Registry"
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
SCHEMA = "databricks:index/schema:Schema"
SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
STACK = "pulumi:pulumi:Stack"
STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"
STORAGE_CREDENTIAL = "databricks:index/storageCredential:StorageCredential"
SUBNET = "azure-native:network:Subnet"
VAULT = "azure-native:keyvault:Vault"
WORKSPACE_CONF = "databricks:index/workspaceConf:WorkspaceConf"

TAGGED = (
    "azure-native:app:ManagedEnvironment",
    "azure-native:applicationinsights:Component",
    "azure-native:containerregistry:Registry",
    "azure-native:containerservice:AgentPool",
    "azure-native:containerservice:ManagedCluster",
    "azure-native:databricks:AccessConnector",
    "azure-native:databricks:Workspace",
    "azure-native:keyvault:Key",
    "azure-native:keyvault:Vault",
    "azure-native:machinelearningservices:Compute",
    "azure-native:machinelearningservices:OnlineEndpoint",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:managedidentity:UserAssignedIdentity",
    "azure-native:monitor:ActionGroup",
    "azure-native:monitor:AzureMonitorWorkspace",
    "azure-native:monitor:DataCollectionEndpoint",
    "azure-native:monitor:DataCollectionRule",
    "azure-native:monitor:ScheduledQueryRule",
    "azure-native:network:AzureFirewall",
    "azure-native:network:FirewallPolicy",
    "azure-native:network:NatGateway",
    "azure-native:network:NetworkInterface",
    "azure-native:network:NetworkSecurityGroup",
    "azure-native:network:PrivateEndpoint",
    "azure-native:network:PublicIPAddress",
    "azure-native:network:RouteTable",
    "azure-native:network:VirtualNetwork",
    "azure-native:operationalinsights:Workspace",
    "azure-native:privatedns:PrivateZone",
    "azure-native:privatedns:VirtualNetworkLink",
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:StorageAccount",
)
"""What Azure gives a region and takes tags of."""

WORKLOADS = (
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:Pod",
    "kubernetes:core/v1:ReplicationController",
)
"""Kubernetes objects that make pods."""
