"""Errors that go away by themselves: the only ones that lakeplane ever retries, each with its source.

Providers hand on what the service answered. Azure's has the form `Status=409 Code="…" Message="…"`
(pulumi-azure-native, `provider/pkg/azure`), Databricks' and Kubernetes' is a message. So a code is looked for
where there is one, and enough of the message where the code alone would also stand for lasting errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["TRANSIENT_ERRORS", "TransientError", "find_transient"]

_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransientError:
    """One error that goes away by itself.

    Attributes:
        name: What is waited for, in words that fit behind "waiting for".
        pattern: Regular expression that finds the error in what a provider said, without regard to case.
        types: Beginnings of the type tokens where it may occur; all types if left out.
        operations: Operations during which it goes away; all if left out. `destroy` and its likes are the
            engine's, `create`, `update` and `delete` a single resource's.
        seconds: After how long it is a lasting error, counted from its first appearance on a resource.
        status: HTTP status of the real answer, for the simulated cloud.
        code: Error code of the real answer; empty where the service sends none along.
        message: The real answer's message, identifiers replaced.
        source: Where code, message and cause are documented.
    """

    name: str
    pattern: str
    types: tuple[str, ...] = ("",)
    operations: frozenset[str] = frozenset()
    seconds: float = 10 * _MINUTE
    status: int
    code: str = ""
    message: str
    source: str

    def occurs_in(self, message: str, type_token: str, operation: str) -> bool:
        """Tell whether a provider's message is this error; an empty type stands for any."""
        if type_token and not type_token.startswith(self.types):
            return False
        if self.operations and operation not in self.operations:
            return False
        return re.search(self.pattern, message, re.IGNORECASE) is not None


_ARM = "azure-native:"
_DATABRICKS = "databricks:"
_KUBERNETES = "kubernetes:"
_IDENTITY_USERS = (
    "azure-native:authorization:",
    "azure-native:containerservice:",
    "azure-native:databricks:",
    "azure-native:keyvault:",
    "azure-native:machinelearningservices:",
    "azure-native:managedidentity:",
    "azure-native:storage:",
)

