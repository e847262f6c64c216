"""The offline comparison against the real engine, on a state that the engine exported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeplane.engine import Engine, EngineBinaries, local_environment
from lakeplane.layout import ProjectLayout
from lakeplane.local.lifecycle import running_cloud
from lakeplane.preview import Change, Preview, preview_environment, to_json
from lakeplane.preview.from_engine import preview_by_engine

from .conftest import REPOSITORY

pytestmark = pytest.mark.engine

STACK = "local.foundation"
BEGINNING = """\
import pulumi
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes

PLACE = "westeurope"
cloud = azure.Provider("cloud", subscription_id="00000000-0000-0000-0000-00000000abcd")
in_cloud = pulumi.ResourceOptions(provider=cloud)


def options(**more):
    return pulumi.ResourceOptions.merge(in_cloud, pulumi.ResourceOptions(**more))


class Safe(pulumi.ComponentResource):
    def __init__(self, name, **more):
        super().__init__("tiny:safes:Safe", name, None, pulumi.ResourceOptions(**more))
        azure.keyvault.Vault(
            f"{name}-vault", vault_name="kv-tiny", resource_group_name=group.name, location=PLACE,
            properties={"tenantId": "00000000-0000-0000-0000-000000000001",
                        "sku": {"name": "standard", "family": "A"}},
            opts=options(parent=self),
        )
        self.register_outputs({})


def account(name, place=PLACE, **more):
    tags = more.pop("tags", {"team": "one"})
    return azure.storage.StorageAccount(
        name, account_name=f"sttiny{name}", resource_group_name=group.name, location=place, tags=tags,
        kind="StorageV2", sku={"name": "Standard_LRS"}, opts=options(**more),
    )


group = azure.resources.ResourceGroup("group", resource_group_name="rg-tiny", location=PLACE, opts=in_cloud)
"""
BEFORE = (
    BEGINNING
    + """
