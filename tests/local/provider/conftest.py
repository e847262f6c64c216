"""The simulated providers over real gRPC, spoken to as the engine does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from lakeplane.layout import EnvironmentLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.provider import SimulatedProvider
from lakeplane.local.resources import Resources
from lakeplane.local.store import Store
from lakeplane.provider_models.wire import decode_struct, encode_struct

SUBSCRIPTION = "00000000-0000-0000-0000-00000000abcd"
GROUP = {"resourceGroupName": "rg-test", "location": "westeurope"}
ACCOUNT = {
    "resourceGroupName": "rg-test",
    "accountName": "sttest",
    "location": "westeurope",
    "kind": "StorageV2",
    "isHnsEnabled": True,
    "sku": {"name": "Standard_LRS"},
}
VAULT = {
    "resourceGroupName": "rg-test",
    "vaultName": "kv-test",
    "location": "westeurope",
    "properties": {
        "tenantId": SUBSCRIPTION,
        "sku": {"name": "standard", "family": "A"},
        "softDeleteRetentionInDays": 7,
    },
}
WORKSPACE_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test/providers/Microsoft.Databricks/workspaces/dbw-test"
)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test.stack::lakeplane::lakeplane:x:Thing${token}::{name}"


class Cloud:
    """Store, files and a server, with one connection for each provider instance."""

    def __init__(self, root: Path) -> None:
        self.places = CloudPlaces(EnvironmentLayout(root))
        self.store = Store(self.places.store)
        self.resources = Resources(self.store)
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(
            SimulatedProvider(self.store, self.places), self.server
        )
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        self.channels: list[grpc.Channel] = []
        self.azure = self.instance({"subscriptionId": SUBSCRIPTION})
        self.databricks = self.instance({"azureWorkspaceResourceId": WORKSPACE_ID})
        self.kubernetes = self.instance({})

    def instance(self, configuration: Mapping[str, Any]) -> Any:
        """Connect and configure, as the engine does for each provider of a program."""
        # Channels of one process share a connection by default, unlike an engine's.
        channel = grpc.insecure_channel(f"127.0.0.1:{self.port}", [("grpc.use_local_subchannel_pool", 1)])
        self.channels.append(channel)
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=encode_struct(configuration)))
        return stub

    def stub(self, token: str) -> Any:
        return {"azure-native": self.azure, "databricks": self.databricks}.get(
            token.partition(":")[0], self.kubernetes
        )

    def check(
        self, token: str, name: str, inputs: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        answer = self.stub(token).Check(
            provider_pb2.CheckRequest(urn=urn(token, name), news=encode_struct(inputs))
        )
        return decode_struct(answer.inputs), {f.property: f.reason for f in answer.failures}

    def create(
        self, token: str, name: str, inputs: Mapping[str, Any], *, preview: bool = False
    ) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(
            urn=urn(token, name), properties=encode_struct(inputs), preview=preview
        )
        answer = self.stub(token).Create(request)
        return answer.id, decode_struct(answer.properties)

    def diff(
        self,
        token: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        outputs: Mapping[str, Any] | None = None,
    ) -> Any:
        return self.stub(token).Diff(
            provider_pb2.DiffRequest(
                urn=urn(token, "x"),
                olds=encode_struct(outputs or {}),
                old_inputs=encode_struct(old),
                news=encode_struct(new),
            )
        )

    def delete(self, token: str, name: str, resource_id: str) -> None:
        self.stub(token).Delete(provider_pb2.DeleteRequest(urn=urn(token, name), id=resource_id))

    def read(self, token: str, name: str, resource_id: str) -> Any:
        return self.stub(token).Read(provider_pb2.ReadRequest(urn=urn(token, name), id=resource_id))

    def lake(self) -> None:
        """Create what Unity Catalog needs: a group, a lake with a container, a workspace, a location."""
        self.create("azure-native:resources:ResourceGroup", "group", GROUP)
        self.create("azure-native:storage:StorageAccount", "lake", ACCOUNT)
        for name in ("gold", "landing"):
            inputs = {"resourceGroupName": "rg-test", "accountName": "sttest", "containerName": name}
            self.create("azure-native:storage:BlobContainer", name, inputs)
        workspace = {"resourceGroupName": "rg-test", "workspaceName": "dbw-test", "location": "westeurope"}
        workspace |= {"sku": {"name": "premium"}, "managedResourceGroupId": "x", "computeMode": "Hybrid"}  # type: ignore[dict-item]
        self.create("azure-native:databricks:Workspace", "workspace", workspace)
        self.create("databricks:index/storageCredential:StorageCredential", "lake", {"name": "lake"})
        for name in ("gold", "landing"):
            location = {"name": name, "url": f"abfss://{name}@sttest.dfs.core.windows.net/"}
            location["credentialName"] = "lake"
            self.create("databricks:index/externalLocation:ExternalLocation", name, location)
        self.create("databricks:index/catalog:Catalog", "test", {"name": "test"})
        schema = {"name": "gold", "catalogName": "test"}
        schema["storageRoot"] = "abfss://gold@sttest.dfs.core.windows.net/"
        self.create("databricks:index/schema:Schema", "gold", schema)

    def close(self) -> None:
        for channel in self.channels:
            channel.close()
        self.server.stop(None).wait()
        self.store.close()


@pytest.fixture
def new_cloud(tmp_path: Path) -> Iterator[Callable[[], Cloud]]:
    made: list[Cloud] = []

    def make() -> Cloud:
        made.append(Cloud(tmp_path / "test"))
        return made[-1]

    yield make
    for cloud in made:
        cloud.close()


@pytest.fixture
def cloud(new_cloud: Callable[[], Cloud]) -> Cloud:
    return new_cloud()


@pytest.fixture
def refused() -> Callable[..., str]:
    """Expect a refusal and return its words."""

    def expect(action: Callable[[], Any], *words: str) -> str:
        with pytest.raises(grpc.RpcError) as caught:
            action()
        details = str(caught.value.details())
        for word in words:
            assert word in details
        return details

    return expect
