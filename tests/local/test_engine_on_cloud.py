"""The real Pulumi engine on the simulated cloud: a whole life, a killed update, a replacement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeplane.engine import Engine, EngineBinaries, local_environment
from lakeplane.engine.protection import deployed, find_protected
from lakeplane.errors import EngineError
from lakeplane.layout import ProjectLayout
from lakeplane.local.faults import Fault, Faults
from lakeplane.local.lifecycle import CloudEndpoints, running_cloud
from lakeplane.local.places import CloudPlaces
from lakeplane.local.removal import prove_removal
from lakeplane.local.resources import Resource, Resources
from lakeplane.local.store import Store

pytestmark = pytest.mark.engine

STACK = "local.foundation"
PROGRAM = """\
import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes

LOCATION = "westeurope"
cloud = azure.Provider("cloud", subscription_id="00000000-0000-0000-0000-00000000abcd")
with_cloud = pulumi.ResourceOptions(provider=cloud)
group = azure.resources.ResourceGroup(
    "group", resource_group_name="rg-tiny", location="westeurope", opts=with_cloud
)
lake = azure.storage.StorageAccount(
    "lake", account_name="sttiny", resource_group_name=group.name, location=LOCATION, kind="StorageV2",
    is_hns_enabled=True, sku={"name": "Standard_LRS"}, opts=with_cloud,
)
azure.storage.BlobContainer(
    "gold", container_name="gold", account_name=lake.name, resource_group_name=group.name, opts=with_cloud
)
vault = azure.keyvault.Vault(
    "vault", vault_name="kv-tiny", resource_group_name=group.name, location="westeurope", opts=with_cloud,
    properties={
        "tenantId": "00000000-0000-0000-0000-000000000001", "sku": {"name": "standard", "family": "A"},
    },
)
cluster = kubernetes.Provider("cluster", kubeconfig="{}")
space = kubernetes.core.v1.Namespace("space", opts=pulumi.ResourceOptions(provider=cluster))
kubernetes.core.v1.Secret(
    "secret", metadata={"namespace": space.metadata["name"]}, opts=pulumi.ResourceOptions(provider=cluster),
    string_data={"key": pulumi.Output.secret("canary-of-this-test")},
)
pulumi.export("lake", lake.id)
"""


class Tiny:
    """A small project on its own simulated cloud."""

    def __init__(self, layout: ProjectLayout, binaries: EngineBinaries, cloud: CloudEndpoints) -> None:
        self.layout = layout
        self.environment = layout.environment("local")
        self.places = CloudPlaces(self.environment)
        self._binaries = binaries
        self._ports = cloud.provider_ports
        self.engine = self.new_engine()

    @property
    def state(self) -> Path:
        """The stack's file in the engine's backend."""
        return self.environment.state / ".pulumi" / "stacks" / "tiny" / f"{STACK}.json"

    def new_engine(self, **variables: str) -> Engine:
        """Return an engine as a new command has it, with variables of the user's."""
        environment = local_environment(self.layout, "local", self._ports) | variables
        return Engine(self.layout, self._binaries, environment)

    def write(self, program: str) -> None:
        (self.layout.stacks / "__main__.py").write_text(program)

    def plan_fault(self, fault: Fault) -> None:
        store = Store(self.places.store)
        Faults(store).plan(fault)
        store.close()

    def tamper(self, token: str, *, gone: bool = False, **inputs: object) -> None:
        """Change the first resource of a type, or delete it, as somebody else would."""
        store = Store(self.places.store)
        resources = Resources(store)
        found = next(iter(resources.of_type(token)))
        if gone:
            resources.remove(found)
        else:
            resources.put(
                found.type,
                found.id,
                urn=found.urn,
                parent=found.parent,
                inputs={**found.inputs, **inputs},
                outputs={**found.outputs, **inputs},
            )
        store.close()

    def resources(self) -> list[Resource]:
        store = Store(self.places.store, read_only=True)
        try:
            return Resources(store).all()
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


