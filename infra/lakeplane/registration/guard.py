"""Holds every registration of a program against the SDKs' own types before the engine hears of it.

The SDKs accept nested typos silently, and the services tell of them one by one, after minutes. A program
constructs all its resources before the first of them is sent, so most is checked while it constructs them,
and all findings are told at once. What comes out of outputs is known only when a resource is sent; it is
checked then, and only then. Both work the same in an offline render and under the real engine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pulumi
from pulumi.runtime import register_stack_transformation, settings
from pulumi.runtime.proto import resource_pb2

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, PlatformError
from lakeplane.provider_models.wire import decode
from lakeplane.registration.metadata import record_of, resource_record
from lakeplane.registration.overrides import Overrides
from lakeplane.registration.shapes import Property, Record, Walk
from lakeplane.registration.values import is_later

__all__ = ["RegistrationRefusedError", "Registrations", "check_inputs", "checked_registrations"]

_SDKS = frozenset({"pulumi_azure_native", "pulumi_databricks", "pulumi_kubernetes"})
_NO_OVERRIDES: Mapping[str, Mapping[str, Any]] = {}


class RegistrationRefusedError(PlanError, pulumi.RunError):
    """Raised when inputs are mistyped; Pulumi shows its text to the user without a traceback."""

    def __init__(self, findings: Sequence[Diagnostic]) -> None:
        super().__init__(findings)
        # Whoever tells findings looks for them under the error that the SDK passes on.
        self.__cause__ = PlanError(findings)


def check_inputs(token: str, inputs: Mapping[str, Any], resource: str = "") -> list[Diagnostic]:
    """Check a resource's inputs in the form that travels on the wire.

    Args:
        token: Type of the resource.
        inputs: Its inputs in camelCase, with the markers of `lakeplane.provider_models.wire`.
        resource: Name that the findings carry.

    Raises:
        LookupError: No SDK that lakeplane uses has the type.
    """
    walk = Walk()
    resource_record(token).check(walk, inputs, False)
    return [mistake.diagnostic(resource, token) for mistake in walk.mistakes]


@contextmanager
def checked_registrations(
    overrides: Mapping[str, Mapping[str, Any]] = _NO_OVERRIDES,
) -> Iterator[Registrations]:
    """Check what the program registers from here on, and refuse all of it if anything is wrong.

    Args:
        overrides: Values to put into inputs first; see `Overrides`. None if left out.

    Raises:
        RegistrationRefusedError: Inputs or overrides are mistyped, or the block raised a PlatformError; holds
            every finding of the block. After it, nothing that was constructed reaches the engine.
    """
    registrations = Registrations(overrides)
    register_stack_transformation(registrations.transform)
    settings.SETTINGS.monitor = _GuardedMonitor(settings.get_monitor(), registrations)
    try:
        yield registrations
    except PlatformError as error:
        registrations.findings += error.findings
    registrations.refuse()


class Registrations:
    """What a program has registered so far, and what is wrong with it.

    Attributes:
        overrides: The spec's own values for inputs.
        findings: What is wrong so far.
    """

    def __init__(self, overrides: Mapping[str, Mapping[str, Any]]) -> None:
        self.overrides = Overrides(overrides)
        self.findings: list[Diagnostic] = []
        self._later: dict[tuple[str, str], dict[str, Property]] = {}

    def transform(
        self, args: pulumi.ResourceTransformationArgs
    ) -> pulumi.ResourceTransformationResult | None:
        """Override and check the inputs of a resource that is being constructed."""
        record = _record(args.resource)
        if record is None or args.opts.id is not None or args.opts.urn is not None:
            return None
        props = self.overrides.apply(args.name, args.type_, record, args.props)
        walk = Walk()
        record.check(walk, props, True)
        if walk.mistakes:
            self.findings += [mistake.diagnostic(args.name, args.type_) for mistake in walk.mistakes]
        for key, value in props.items():
            property_ = record.by_python.get(key)
            if property_ is not None and is_later(value):
                waiting = self._later.setdefault((args.type_, args.name), {})
                waiting[property_.wire] = property_
        if props is args.props:
            return None
        return pulumi.ResourceTransformationResult(props, args.opts)

    def check_known(self, request: resource_pb2.RegisterResourceRequest) -> None:
        """Check what was an output when the resource was constructed, and is sent now.

        Raises:
            RegistrationRefusedError: It is mistyped, or something else of the program is.
        """
        self.refuse()
        waiting = self._later.get((request.type, request.name))
        if waiting is None:
            return
        walk = Walk()
        fields = request.object.fields
        for wire, property_ in waiting.items():
            if wire in fields and not (property_.is_free_text and fields[wire].HasField("string_value")):
                property_.check(walk, wire, decode(fields[wire]), False)
        if walk.mistakes:
            self.findings += [mistake.diagnostic(request.name, request.type) for mistake in walk.mistakes]
            self.refuse()

    def settle_overrides(self, elsewhere: pulumi.Input[Sequence[str] | None]) -> pulumi.Output[list[str]]:
        """Return the names that were overridden, once every name of the spec is found in some stack.

        Args:
            elsewhere: Names that the stack below has overridden.

        Raises:
            RegistrationRefusedError: Through the output: no resource of either stack has a name.
        """
        return pulumi.Output.from_input(elsewhere).apply(self._settled)

    def _settled(self, elsewhere: Sequence[str] | None) -> list[str]:
        unmatched = self.overrides.unmatched(set(elsewhere or ()))
        if unmatched:
            raise RegistrationRefusedError(unmatched)
        return sorted(self.overrides.applied)

    def refuse(self) -> None:
        """Raise what was found so far, if anything was."""
        if self.findings or self.overrides.findings:
            raise RegistrationRefusedError([*self.overrides.findings, *self.findings])


class _GuardedMonitor:
    """Passes on what a program registers, if nothing is wrong with it."""

    def __init__(self, monitor: Any, registrations: Registrations) -> None:
        self._monitor = monitor
        self._registrations = registrations

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 - the protocol's name
        """Register a resource, unless it or the program is refused."""
        self._registrations.check_known(request)
        return self._monitor.RegisterResource(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)


_RECORDS: dict[type[object], Record | None] = {}


def _record(resource: pulumi.Resource) -> Record | None:
    """Return what the inputs of an SDK's resource may be.

    `None` for components and Pulumi's own types, and for providers, whose inputs the SDK turns into texts.
    """
    cls = type(resource)
    if cls not in _RECORDS:
        checked = isinstance(resource, pulumi.CustomResource) and not isinstance(
            resource, pulumi.ProviderResource
        )
        _RECORDS[cls] = _find_record(cls) if checked else None
    return _RECORDS[cls]


def _find_record(cls: type[object]) -> Record | None:
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] in _SDKS:
            scope = vars(sys.modules[base.__module__])
            args = scope.get(f"{base.__name__}InitArgs") or scope.get(f"{base.__name__}Args")
            return record_of(args) if args is not None else None
    return None
