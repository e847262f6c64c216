"""The real Pulumi engine on the simulated cloud: a whole life, a killed update, a replacement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeplane.engine import Engine, EngineBinaries, local_environment
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
PROJECT = """\
name: tiny
runtime:
  name: python
  options: {toolchain: pip, virtualenv: .venv}
main: stacks
stackConfigDir: stacks/config
"""
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

    def new_engine(self) -> Engine:
        """Return an engine as a new command has it."""
        environment = local_environment(self.layout, "local", self._ports)
        return Engine(self.layout, self._binaries, environment)

    def write(self, program: str) -> None:
        (self.layout.stacks / "__main__.py").write_text(program)

    def plan_fault(self, fault: Fault) -> None:
        store = Store(self.places.store)
        Faults(store).plan(fault)
        store.close()

    def resources(self) -> list[Resource]:
        store = Store(self.places.store, read_only=True)
        try:
            return Resources(store).all()
        finally:
            store.close()


@pytest.fixture
def tiny(tmp_path: Path, engine_binaries: EngineBinaries) -> Iterator[Tiny]:
    (tmp_path / "stacks" / "config").mkdir(parents=True)
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    layout = ProjectLayout(tmp_path)
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
    assert tiny.engine.up(STACK).outputs["lake"].endswith("/storageAccounts/sttiny")
    created = [resource for resource in tiny.resources() if "pulumi:" not in resource.type]
    assert len(created) == 6
    # Stack and the two providers are the engine's own.
    assert previewed.changes.get("create") == len(created) + 3
    assert (tiny.places.layout.storage / "sttiny" / "gold").is_dir()
    assert "canary-of-this-test" not in tiny.state.read_text(), "secrets are encrypted in the state"

    assert not _changed(dict(tiny.engine.up(STACK).changes)), "a second update has nothing to do"
    assert not _changed(dict(tiny.engine.refresh(STACK).changes)), "nor has the cloud drifted"

    tiny.engine.destroy(STACK)
    proof = prove_removal(tiny.environment, {})
    assert proof.left_over == ()
    assert list(proof.soft_deleted) == ["azure-native:keyvault:Vault kv-tiny"]


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
