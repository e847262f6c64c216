"""Every transient error of the list, once at each place, under the real engine on the simulated cloud."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeplane.engine import Engine, EngineBinaries, local_environment
from lakeplane.errors import ProviderFailedError
from lakeplane.layout import ProjectLayout
from lakeplane.local.faults import Fault, Faults
from lakeplane.local.lifecycle import CloudEndpoints, running_cloud
from lakeplane.local.places import CloudPlaces
from lakeplane.local.store import Store
from lakeplane.waiting import TRANSIENT_ERRORS, TransientError

from .conftest import STACK

pytestmark = pytest.mark.engine

PROGRAM = """\
import pulumi
import pulumi_azure_native as azure
import pulumi_databricks as databricks
import pulumi_kubernetes as kubernetes

from lakeplane.waiting.hooks import retry_transient_errors

retry_transient_errors()
WHERE = "westeurope"
TENANT = "00000000-0000-0000-0000-000000000001"
cloud = azure.Provider("cloud", subscription_id="00000000-0000-0000-0000-00000000abcd", tenant_id=TENANT)
in_cloud = pulumi.ResourceOptions(provider=cloud)
group = azure.resources.ResourceGroup("group", resource_group_name="rg-tiny", location=WHERE, opts=in_cloud)
lake = azure.storage.StorageAccount(
    "lake", account_name="sttiny", resource_group_name=group.name, location=WHERE, kind="StorageV2",
    is_hns_enabled=True, sku={"name": "Standard_LRS"}, opts=in_cloud,
)
gold = azure.storage.BlobContainer(
    "gold", container_name="gold", account_name=lake.name, resource_group_name=group.name, opts=in_cloud
)
azure.keyvault.Vault(
    "vault", vault_name="kv-tiny", resource_group_name=group.name, location=WHERE, opts=in_cloud,
    properties={"tenantId": TENANT, "sku": {"name": "standard", "family": "A"}},
)
identity = azure.managedidentity.UserAssignedIdentity(
    "identity", resource_name_="id-tiny", resource_group_name=group.name, location=WHERE, opts=in_cloud
)
azure.managedidentity.FederatedIdentityCredential(
    "credential", federated_identity_credential_resource_name="fic", resource_name_=identity.name,
    resource_group_name=group.name, issuer="https://issuer.example/", subject="system:x",
    audiences=["api://AzureADTokenExchange"], opts=in_cloud,
)
azure.authorization.RoleAssignment(
    "role", role_assignment_name="00000000-0000-0000-0000-00000000000a", scope=group.id,
    principal_id=identity.principal_id, principal_type="ServicePrincipal", opts=in_cloud,
    role_definition_id="/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/r",
)
azure.containerservice.ManagedCluster(
    "aks", resource_name_="aks-tiny", resource_group_name=group.name, location=WHERE, dns_prefix="aks",
    agent_pool_profiles=[{"name": "system", "mode": "System", "count": 1}],
    identity={"type": "SystemAssigned"}, opts=in_cloud,
)
workspace = databricks.Provider("workspace", host="https://adb-1.1.azuredatabricks.net", token="x")
in_workspace = pulumi.ResourceOptions(provider=workspace)
credential = databricks.StorageCredential(
    "storage-credential", name="tiny", opts=in_workspace,
    azure_managed_identity={"access_connector_id": "/subscriptions/s/resourceGroups/rg-tiny/providers/"
                            "Microsoft.Databricks/accessConnectors/c"},
)
databricks.ExternalLocation(
    "location", name="tiny", credential_name=credential.name, opts=in_workspace,
    url=gold.name.apply("abfss://{}@sttiny.dfs.core.windows.net/".format),
)
cluster = kubernetes.Provider("cluster", kubeconfig="{}")
kubernetes.core.v1.Namespace("space", opts=pulumi.ResourceOptions(provider=cluster))
"""


class Tiny:
    """A small project on its own simulated cloud."""

    def __init__(self, layout: ProjectLayout, binaries: EngineBinaries, cloud: CloudEndpoints) -> None:
        self.layout = layout
        self.places = CloudPlaces(layout.environment("local"))
        self._binaries = binaries
        self._ports = cloud.provider_ports

    def engine(self, pause: float, deadline: float | None = None) -> Engine:
        """Return an engine that waits this long, in seconds."""
        environment = local_environment(self.layout, "local", self._ports)
        environment["LAKEPLANE_RETRY_PAUSE"] = str(pause)
        if deadline is not None:
            environment["LAKEPLANE_RETRY_DEADLINE"] = str(deadline)
        return Engine(self.layout, self._binaries, environment)

    def write(self, program: str) -> None:
        (self.layout.stacks / "__main__.py").write_text(program)

    def plan(self, *faults: Fault) -> None:
        store = Store(self.places.store)
        for fault in faults:
            Faults(store).plan(fault)
        store.close()

    def unmet(self) -> list[Fault]:
        store = Store(self.places.store, read_only=True)
        try:
            return Faults(store).waiting()
        finally:
            store.close()


@pytest.fixture
def tiny(
    tmp_path: Path, engine_binaries: EngineBinaries, lay_out_tiny: Callable[[Path], ProjectLayout]
) -> Iterator[Tiny]:
    layout = lay_out_tiny(tmp_path)
    with running_cloud(layout.environment("local"), project=layout, mlflow=False) as cloud:
        project = Tiny(layout, engine_binaries, cloud)
        project.write(PROGRAM)
        yield project


TYPES = (
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:StorageAccount",
    "azure-native:storage:BlobContainer",
    "azure-native:keyvault:Vault",
    "azure-native:managedidentity:UserAssignedIdentity",
    "azure-native:managedidentity:FederatedIdentityCredential",
    "azure-native:authorization:RoleAssignment",
    "azure-native:containerservice:ManagedCluster",
    "databricks:index/storageCredential:StorageCredential",
    "databricks:index/externalLocation:ExternalLocation",
    "kubernetes:core/v1:Namespace",
)


def _places(error: TransientError) -> list[str]:
    return [token for token in TYPES if token.startswith(error.types)]


def _fault(error: TransientError, token: str, operation: str = "create", times: int = 1) -> Fault:
    return Fault("provider", token, operation, error.status, error.message, error.code, times)


def test_up_converges_over_every_transient_error_at_each_place(tiny: Tiny) -> None:
    errors = [error for error in TRANSIENT_ERRORS if not error.operations]
    faults = [_fault(error, token) for error in errors for token in _places(error)]
    assert {fault.message for fault in faults} == {error.message for error in errors}
    tiny.plan(*faults)
    said: list[str] = []
    summary = tiny.engine(0.01).up(STACK, said.append)
    assert summary.changes == {"create": len(TYPES) + 4}, "with the stack and three providers"
    assert tiny.unmet() == []
    assert len(summary.waits) == len(faults)
    for error in errors:
        told = [line for line in summary.waits if line.startswith(f"waiting for {error.name} on ")]
        assert len(told) == len(_places(error)), error.name
    assert set(summary.waits) <= set(said), "the user sees each"
    assert re.fullmatch(r"waiting for .+ on \S+, attempt \d+ in \S+ s", summary.waits[0])
    # A deletion by an update, after the program has ended.
    throttled = next(error for error in TRANSIENT_ERRORS if error.code == "TooManyRequests")
    tiny.plan(_fault(throttled, "azure-native:keyvault:Vault", "delete"))
    before, _, after = PROGRAM.partition("azure.keyvault.Vault(")
    tiny.write(before + after.partition("\n)\n")[2])
    summary = tiny.engine(0.01).up(STACK)
    assert summary.changes["delete"] == 1
    assert [line.partition(", ")[0] for line in summary.waits] == [f"waiting for {throttled.name} on vault"]


def test_operations_without_a_hook_are_run_again(tiny: Tiny) -> None:
    """Neither a check nor a deletion by `destroy` asks the program's error hooks."""
    throttled = next(error for error in TRANSIENT_ERRORS if error.code == "TooManyRequests")
    tiny.plan(_fault(throttled, "azure-native:keyvault:Vault", "check"))
    summary = tiny.engine(0.01).up(STACK)
    assert [line.partition(", ")[0] for line in summary.waits] == [f"waiting for {throttled.name} on vault"]
    assert tiny.unmet() == []
    busy = next(error for error in TRANSIENT_ERRORS if error.code == "StorageAccountOperationInProgress")
    locked = next(error for error in TRANSIENT_ERRORS if error.code == "ScopeLocked")
    tiny.plan(_fault(busy, "azure-native:storage:StorageAccount", "delete"))
    tiny.plan(_fault(locked, "azure-native:resources:ResourceGroup", "delete"))
    tiny.plan(_fault(throttled, "azure-native:keyvault:Vault", "delete"))
    summary = tiny.engine(0.01).destroy(STACK)
    assert tiny.unmet() == []
    assert {line.partition(", ")[0] for line in summary.waits} == {
        f"waiting for {busy.name} on lake",
        f"waiting for {locked.name} on group",
        f"waiting for {throttled.name} on vault",
    }
    assert summary.changes == {"delete": len(TYPES) + 4}, "over all attempts"


