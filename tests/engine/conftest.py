"""A project of a few lines, and a provider that can be told to hang."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from lakeplane.engine import Engine, EngineBinaries, local_environment
from lakeplane.layout import ProjectLayout

STACK = "local.foundation"


COMPONENT = """\
import pulumi


class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("tiny:index:Thing", name)
        self.register_outputs({})


Thing("one")
pulumi.export("answer", 42)
pulumi.export("token", pulumi.Output.secret("never-shown"))
"""

PROBE = """\
import pulumi

pulumi.CustomResource("probe:index:Probe", "probe", {"value": "x"})
"""


@dataclass
class Tiny:
    """The project, with what tests do to it from outside."""

    layout: ProjectLayout
    binaries: EngineBinaries
    ports: dict[str, int] = field(default_factory=dict)

    def write_program(self, text: str) -> None:
        (self.layout.stacks / "__main__.py").write_text(text)

    def engine(self) -> Engine:
        """Return an engine as a new run has it, with nothing remembered of an earlier one."""
        return Engine(self.layout, self.binaries, local_environment(self.layout, "local", self.ports))

    @property
    def backend(self) -> Path:
        return self.layout.environment("local").state / ".pulumi"

    @property
    def state(self) -> Path:
        return self.backend / "stacks" / "tiny" / f"{STACK}.json"

    def processes(self) -> list[str]:
        """Return the command lines of processes that speak of the project."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return [line for line in found if str(self.layout.root) in line]

    def locks(self) -> list[Path]:
        return sorted((self.backend / "locks").rglob("*.json"))


@pytest.fixture
def tiny(
    tmp_path: Path, engine_binaries: EngineBinaries, lay_out_tiny: Callable[[Path], ProjectLayout]
) -> Tiny:
    project = Tiny(lay_out_tiny(tmp_path), engine_binaries)
    project.write_program(COMPONENT)
    return project


class Probe(provider_pb2_grpc.ResourceProviderServicer):
    """A provider of one resource; `Create` waits until it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.let_go = threading.Event()

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: Any) -> Any:
        if not request.preview:
            self.asked.set()
            self.let_go.wait(60)
        return provider_pb2.CreateResponse(id="probe", properties=request.properties)

    def Delete(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


@pytest.fixture
def probe(tiny: Tiny) -> Iterator[Probe]:
    """Attach the provider and write the program that uses it."""
    servicer = Probe()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    tiny.ports["probe"] = server.add_insecure_port("127.0.0.1:0")
    server.start()
    tiny.write_program(PROBE)
    yield servicer
    servicer.let_go.set()
    server.stop(1).wait(5)


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], object]], futures.Future[object]]]:
    """Run something beside the test; its failure stays in the future."""
    with futures.ThreadPoolExecutor(2) as pool:
        yield pool.submit
