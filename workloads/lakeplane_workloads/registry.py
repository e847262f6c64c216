"""Registered models: references, idempotent registration, the `champion` alias and its rollback.

Promotion leaves its reason on the version, as tags: `promotion` (`promoted`, `kept_back` or `rolled_back`),
`promotion_reason` and, on a champion, `previous_champion`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

__all__ = [
    "CHAMPION",
    "ModelReference",
    "ModelReferenceError",
    "RegisteredVersion",
    "RollbackError",
    "champion",
    "find_version",
    "keep_back",
    "latest_version",
    "promote",
    "register",
    "resolve",
    "rollback",
]

CHAMPION = "champion"

_REFERENCE = re.compile(
    r"(?P<name>[\w-]+(?:\.[\w-]+){0,2})(?:@(?P<alias>[A-Za-z][\w-]*)|/(?P<version>[1-9]\d*))"
)


class ModelReferenceError(LookupError):
    """Raised when a reference is malformed or names a model, version or alias that is not registered."""


class RollbackError(LookupError):
    """Raised when there is no earlier champion to go back to."""


@dataclass(frozen=True)
class ModelReference:
    """A model as users write it: `catalog.schema.name@alias` or `catalog.schema.name/version`."""

    name: str
    alias: str | None = None
    version: str | None = None

    @classmethod
    def parse(cls, text: str) -> ModelReference:
        """Read a reference.

        Raises:
            ModelReferenceError: If it has neither an alias nor a version, or is malformed.
        """
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise ModelReferenceError(
                f"{text!r} is no model reference; write catalog.schema.name@alias or "
                "catalog.schema.name/version"
            )
        return cls(match["name"], match["alias"], match["version"])


@dataclass(frozen=True)
class RegisteredVersion:
    """One version of a registered model, as the registry described it when it was read."""

    name: str
    version: str
    run_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """Where MLflow finds it, pinned to the version."""
        return f"models:/{self.name}/{self.version}"


def _get(client: MlflowClient, name: str, version: str) -> RegisteredVersion:
    found = client.get_model_version(name, version)
    return RegisteredVersion(name, str(found.version), found.run_id, dict(found.tags or {}))


def _aliases(client: MlflowClient, name: str) -> dict[str, str] | None:
    """Return the aliases of a model, or nothing if it is not registered."""
    try:
        return {alias: str(version) for alias, version in client.get_registered_model(name).aliases.items()}
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def _numbers(client: MlflowClient, name: str) -> list[int]:
    """Return the numbers of all versions, newest first."""
    return sorted((int(v.version) for v in client.search_model_versions(f"name='{name}'")), reverse=True)


def resolve(client: MlflowClient, reference: str) -> RegisteredVersion:
    """Find the version that a reference names now.

    Raises:
        ModelReferenceError: If the reference is malformed, or names nothing that is registered.
    """
    wanted = ModelReference.parse(reference)
    aliases = _aliases(client, wanted.name)
    if aliases is None:
        raise ModelReferenceError(f"no model {wanted.name} is registered")
    if wanted.alias is not None:
        if wanted.alias not in aliases:
            known = ", ".join(sorted(aliases)) or "none"
            raise ModelReferenceError(f"{wanted.name} has no alias {wanted.alias}; its aliases: {known}")
        return _get(client, wanted.name, aliases[wanted.alias])
    numbers = _numbers(client, wanted.name)
    if wanted.version is None or int(wanted.version) not in numbers:
        known = ", ".join(str(number) for number in reversed(numbers)) or "none"
        raise ModelReferenceError(f"{wanted.name} has no version {wanted.version}; its versions: {known}")
    return _get(client, wanted.name, wanted.version)


def champion(client: MlflowClient, name: str) -> RegisteredVersion | None:
    """Return the version that the alias `champion` stands for, if there is one."""
    version = (_aliases(client, name) or {}).get(CHAMPION)
    return _get(client, name, version) if version else None


def latest_version(client: MlflowClient, name: str) -> RegisteredVersion | None:
    """Return the version registered last, if there is one."""
    numbers = _numbers(client, name) if _aliases(client, name) is not None else []
    return _get(client, name, str(numbers[0])) if numbers else None


def find_version(client: MlflowClient, name: str, tags: Mapping[str, str]) -> RegisteredVersion | None:
    """Return the newest version that carries all these tags, if there is one."""
    if _aliases(client, name) is None:
        return None
    for number in _numbers(client, name):
        # Read one by one: a search in Unity Catalog leaves the tags out.
        found = _get(client, name, str(number))
        if all(found.tags.get(key) == value for key, value in tags.items()):
            return found
    return None


def register(
    client: MlflowClient,
    name: str,
    source: str,
    run_id: str,
    tags: Mapping[str, str],
    *,
    model_id: str | None,
) -> RegisteredVersion:
    """Register a logged model as the next version of `name`, which is created if it is new."""
    if _aliases(client, name) is None:
        client.create_registered_model(name)
    created = client.create_model_version(name, source, run_id, tags=dict(tags), model_id=model_id)
    return _get(client, name, str(created.version))


def promote(client: MlflowClient, version: RegisteredVersion, reason: str) -> None:
    """Make a version the champion and remember on it which one it follows."""
    present = champion(client, version.name)
    if present is not None and present.version != version.version:
        client.set_model_version_tag(version.name, version.version, "previous_champion", present.version)
    _tag(client, version, "promoted", reason)
    client.set_registered_model_alias(version.name, CHAMPION, version.version)


def keep_back(client: MlflowClient, version: RegisteredVersion, reason: str) -> None:
    """Say on a version why it was not promoted; the champion stays."""
    _tag(client, version, "kept_back", reason)


def rollback(client: MlflowClient, name: str, reason: str) -> RegisteredVersion:
    """Give the alias `champion` back to the version that had it before.

    Returns:
        The version that is champion now.

    Raises:
        RollbackError: If there is no champion, or it follows none.
    """
    present = champion(client, name)
    previous = present.tags.get("previous_champion") if present else None
    if present is None or previous is None or int(previous) not in _numbers(client, name):
        raise RollbackError(f"{name} has no earlier champion to go back to")
    # The tag first: broken off in between, the version is champion still and a second rollback finishes. The
    # other way round the gate would promote it again.
    _tag(client, present, "rolled_back", reason)
    client.set_registered_model_alias(name, CHAMPION, previous)
    return _get(client, name, previous)


def _tag(client: MlflowClient, version: RegisteredVersion, promotion: str, reason: str) -> None:
    client.set_model_version_tag(version.name, version.version, "promotion", promotion)
    client.set_model_version_tag(version.name, version.version, "promotion_reason", reason)