def _changed(changes: dict[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in changes.items() if kind != "same" and count}


def test_up_converges_even_after_a_fault_and_destroy_leaves_a_name_only(tiny: Tiny) -> None:
    previewed = tiny.engine.preview(STACK)
    assert not tiny.resources(), "a preview creates nothing"

    tiny.plan_fault(Fault("provider", "azure-native:storage:BlobContainer", "create", 500, "out of order"))
    with pytest.raises(EngineError) as caught:
        tiny.engine.up(STACK)
    assert "out of order" in str(caught.value)
    tiny.engine.up(STACK)
    assert tiny.engine.outputs(STACK)["lake"].endswith("/storageAccounts/sttiny")
    created = [resource for resource in tiny.resources() if "pulumi:" not in resource.type]
    assert len(created) == 6
    # Stack and the two providers are the engine's own.
    assert previewed.changes.get("create") == len(created) + 3
    assert (tiny.places.layout.storage / "sttiny" / "gold").is_dir()
    assert "canary-of-this-test" not in tiny.state.read_text(), "secrets are encrypted in the state"

    assert not _changed(dict(tiny.engine.up(STACK).changes)), "a second update has nothing to do"
    assert tiny.engine.drift(STACK) == (), "nor has the cloud drifted"
    assert not _changed(dict(tiny.engine.refresh(STACK).changes))

    tiny.tamper("azure-native:storage:StorageAccount", allowSharedKeyAccess=True)
    tiny.tamper("azure-native:storage:BlobContainer", gone=True)
    found = {one.name: one for one in tiny.engine.drift(STACK)}
    assert (found["gold"].change, found["gold"].differences) == ("gone", ())
    assert [(one.path, one.deployed, one.found) for one in found["lake"].differences] == [
        ("allowSharedKeyAccess", None, True)
    ]
    assert set(found) == {"gold", "lake"}
    assert len(tiny.engine.drift(STACK)) == 2, "looking changes nothing"
    tiny.engine.refresh(STACK)

    tiny.engine.destroy(STACK)
    proof = prove_removal(tiny.environment, {})
    assert proof.left_over == ()
    assert list(proof.soft_deleted) == ["azure-native:keyvault:Vault kv-tiny"]


LOCKS = """
guarded = pulumi.ResourceOptions(provider=cloud, protect=True)
gold = azure.storage.BlobContainer(
    "silver", container_name="silver", account_name=lake.name, resource_group_name=group.name, opts=guarded
)
for name, scope in (("keep-group", group.id), ("keep-lake", lake.id)):
    azure.authorization.ManagementLockByScope(
        name, lock_name=name, scope=scope, level="CanNotDelete", opts=with_cloud
    )
"""


def test_locked_and_protected_resources_go_once_they_are_opened(tiny: Tiny) -> None:
    tiny.write(PROGRAM.replace("pulumi.export", LOCKS + "pulumi.export"))
    tiny.engine.up(STACK)
    found = find_protected(STACK, tiny.engine.export(STACK))
    assert {resource.name for resource in found} == {"group", "lake", "silver"}
    with pytest.raises(EngineError) as refused:
        tiny.engine.destroy(STACK, targets=[found[-1].urn])
    assert "protected" in str(refused.value)

    locks = [lock for resource in found for lock in resource.locks]
    tiny.engine.unprotect(STACK, [resource.urn for resource in found if resource.is_protected])
    assert tiny.engine.destroy(STACK, targets=locks).changes["delete"] == 2
    assert find_protected(STACK, tiny.engine.export(STACK)) == []
    assert not [lock for lock in tiny.resources() if lock.type.endswith(":ManagementLockByScope")]
    tiny.new_engine().destroy(STACK)
    assert prove_removal(tiny.environment, {}).left_over == ()


def test_a_lock_that_somebody_else_put_there_is_told_and_what_it_holds_is_left_over(tiny: Tiny) -> None:
    tiny.engine.up(STACK)
    (lake,) = [found for found in tiny.resources() if found.type.endswith(":StorageAccount")]
    lock = {"scope": lake.id, "level": "CanNotDelete", "lockName": "of-an-administrator"}
    store = Store(tiny.places.store)
    token = "azure-native:authorization:ManagementLockByScope"
    Resources(store).put(token, f"{lake.id}/l", urn="none", parent=lake.id, inputs=lock, outputs=lock)
    store.close()
    before = deployed(tiny.engine.export(STACK))
    with pytest.raises(EngineError) as refused:
        tiny.new_engine(LAKEPLANE_RETRY_DEADLINE="1", LAKEPLANE_RETRY_PAUSE="0.2").destroy(STACK)
    assert {finding.code for finding in refused.value.findings} == {"ENG006"}
    assert "ScopeLocked" in str(refused.value)
    proof = prove_removal(tiny.environment, {"foundation": 1}, before)
    assert lake.id in proof.left_over
    assert not set(proof.resources_gone) & set(proof.left_over)


def test_a_replaced_resource_is_there_afterwards(tiny: Tiny) -> None:
    tiny.engine.up(STACK)
    tiny.write(PROGRAM.replace('LOCATION = "westeurope"', 'LOCATION = "northeurope"'))
    changes = _changed(dict(tiny.engine.up(STACK).changes))
    assert set(changes) <= {"replace", "create-replacement", "delete-replaced", "update", "create", "delete"}
    assert changes.get("replace"), changes
    (lake,) = [found for found in tiny.resources() if found.type.endswith(":StorageAccount")]
    assert lake.inputs["location"] == "northeurope"
    assert not _changed(dict(tiny.engine.up(STACK).changes))


def test_a_lost_state_is_found_again_in_the_cloud(tiny: Tiny) -> None:
    tiny.engine.up(STACK)
    before = {resource.id for resource in tiny.resources()}
    tiny.state.unlink()
    tiny.new_engine().up(STACK)
    assert {resource.id for resource in tiny.resources()} == before