Safe("old")
who = azure.managedidentity.UserAssignedIdentity(
    "who", resource_name_="id-tiny", resource_group_name=group.name, location=PLACE, opts=in_cloud
)
same, tagged, ignored = account("same"), account("tagged"), account("ignored")
moved = account("moved")
azure.storage.BlobContainer(
    "gold", container_name="gold", account_name=moved.name, resource_group_name=group.name, opts=in_cloud
)
azure.authorization.RoleAssignment(
    "role", role_assignment_name="00000000-0000-0000-0000-000000000009", scope=same.id,
    principal_id=who.principal_id, principal_type="ServicePrincipal",
    role_definition_id="/subscriptions/00000000-0000-0000-0000-00000000abcd/providers"
    "/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe", opts=in_cloud,
)
gone = account("gone")
cluster = kubernetes.Provider("cluster", kubeconfig="{}")
kubernetes.core.v1.Secret(
    "secret", metadata={"name": "keys"}, opts=pulumi.ResourceOptions(provider=cluster),
    string_data={"key": pulumi.Output.secret("canary-of-this-test")},
)
"""
)
AFTER = (
    BEFORE.replace('Safe("old")', 'Safe("new", aliases=[pulumi.Alias(name="old")])')
    .replace('account("tagged")', 'account("tagged", tags={"team": "two"})')
    .replace('account("ignored")', 'account("ignored", tags={"team": "two"}, ignore_changes=["tags"])')
    .replace('account("moved")', 'account("moved", place="northeurope")')
    .replace('gone = account("gone")', 'fresh = account("fresh")')
)


class Tiny:
    """A project on its own simulated cloud."""

    def __init__(self, layout: ProjectLayout, binaries: EngineBinaries, ports: dict[str, int]) -> None:
        self.layout = layout
        self.spec = layout.environments / "local.yaml"
        self.engine = Engine(layout, binaries, local_environment(layout, "local", ports))
        self.state = layout.root / "state.json"

    def write(self, program: str) -> None:
        (self.layout.stacks / "__main__.py").write_text(program)

    def by_engine(self) -> Preview:
        return preview_by_engine(self.engine, self.spec, "foundation", say=lambda _: None)

    def offline(self) -> Preview:
        return preview_environment(self.spec, "foundation", base=[str(self.state)])


@pytest.fixture(scope="module")
def tiny(
    tmp_path_factory: pytest.TempPathFactory,
    engine_binaries: EngineBinaries,
    lay_out_tiny: Callable[[Path], ProjectLayout],
) -> Iterator[Tiny]:
    """A project that is up, and whose state is exported as `pulumi stack export` does."""
    root = tmp_path_factory.mktemp("agrees")
    layout = lay_out_tiny(root)
    layout.environments.mkdir()
    shutil.copy(REPOSITORY.environments / "local.yaml", layout.environments)
    with running_cloud(layout.environment("local"), project=layout, mlflow=False) as cloud:
        project = Tiny(layout, engine_binaries, cloud.provider_ports)
        project.write(BEFORE)
        assert project.by_engine().counts == {Change.CREATE: 11}
        project.engine.up(STACK)
        variables = local_environment(layout, "local", cloud.provider_ports)
        exported = subprocess.run(
            [engine_binaries.pulumi, "stack", "export", "--stack", STACK, "--file", project.state],
            cwd=root,
            env={**variables, "PATH": str(Path(sys.executable).parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert exported.returncode == 0, exported.stderr
        yield project


def changes(preview: Preview) -> dict[str, str]:
    return {
        one.resource.urn.split("::", 2)[2]: one.change.value
        for one in preview.resources
        if one.resource.type != "pulumi:pulumi:StackReference"
    }


def test_nothing_changes_for_either_if_nothing_changed(tiny: Tiny) -> None:
    tiny.write(BEFORE)
    engine, offline = tiny.by_engine(), tiny.offline()
    assert set(changes(engine).values()) == {"same"}
    secret = "kubernetes:core/v1:Secret::secret"
    # The secret is encrypted in the state; whoever has the passphrase can tell.
    assert changes(offline) == {**changes(engine), secret: "may-update"}


def test_both_say_the_same_of_a_change(tiny: Tiny) -> None:
    tiny.write(AFTER)
    engine, offline = changes(tiny.by_engine()), changes(tiny.offline())
    assert engine == {
        "azure-native:authorization:RoleAssignment::role": "same",
        "azure-native:managedidentity:UserAssignedIdentity::who": "same",
        "azure-native:resources:ResourceGroup::group": "same",
        "azure-native:storage:BlobContainer::gold": "replace",
        "azure-native:storage:StorageAccount::fresh": "create",
        "azure-native:storage:StorageAccount::gone": "delete",
        "azure-native:storage:StorageAccount::ignored": "same",
        "azure-native:storage:StorageAccount::moved": "replace",
        "azure-native:storage:StorageAccount::same": "same",
        "azure-native:storage:StorageAccount::tagged": "update",
        "kubernetes:core/v1:Secret::secret": "same",
        "pulumi:providers:azure-native::cloud": "same",
        "pulumi:providers:kubernetes::cluster": "same",
        "tiny:safes:Safe$azure-native:keyvault:Vault::new-vault": "same",
        "tiny:safes:Safe::new": "same",
    }
    assert offline == {**engine, "kubernetes:core/v1:Secret::secret": "may-update"}


def test_both_say_the_same_of_values(tiny: Tiny) -> None:
    tiny.write(AFTER)
    for preview in (tiny.by_engine(), tiny.offline()):
        told = {
            one.resource.name: [
                (each.path, each.before, each.after, each.replaces) for each in one.differences
            ]
            for one in preview.resources
            if one.resource.name in ("moved", "tagged")
        }
        assert told == {
            "moved": [("location", "westeurope", "northeurope", True)],
            "tagged": [("tags.team", "one", "two", False)],
        }
        assert {"PRV010"} <= {finding.code for finding in preview.findings}
        assert "canary" not in json.dumps(to_json(preview))


def test_protection_is_refused_by_both(tiny: Tiny) -> None:
    document = json.loads(tiny.state.read_text())
    for one in document["deployment"]["resources"]:
        one["protect"] = one["urn"].endswith("::gone")
    guarded = tiny.state.with_name("guarded.json")
    guarded.write_text(json.dumps(document))
    tiny.write(AFTER)
    offline = preview_environment(tiny.spec, "foundation", base=[str(guarded)])
    assert [
        one.resource.rpartition("::")[2] for one in offline.findings if one.code == "PRV011" and one.resource
    ] == ["gone"]
