"""One step of a bootstrap: something that has to be so in Azure, and can be made so any number of times."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Body", "Kind", "Known", "Step", "az_command", "az_rest", "fixed"]


class Kind(StrEnum):
    """How a step is made so: by writing a resource, or by registering a provider or a feature."""

    PUT = "put"
    REGISTER_PROVIDER = "register provider"
    REGISTER_FEATURE = "register feature"


Known = Mapping[str, Mapping[str, Any]]
"""What Azure answered to the steps that are done, by their keys."""


Body = Callable[[Known], Mapping[str, Any]]
"""What a step writes, worked out from what earlier steps answered."""


def fixed(body: Mapping[str, Any]) -> Body:
    """Return a body that depends on nothing."""
    return lambda _: body


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        key: Short name, by which other steps refer to it.
        title: What it is, for people.
        kind: How it is made so.
        path: ARM path of what is written, read or registered.
        api_version: The service's `api-version`.
        body: What is written; nothing for registrations.
        after: Keys of the steps that it needs.
        awaits: ARM id of something that others make; the step is left for a later run while it isn't there.
        awaits_api: The `api-version` with which that is looked for.
        pulumi_type: Pulumi's type of the same resource, by which transient errors are recognised.
        why: What it is for, for people.
        create_only: Whether what is there already is left as it is.
        command: What somebody with more rights can run instead, from what earlier steps answered; the same
            request by `az rest` if left out.
    """

    key: str
    title: str
    kind: Kind = Kind.PUT
    path: str
    api_version: str
    body: Body = field(default=lambda _: {})
    after: tuple[str, ...] = ()
    awaits: str = ""
    awaits_api: str = ""
    pulumi_type: str = ""
    why: str = ""
    create_only: bool = False
    command: Callable[[Known], str] | None = None


def az_command(*words: str, **options: str) -> str:
    """Write a command of the Azure CLI, quoted for a shell; underscores stand for hyphens in options."""
    said = [*words]
    for name, value in options.items():
        said += [f"--{name.replace('_', '-')}", value]
    return shlex.join(["az", *said])


def az_rest(step: Step, known: Known) -> str:
    """Write the request of a step as a command, the same one that lakeplane sends."""
    url = f"https://management.azure.com{step.path}?api-version={step.api_version}"
    body = json.dumps(step.body(known), separators=(",", ":"))
    return az_command("rest", method="put", url=url, body=body)
