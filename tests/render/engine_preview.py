"""The real engine's own preview of a stack, with what it asks its providers to check."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from lakeplane.engine import EngineBinaries
from lakeplane.layout import EnvironmentLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.provider import SimulatedProvider
from lakeplane.local.store import Store
from lakeplane.provider_models.wire import decode_struct

PROVIDERS = ("azure-native", "databricks", "kubernetes")
PROJECT = """\
name: lakeplane
runtime: {{name: python, options: {{toolchain: pip}}}}
main: {main}
stackConfigDir: config
"""


class Listening(SimulatedProvider):
    """The simulated providers; they keep what they are asked to check."""

    def __init__(self, store: Store, places: CloudPlaces) -> None:
        super().__init__(store, places)
        self.checked: dict[str, dict[str, Any]] = {}
        self.configured: dict[str, dict[str, Any]] = {}

    def Check(self, request: Any, context: Any) -> Any:
        self.checked[request.urn] = decode_struct(request.news)
        return super().Check(request, context)

    def CheckConfig(self, request: Any, context: Any) -> Any:
        self.configured[request.urn] = decode_struct(request.news)
        return super().CheckConfig(request, context)

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="999.0.0")


@dataclass
class EnginePreviews:
    """A project with an empty backend, whose program is the repository's own."""

    root: Path
    repository: Path
    binaries: EngineBinaries
    provider: Listening
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        main = os.path.relpath(self.repository / "stacks", self.root)
        (self.root / "Pulumi.yaml").write_text(PROJECT.format(main=main))
        (self.root / "config").mkdir()
        (self.root / "state").mkdir()
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "ARM_"))}
        self.environment = {
            **ours,
            "PATH": os.pathsep.join([*map(str, self.binaries.path), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_BACKEND_URL": (self.root / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "none",
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{self.port}" for name in PROVIDERS),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        }

    def pulumi(self, *arguments: str, given: str | None = None) -> str:
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def run(self, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the CLI, whatever comes of it."""
        return subprocess.run(
            [str(self.binaries.pulumi), "--non-interactive", *arguments],
            cwd=self.root,
            env=self.environment,
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def preview(self, stack: str, config: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Preview an empty stack, and return the engine's steps by URN."""
        self.pulumi("stack", "init", stack)
        for key, value in config.items():
            self.pulumi("config", "set", "--stack", stack, key, value)
        said = json.loads(self.pulumi("preview", "--stack", stack, "--json", "--show-sames"))
        return {step["urn"]: step["newState"] for step in said["steps"]}

    def deploy_outputs(self, stack: str, outputs: Mapping[str, Any]) -> None:
        """Make a stack that holds nothing but outputs, for another one to read."""
        self.pulumi("stack", "init", stack)
        exported = json.loads(self.pulumi("stack", "export", "--stack", stack))
        urn = f"urn:pulumi:{stack}::lakeplane::pulumi:pulumi:Stack::lakeplane-{stack}"
        exported["deployment"]["resources"] = [
            {"urn": urn, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": dict(outputs)}
        ]
        self.pulumi("stack", "import", "--stack", stack, given=json.dumps(exported))


@contextmanager
def engine_previews(root: Path, repository: Path, binaries: EngineBinaries) -> Iterator[EnginePreviews]:
    """Serve the providers while previews run."""
    places = CloudPlaces(EnvironmentLayout(root / "cloud"))
    store = Store(places.store)
    provider = Listening(store, places)
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", 2**28)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    (root / "project").mkdir()
    try:
        yield EnginePreviews(root / "project", repository, binaries, provider, port)
    finally:
        server.stop(1).wait(5)
        store.close()


__all__ = ["EnginePreviews", "Listening", "engine_previews", "provider_pb2"]
