"""A resource monitor that records registrations and answers as an engine on an empty stack would.

It stands where the SDK usually has a connection to the engine, so what it sees is what the engine would see.
Nothing here opens a socket.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import alias_pb2, engine_pb2, resource_pb2

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.provider_models.outputs import certain_outputs
from lakeplane.provider_models.wire import UNKNOWN, decode_struct, encode_struct, has_unknown, reveal
from lakeplane.render.graph import Graph, Resource
from lakeplane.render.later import stand_in, take_out

__all__ = ["RecordingEngine", "RecordingMonitor"]

_STACK_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_PREFIX = "pulumi:providers:"
# Holds what its first update was given, whatever later ones give: without a state nobody knows it.
_STASH = "pulumi:index:Stash"
# Outputs as values would hide plain inputs; hooks need a socket for the engine to call back, and nothing
# fails in a render that a hook could look at. By the feature's number's name, and as older SDKs ask for it.
_UNCLAIMED = frozenset(
    {
        "RESOURCE_MONITOR_FEATURE_ERROR_HOOKS",
        "RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES",
        "errorHooks",
        "outputValues",
    }
)


@dataclass(slots=True)
class RecordingEngine:
    """Takes what a program logs; the engine's other services are never asked for in a render."""

    messages: list[tuple[str, str]] = field(default_factory=list)

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802 - the protocol's name
        """Keep a message, unless it is the SDK's own chatter."""
        severity = engine_pb2.LogSeverity.Name(request.severity).lower()
        if severity != "debug":
            self.messages.append((severity, request.message))
        return empty_pb2.Empty()


@dataclass(slots=True)
class RecordingMonitor:
    """Records one run of a program.

    Attributes:
        project: The Pulumi project.
        stack: The stack's name.
        stack_references: Outputs of other stacks by full name, such as `organization/lakeplane/dev.hub`.
        recorded: What was registered so far, by URN.
        unconfigured: URNs of providers with an unknown among their inputs.
    """

    project: str
    stack: str
    stack_references: Mapping[str, Mapping[str, Any]]
    recorded: dict[str, Resource] = field(default_factory=dict)
    unconfigured: set[str] = field(default_factory=set)

    def graph(self, messages: Iterable[tuple[str, str]]) -> Graph:
        """Return everything recorded, the stack first and the rest by URN."""
        ordered = sorted(self.recorded.values(), key=lambda found: (found.type != _STACK_TYPE, found.urn))
        return Graph(self.project, self.stack, tuple(ordered), tuple(messages))

    # The names below are the protocol's; the SDK calls them as it would call a gRPC stub.

    def GetDeploymentInfo(self, _: Any) -> resource_pb2.DeploymentInfo:  # noqa: N802 - the protocol's name
        """Claim what an engine can do, but for what `_UNCLAIMED` says."""
        features = [
            number for name, number in resource_pb2.ResourceMonitorFeature.items() if name not in _UNCLAIMED
        ]
        return resource_pb2.DeploymentInfo(supportedFeatures=features)

    def SupportsFeature(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.SupportsFeatureRequest
    ) -> resource_pb2.SupportsFeatureResponse:
        """Answer SDKs that ask for one feature at a time."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id not in _UNCLAIMED)

    def RegisterResource(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Record a resource and answer with the outputs that are certain."""
        urn = self._claim_urn(request.parent, request.type, request.name)
        raw = decode_struct(request.object) if request.type != _STASH else {"input": dict(UNKNOWN)}
        self.recorded[urn] = _read_request(urn, request, raw, self._provider_urn(request))
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        outputs: Mapping[str, Any] = {}
        if request.type.startswith(_PROVIDER_PREFIX):
            outputs = raw
            if has_unknown(raw):
                # The engine asks nothing of a provider that it can't configure yet, so no output is known.
                self.unconfigured.add(urn)
        elif request.provider.rpartition("::")[0] not in self.unconfigured:
            outputs = certain_outputs(request.type, urn, raw)
        return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=encode_struct(outputs))

    def RegisterResourceOutputs(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Record the outputs of a component or of the stack."""
        outputs = take_out(decode_struct(request.outputs))
        self.recorded[request.urn] = replace(self.recorded[request.urn], outputs=outputs)
        return empty_pb2.Empty()

    def ReadResource(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Record a look-up; stack references are answered, other resources are known by their id alone."""
        urn = self._claim_urn(request.parent, request.type, request.name)
        properties = decode_struct(request.properties)
        self.recorded[urn] = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=True,
            parent=request.parent or None,
            inputs=take_out(properties),
            dependencies=tuple(sorted(request.dependencies)),
            read=True,
        )
        if request.type == "pulumi:pulumi:StackReference":
            properties |= self._stack_outputs(request.id)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=encode_struct(properties))

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802 - the protocol's name
        """Answer that the result isn't known: only a provider could know it."""
        del request
        return resource_pb2.ResourceInvokeResponse(unknown=True)

    def RegisterPackage(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterPackageRequest
    ) -> resource_pb2.RegisterPackageResponse:
        """Accept a parameterised package."""
        return resource_pb2.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def SignalAndWaitForShutdown(self, _: Any) -> empty_pb2.Empty:  # noqa: N802 - the protocol's name
        """End the run: there is nothing to wait for."""
        return empty_pb2.Empty()

    def _claim_urn(self, parent: str, type_: str, name: str) -> str:
        parent_type = parent.split("::")[2] if parent else _STACK_TYPE
        qualified = type_ if parent_type == _STACK_TYPE else f"{parent_type}${type_}"
        urn = f"urn:pulumi:{self.stack}::{self.project}::{qualified}::{name}"
        if urn in self.recorded:
            raise PlanError(
                Diagnostic(
                    code="RND001",
                    summary="two resources have one URN",
                    detail=f"{type_} named {name!r} is registered twice under the same parent",
                    remedy="give one of them another name, or another parent",
                    resource=urn,
                )
            )
        return urn

    def _provider_urn(self, request: resource_pb2.RegisterResourceRequest) -> str | None:
        if not request.custom or request.type.startswith(_PROVIDER_PREFIX):
            return None
        if request.provider:
            return str(request.provider).rpartition("::")[0]
        package = request.type.partition(":")[0]
        version = f"_{request.version.replace('.', '_')}" if request.version else ""
        provider_type = f"{_PROVIDER_PREFIX}{package}"
        return f"urn:pulumi:{self.stack}::{self.project}::{provider_type}::default{version}"

    def _stack_outputs(self, stack_name: str) -> dict[str, Any]:
        outputs = self.stack_references.get(stack_name)
        if outputs is None:
            raise PlanError(
                Diagnostic(
                    code="RND002",
                    summary=f"no outputs of the stack {stack_name}",
                    detail=f"known: {', '.join(sorted(self.stack_references)) or 'none'}",
                    remedy="preview the layer that this one builds on as well",
                )
            )
        secret_names = sorted(name for name, value in outputs.items() if _is_secret(value))
        return {"outputs": stand_in(reveal(outputs)), "secretOutputNames": secret_names}