def test_a_lasting_error_fails_at_once(tiny: Tiny) -> None:
    said = "The subscription is not registered to use namespace 'Microsoft.KeyVault'."
    vault = "azure-native:keyvault:Vault"
    tiny.plan(Fault("provider", vault, "create", 409, said, "MissingSubscriptionRegistration", times=0))
    with pytest.raises(ProviderFailedError) as failure:
        tiny.engine(30).up(STACK)
    (finding,) = failure.value.findings
    assert finding.code == "ENG004"
    assert finding.detail == f'Status=409 Code="MissingSubscriptionRegistration" Message="{said}"'
    assert finding.resource
    assert finding.resource.endswith("::vault")


@pytest.mark.parametrize("operation", [pytest.param("create", marks=pytest.mark.slow), "check"])
def test_a_deadline_ends_what_should_have_passed(tiny: Tiny, operation: str) -> None:
    error = next(error for error in TRANSIENT_ERRORS if error.code == "ServiceUnavailable")
    tiny.plan(_fault(error, "azure-native:keyvault:Vault", operation, times=0))
    said: list[str] = []
    started = time.monotonic()
    with pytest.raises(ProviderFailedError) as failure:
        tiny.engine(0.5, deadline=2).up(STACK, said.append)
    assert time.monotonic() - started < 60
    (finding,) = failure.value.findings
    assert finding.code == "ENG006"
    assert finding.resource
    assert finding.resource.endswith("::vault")
    assert re.match(
        rf"gave up waiting for {error.name} on vault, after \d+ s, \d+ attempts: ", finding.detail
    )
    assert error.message in finding.detail
    assert "run the same command again" in finding.remedy
    assert [line for line in said if line.startswith(f"waiting for {error.name} on vault, attempt 2 ")]
