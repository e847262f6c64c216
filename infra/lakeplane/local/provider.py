"""The simulated providers behind the real engine: one gRPC service for all packages and instances.

The engine attaches to it (`PULUMI_DEBUG_PROVIDERS`) once for each provider instance. A call carries no
instance, so a connection's peer tells whose configuration holds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sized
from dataclasses import replace
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from lakeplane.local.faults import Faults
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resource, Resources
from lakeplane.local.simulators import databricks
from lakeplane.local.simulators.changes import Change, Kind, compare
from lakeplane.local.simulators.model import Model, Refusal, Scene, Target
from lakeplane.local.simulators.registry import find_failures, invoke, model_of
from lakeplane.local.store import Store
from lakeplane.provider_models.outputs import certain_outputs
from lakeplane.provider_models.wire import decode_struct, encode_struct, has_unknown, reveal

__all__ = ["SimulatedProvider"]

_LOG = logging.getLogger(__name__)
# Higher than every request, so that one server serves each SDK release (the engine only warns on lower ones).
_VERSION = "999.0.0"
# Configuration that says which cloud, cluster or workspace a provider works on.
_PLACES = frozenset({"azureWorkspaceResourceId", "clusterIdentifier", "subscriptionId"})
# Connections whose configuration is kept; a long-lived server must not remember every engine for ever.
_MOST_INSTANCES = 256
_STATUS = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.ALREADY_EXISTS,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    501: grpc.StatusCode.UNIMPLEMENTED,
}


class SimulatedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine's calls from the simulated cloud's store."""

    def __init__(self, store: Store, places: CloudPlaces) -> None:
        self._store = store
        self._places = places
        self._resources = Resources(store)
        self._faults = Faults(store)
        self._configs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    # Names and shapes are the provider protocol's own (pulumi/pulumi, `proto/pulumi/provider.proto`).
    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Agree on what travels: secrets do, a resource travels as its id."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False
        )

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Let an engine that did not start this process use it."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=_VERSION)

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Take a provider's configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Compare two configurations; another cluster or workspace replaces all that is in it."""
        old, new = decode_struct(request.olds), decode_struct(request.news)
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        return provider_pb2.DiffResponse(
            changes=_some(changed), diffs=changed, replaces=[name for name in changed if name in _PLACES]
        )

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Remember a provider instance's configuration."""
        with self._lock:
            self._configs[context.peer()] = reveal(decode_struct(request.args))
            while len(self._configs) > _MOST_INSTANCES:
                del self._configs[next(iter(self._configs))]
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Fill in defaults and find every input that the service would refuse."""
        model, token = self._model(request.urn, context)
        self._strike(token, "check", context)
        target = Target(token, request.urn, decode_struct(request.news))
        inputs = model.defaults(target, decode_struct(request.olds))
        failures = find_failures(self._scene(context), model, Target(token, request.urn, inputs))
        return provider_pb2.CheckResponse(
            inputs=encode_struct(inputs),
            failures=[provider_pb2.CheckFailure(property=f.path, reason=f.reason) for f in failures],
        )

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Tell what changed, and whether the service can change it in place."""
        _, token = self._model(request.urn, context)
        ignored = set(request.ignoreChanges)
        old = decode_struct(request.old_inputs)
        new = {**decode_struct(request.news), **{name: old[name] for name in ignored if name in old}}
        changes = compare(token, old, new)
        if token == databricks.FILE and databricks.content_changed(decode_struct(request.olds), new):
            changes.append(Change("md5", Kind.UPDATED, replaces=False))
        replaces = sorted({change.top_level for change in changes if change.replaces})
        return provider_pb2.DiffResponse(
            changes=_some(changes),
            diffs=sorted({change.top_level for change in changes}),
            replaces=replaces,
            # Ids follow from names, so the old one has to go before the new one can come.
            deleteBeforeReplace=bool(replaces),
            detailedDiff={change.path: _property_diff(change) for change in changes},
            hasDetailedDiff=True,
        )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Create a resource; one that a killed update had created already is taken over."""
        model, token = self._model(request.urn, context)
        inputs = decode_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(
                id="", properties=encode_struct(certain_outputs(token, request.urn, inputs))
            )
        self._strike(token, "create", context)
        resource_id, outputs = self._write(model, token, request.urn, inputs, "", context)
        return provider_pb2.CreateResponse(id=resource_id, properties=encode_struct(outputs))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Change a resource in place."""
        model, token = self._model(request.urn, context)
        inputs = decode_struct(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(
                properties=encode_struct(certain_outputs(token, request.urn, inputs))
            )
        self._strike(token, "update", context)
        _, outputs = self._write(model, token, request.urn, inputs, request.id, context)
        return provider_pb2.UpdateResponse(properties=encode_struct(outputs))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Tell how a resource stands now; one that is gone has no id."""
        _, token = self._model(request.urn, context)
        self._strike(token, "read", context)
        found = self._resources.get(token, request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id, properties=encode_struct(found.outputs), inputs=encode_struct(found.inputs)
        )

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Delete a resource with all that lies in it; one that is gone is deleted."""
        model, token = self._model(request.urn, context)
        self._strike(token, "delete", context)
        found = self._resources.get(token, request.id)
        if found is None:
            return empty_pb2.Empty()
        scene = self._scene(context)
        try:
            with self._store.transaction():
                model.release(scene, _as_told(found, decode_struct(request.properties)))
                for resource in [*self._resources.descendants(found), found]:
                    self._remove(scene, resource)
        except Refusal as refusal:
            _refuse(context, refusal)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802 - a name of the protocol
        """Answer a function."""
        self._strike(request.tok, "invoke", context)
        try:
            answer = invoke(self._scene(context), request.tok, reveal(decode_struct(request.args)))
        except Refusal as refusal:
            _refuse(context, refusal)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode_struct(answer))  # the field's name is a keyword
        return response

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Give an empty schema; programs of ours never ask for more."""
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - a name of the protocol
        """Agree to stop; no operation here takes long."""
        return empty_pb2.Empty()

    def _write(
        self, model: Model, token: str, urn: str, inputs: dict[str, Any], resource_id: str, context: Any
    ) -> tuple[str, dict[str, Any]]:
        scene = self._scene(context)
        plain = reveal(inputs)
        if has_unknown(plain):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{urn} has an input that is not known")
        try:
            with self._store.transaction():
                target = Target(token, urn, plain, resource_id)
                target = Target(token, urn, plain, resource_id or model.identify(scene, target))
                if not resource_id:
                    self._refuse_twin(target)
                model.admit(scene, target)
                answer = {
                    name: {"$secret": value} if _has_secret(inputs.get(name)) else value
                    for name, value in model.outputs(scene, target).items()
                }
                outputs = {**certain_outputs(token, urn, inputs), **answer}
                model.apply(scene, target)
                self._resources.put(
                    token,
                    target.id,
                    urn=urn,
                    parent=model.parent(scene, target),
                    inputs=inputs,
                    outputs=outputs,
                )
                self._resources.recover(token, target.id)
        except Refusal as refusal:
            _refuse(context, refusal)
        return target.id, outputs

    def _refuse_twin(self, target: Target) -> None:
        """Refuse an id that another resource of a program has; the same one may come again after a kill."""
        other = self._resources.get(target.type, target.id)
        if other is not None and other.urn != target.urn:
            raise Refusal(409, "AlreadyExists", f"{target.id} exists already, as {other.urn}")

    def _remove(self, scene: Scene, resource: Resource) -> None:
        model = model_of(resource.type)
        if model is not None:
            model.undo(scene, resource)
            days = model.retention_days(resource)
            if days is not None:
                self._resources.soft_delete(resource, resource.id.rsplit("/", 1)[-1], days)
        self._resources.remove(resource)

    def _scene(self, context: Any) -> Scene:
        with self._lock:
            config: Mapping[str, Any] = self._configs.get(context.peer(), {})
        return Scene(self._resources, self._places, config)

    def _model(self, urn: str, context: Any) -> tuple[Model, str]:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        model = model_of(token)
        if model is None:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the simulated cloud has no {token}; infra/lakeplane/local/README.md lists all",
            )
            raise AssertionError  # abort raises; this tells it to type checkers
        return model, token

    def _strike(self, token: str, operation: str, context: Any) -> None:
        fault = self._faults.strike("provider", token, operation)
        if fault is not None:
            refusal = Refusal(fault.status, fault.code, fault.message)
            # Only Azure's provider tells status and code; the others hand on the message alone.
            told = f"Status={fault.status} {refusal}" if token.startswith("azure-native:") else fault.message
            _LOG.info("planned: %s", told)
            context.abort(_STATUS.get(fault.status, grpc.StatusCode.UNKNOWN), told)


def _refuse(context: Any, refusal: Refusal) -> NoReturn:
    _LOG.info("refused: %s", refusal)
    context.abort(_STATUS.get(refusal.status, grpc.StatusCode.UNKNOWN), f"Status={refusal.status} {refusal}")
    raise AssertionError  # abort raises; this tells it to type checkers


def _as_told(resource: Resource, properties: Mapping[str, Any]) -> Resource:
    """Return a resource with the inputs that the engine's state has: a provider deletes by those."""
    told = {name: properties[name] for name in resource.inputs if name in properties}
    return replace(resource, inputs={**resource.inputs, **told})


def _has_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "$secret" in value or any(_has_secret(item) for item in value.values())
    return isinstance(value, list) and any(_has_secret(item) for item in value)


def _some(changes: Sized) -> Any:
    """Say clearly that something changed or that nothing did; the engine guesses where nobody says."""
    answer = provider_pb2.DiffResponse
    return answer.DIFF_SOME if len(changes) else answer.DIFF_NONE


def _property_diff(change: Change) -> Any:
    kinds = {
        Kind.ADDED: ("ADD", "ADD_REPLACE"),
        Kind.DELETED: ("DELETE", "DELETE_REPLACE"),
        Kind.UPDATED: ("UPDATE", "UPDATE_REPLACE"),
    }
    name = kinds[change.kind][change.replaces]
    return provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(name), inputDiff=True)