def _is_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "$secret" in value or any(_is_secret(item) for item in value.values())
    return isinstance(value, list | tuple) and any(_is_secret(item) for item in value)


@functools.cache
def _read_alias(serialized: bytes) -> Mapping[str, Any]:
    """Read an alias; the same few hundred, of the SDKs' own, come with every resource of a type."""
    return json_format.MessageToDict(alias_pb2.Alias.FromString(serialized))


def _read_request(
    urn: str,
    request: resource_pb2.RegisterResourceRequest,
    inputs: Mapping[str, Any],
    provider: str | None,
) -> Resource:
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent or None,
        provider=provider,
        inputs=take_out(inputs),
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            name: tuple(sorted(set(dependencies.urns)))
            for name, dependencies in sorted(request.propertyDependencies.items())
            if dependencies.urns
        },
        protect=request.protect,
        aliases=tuple(_read_alias(alias.SerializeToString()) for alias in request.aliases),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace,
        deleted_with=request.deletedWith or None,
        retain_on_delete=request.retainOnDelete,
        import_id=request.importId or None,
        custom_timeouts=json_format.MessageToDict(request.customTimeouts),
        source=_source(request),
    )


def _source(request: resource_pb2.RegisterResourceRequest) -> str | None:
    """Return the innermost place in the program; the SDKs' own lines are of no help to anybody."""
    for frame in request.stackTrace.frames:
        if frame.pc.uri.startswith("file://") and "/site-packages/" not in frame.pc.uri:
            return f"{unquote(frame.pc.uri.removeprefix('file://'))}:{frame.pc.line}"
    return None
