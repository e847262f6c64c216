"""The shape of a Pulumi state, as far as a comparison reads it: what is something else is told, not met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

__all__ = ["StateResource", "read_resources", "shape_problems"]

Urn = Annotated[str, StringConstraints(pattern=r"^urn:pulumi:[^:]+::[^:]+::.+::.+$")]


class StateResource(BaseModel):
    """A resource of a state; what isn't read here may be anything.

    Source: pulumi/pulumi, sdk/go/common/apitype/core.go: ResourceV3.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    urn: Urn
    type: str
    custom: bool = False
    delete: bool = False
    id: str | None = None
    parent: str | None = None
    provider: str | None = None
    inputs: dict[str, Any] | None = None
    dependencies: list[str] | None = None
    propertyDependencies: dict[str, list[str] | None] | None = None  # noqa: N815 - the state's own name
    protect: bool | None = None
    external: bool | None = None
    deletedWith: str | None = None  # noqa: N815 - the state's own name
    retainOnDelete: bool | None = None  # noqa: N815 - the state's own name
    pendingReplacement: bool | None = None  # noqa: N815 - the state's own name
    initErrors: list[Any] | None = None  # noqa: N815 - the state's own name


class _Deployment(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    resources: list[StateResource] | None = None
    pending_operations: list[Any] | None = None


_READER = TypeAdapter(_Deployment)


def read_resources(deployment: Mapping[str, Any]) -> tuple[Sequence[StateResource], int]:
    """Read the resources of a state and the number of its operations that were begun and not finished.

    Raises:
        ValidationError: It has another shape; `shape_problems` puts it in words.
    """
    found = _READER.validate_python(dict(deployment))
    return found.resources or (), len(found.pending_operations or ())


def shape_problems(error: ValidationError) -> Iterator[str]:
    """Say what is wrong with a state's shape, one problem after another; no value is told, only its place."""
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in one["loc"])
        yield f"{place.lstrip('.')}: {one['msg'][:1].lower()}{one['msg'][1:]}"