TRANSIENT_ERRORS: tuple[TransientError, ...] = (
    TransientError(
        name="a new principal to be known in Entra ID",
        pattern=r"\bPrincipalNotFound\b|principal \S+ does not exist in the directory",
        types=("azure-native:authorization:RoleAssignment",),
        status=400,
        code="PrincipalNotFound",
        message="Principal 00000000000000000000000000000001 does not exist in the directory "
        "00000000-0000-0000-0000-000000000002. Check that you have the correct principal ID. If you are "
        "creating this principal and then immediately assigning a role, this error might be related to a "
        "replication delay.",
        # Happens with principalType too: MicrosoftDocs/azure-docs#103085.
        source="Azure-Samples/azure-search-openai-demo#9; MicrosoftDocs/azure-docs#103085",
    ),
    TransientError(
        name="a new role definition to be known",
        pattern=r"\bRoleDefinitionDoesNotExist\b",
        types=("azure-native:authorization:RoleAssignment", "azure-native:authorization:RoleDefinition"),
        seconds=5 * _MINUTE,
        status=404,
        code="RoleDefinitionDoesNotExist",
        message="The specified role definition with ID '00000000-0000-0000-0000-000000000001' does not "
        "exist.",
        source="pulumi/pulumi-azure#840; openshift/cloud-credential-operator#556",
    ),
    TransientError(
        name="role propagation",
        # The service names the possibility itself; without that sentence the refusal is a lasting one.
        pattern=r"\bAuthorizationFailed\b.*access was recently granted",
        types=(_ARM,),
        # Microsoft speaks of up to 10 minutes; but the same words tell a deployer who has no right at all.
        seconds=5 * _MINUTE,
        status=403,
        code="AuthorizationFailed",
        message="The client '00000000-0000-0000-0000-000000000001' does not have authorization to perform "
        "action 'Microsoft.Storage/storageAccounts/write' over scope '/subscriptions/s/resourceGroups/g' or "
        "the scope is invalid. If access was recently granted, please refresh your credentials.",
        source="MicrosoftDocs/azure-docs#74717; Microsoft Learn, Troubleshoot Azure RBAC, 'Symptom - Role "
        "assignment changes are not being detected'",
    ),
    TransientError(
        name="role propagation to a linked scope",
        pattern=r"\bLinkedAuthorizationFailed\b",
        types=(_ARM,),
        seconds=5 * _MINUTE,
        status=403,
        code="LinkedAuthorizationFailed",
        message="The client has permission to perform action on scope '/subscriptions/s/resourceGroups/g'; "
        "however, it does not have permission to perform action "
        "'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) or the "
        "linked scope(s) are invalid.",
        source="Azure/secrets-store-csi-driver-provider-azure#66; Azure/aad-pod-identity#585",
    ),
    TransientError(
        name="the cluster identity's right over the kubelet identity",
        pattern=r"\bCustomKubeletIdentityMissingPermissionError\b",
        types=("azure-native:containerservice:ManagedCluster",),
        status=400,
        code="CustomKubeletIdentityMissingPermissionError",
        message="The cluster using user-assigned managed identity must be granted 'Managed Identity "
        "Operator' role to assign kubelet identity.",
        source="Azure/azure-service-operator, customizations/managed_cluster_extensions.go, which retries it",
    ),
    TransientError(
        name="role propagation in Key Vault",
        pattern=r"\bForbiddenByRbac\b|if role assignments, deny assignments or role definitions were changed"
        r" recently, please observe propagation time",
        types=(_ARM,),
        status=403,
        code="Forbidden",
        message="Caller is not authorized to perform action on resource. If role assignments, deny "
        "assignments or role definitions were changed recently, please observe propagation time.",
        source="Azure/azure-cli#22510; Azure/terraform-azurerm-avm-res-keyvault-vault#78",
    ),
    TransientError(
        name="a new managed identity to be found",
        # With another status inside, such as BadRequest, it fails for good (Azure/azure-cli#31837).
        pattern=r"\bFailedIdentityOperation\b.*status: '(?:NotFound|Conflict)'"
        r"|the resource 'Microsoft\.ManagedIdentity/userAssignedIdentities/\S+ under resource group .*"
        r"was not found",
        types=_IDENTITY_USERS,
        status=400,
        code="FailedIdentityOperation",
        message="Identity operation for resource '/subscriptions/s/resourceGroups/g' failed with error "
        "'Failed to perform resource identity operation. Status: 'Conflict'. Response: "
        "'{'error':{'code':'Conflict'}}'.'",
        source="Azure/ResourceModules#2391; Azure/AKS-Construction#330",
    ),
    TransientError(
        name="the other writer of a managed identity's credentials",
        pattern=r"\bConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity\b"
        r"|too many federated identity credentials are written concurrently",
        types=("azure-native:managedidentity:",),
        status=409,
        code="ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        message="Too many Federated Identity Credentials are written concurrently for the managed identity.",
        source="Azure/bicep#10928; hashicorp/terraform-provider-azurerm#19968",
    ),
    TransientError(
        name="another operation on the network",
        pattern=r"\bAnotherOperationInProgress\b|\bReferencedResourceNotProvisioned\b"
        r"|is not in succeeded state\. resource is in updating state",
        types=(_ARM,),
        status=429,
        code="ReferencedResourceNotProvisioned",
        message="Cannot proceed with operation because resource "
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n is not "
        "in Succeeded state. Resource is in Updating state and the last operation that updated/is updating "
        "the resource is PutSubnetOperation.",
        source="pulumi/pulumi-azure-native#699; hashicorp/terraform-provider-azurerm#30197; "
        "databricks/terraform-databricks-sra#253",
    ),
    TransientError(
        name="another operation on the cluster",
        pattern=r"\bOperationNotAllowed\b.*another .*operation.* is in progress",
        types=("azure-native:containerservice:",),
        seconds=20 * _MINUTE,
        status=409,
        code="OperationNotAllowed",
        message="Operation is not allowed: Another agentpool operation (system - Creating) is in progress, "
        "please wait for it to finish before starting a new operation. See "
        "https://aka.ms/aks-pending-operation for more details",
        source="cilium/cilium#25944; Azure/azure-workload-identity#417",
    ),
    TransientError(
        name="another operation on the storage account",
        pattern=r"\bStorageAccountOperationInProgress\b",
        types=(_ARM,),
        status=409,
        code="StorageAccountOperationInProgress",
        message="An operation is currently performing on this storage account that requires exclusive "
        "access.",
        source="pulumi/pulumi-azure-native#4497; Azure/bicep-registry-modules#6001",
    ),
    TransientError(
        name="an earlier resource group to be gone",
        pattern=r"\bResourceGroupBeingDeleted\b"
        r"|in deprovisioning state and cannot perform this operation",
        types=(_ARM,),
        seconds=15 * _MINUTE,
        status=409,
        code="ResourceGroupBeingDeleted",
        message="The resource group 'g' is in deprovisioning state and cannot perform this operation.",
        source="Azure/azure-cli#21121; openshift/openshift-azure#2020",
    ),
    TransientError(
        name="a removed delete lock to be forgotten",
        pattern=r"\bScopeLocked\b",
        types=(_ARM,),
        # Everywhere else a lock that stands is a lasting refusal; `destroy` removes those that it may.
        operations=frozenset({"destroy"}),
        seconds=3 * _MINUTE,
        status=409,
        code="ScopeLocked",
        message="The scope '/subscriptions/s/resourceGroups/g' cannot perform delete operation because "
        "following scope(s) are locked: '/subscriptions/s/resourceGroups/g'. Please remove the lock and try "
        "again.",
        source="hashicorp/terraform-provider-azurerm#5025; hashicorp/terraform-provider-azurerm#17478",
    ),
    TransientError(
        name="Key Vault's soft delete to spread",
        # What is soft-deleted ("in deleted state … recover or purge") stays so: nobody need wait for that.
        pattern=r"\bObjectIsBeing(?:Deleted|Recovered)\b|is currently being (?:deleted|purged|recovered)",
        types=("azure-native:keyvault:",),
        status=409,
        code="Conflict",
        message="Secret example is currently being recovered and cannot be re-created; retry later.",
        source="Azure/azure-sdk-for-net#31581; hashicorp/terraform-provider-azurerm#12285",
    ),
    TransientError(
        name="Azure's request limits",
        pattern=r"\bStatus=429\b|\b(?:TooManyRequests|SubscriptionRequestsThrottled|ResourceRequestsThrottled"
        r"|OperationsThrottled)\b",
        types=(_ARM,),
        seconds=15 * _MINUTE,
        status=429,
        code="TooManyRequests",
        message="The request is being throttled as the limit has been reached. Please try again after '5' "
        "seconds.",
        source="MicrosoftDocs/azure-docs#105248; Azure/azqr#34; Azure/migAz#57",
    ),
    TransientError(
        name="the service to answer again",
        pattern=r"\bStatus=50[234]\b|\b(?:ServiceUnavailable|ServerBusy|GatewayTimeout)\b",
        types=(_ARM,),
        status=503,
        code="ServiceUnavailable",
        message="The service is unavailable now, please retry.",
        source="Azure SDK for Go, azcore's policy.RetryOptions, which retries 502 to 504 a few times itself",
    ),
    TransientError(
        name="the workspace to be ready",
        pattern=r"does not have any associated worker environments|UnknownWorkerEnvironmentException"
        r"|\bUNKNOWN_WORKER_ENVIRONMENT\b|workspace .*is (?:not ready|being provisioned)",
        types=(_DATABRICKS,),
        status=400,
        message="Current organization 6286703153333741 does not have any associated worker environments",
        source="Azure/azure-rest-api-specs#9316; databricks/terraform-provider-databricks#33",
    ),
    TransientError(
        name="Databricks' request limits",
        pattern=r"\bREQUEST_LIMIT_EXCEEDED\b|RPC token bucket limit has been exceeded"
        r"|exceeded the concurrent limit of \d+ requests|temporarily throttled, too many requests",
        types=(_DATABRICKS,),
        seconds=15 * _MINUTE,
        status=429,
        message="REQUEST_LIMIT_EXCEEDED: GetUserPermissionsRequest RPC token bucket limit has been exceeded.",
        source="ssc-sp/datahub-portal#362; databrickslabs/ucx#401; "
        "databricks/terraform-provider-databricks#2127",
    ),
    TransientError(
        name="role propagation to the access connector",
        pattern=r"contributor role on the storage account is not set or managed identity does not have"
        r"|AuthorizationPermissionMismatch"
        r"|this request is not authorized to perform this operation using this permission",
        types=(
            "databricks:index/storageCredential:",
            "databricks:index/externalLocation:",
            "databricks:index/catalog:",
            "databricks:index/schema:",
            "databricks:index/volume:",
        ),
        status=403,
        message="cannot create external location: The contributor role on the storage account is not set or "
        "Managed Identity does not have READ permissions on url abfss://c@a.dfs.core.windows.net/. Please "
        "contact your account admin to update the storage credential.",
        source="databricks/cli#1063",
    ),
    TransientError(
        name="the deployer's role on the access connector",
        pattern=r"registering a (?:storage )?credential requires",
        types=("databricks:index/storageCredential:", "databricks:index/credential:"),
        seconds=5 * _MINUTE,
        status=403,
        message="cannot create storage credential: Registering a storage credential requires the contributor "
        "role over the corresponding access connector with ID /subscriptions/s/resourceGroups/g/providers/"
        "Microsoft.Databricks/accessConnectors/c.",
        source="databricks/terraform-provider-databricks#5768; databricks/cli#1486",
    ),
    TransientError(
        name="the Kubernetes API server to answer",
        # "Unreachable" alone is also said where credentials are wrong (keras-team/kinetic#285).
        pattern=r"no such host|connection refused|tls handshake timeout|i/o timeout"
        r"|the server is currently unable to handle the request",
        types=(_KUBERNETES,),
        status=503,
        message="configured Kubernetes cluster is unreachable: unable to load schema information from the "
        "API server: dial tcp: lookup aks-example.hcp.westeurope.azmk8s.io: no such host",
        source="Azure/AKS#137; Azure/AKS#14; pulumi/pulumi#3274",
    ),
    TransientError(
        name="role propagation to the cluster",
        pattern=r"user does(?:n't| not) have access to the resource in azure\. update role assignment",
        types=(_KUBERNETES,),
        status=403,
        message='namespaces is forbidden: User "00000000-0000-0000-0000-000000000001" cannot create resource '
        '"namespaces" in API group "" at the cluster scope: User does not have access to the resource in '
        "Azure. Update role assignment to allow access.",
        source="Microsoft Learn, Use Azure RBAC on Azure Arc-enabled Kubernetes clusters, where it is shown",
    ),
)


def find_transient(message: str, type_token: str = "", operation: str = "") -> TransientError | None:
    """Find the entry that a provider's message is, for a resource type; None for every lasting error."""
    flat = " ".join(message.split())
    found = (error for error in TRANSIENT_ERRORS if error.occurs_in(flat, type_token, operation))
    return next(found, None)
