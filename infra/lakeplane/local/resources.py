"""What exists in the simulated cloud: resources, and the names that soft-deleted ones still hold."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.local.store import Store
from lakeplane.provider_models.wire import reveal

__all__ = ["Resource", "Resources", "SoftDeleted", "reference"]


def reference(type_token: str, resource_id: str) -> str:
    """Say unmistakably which resource is meant: Azure's ids do, others need their type."""
    return resource_id if resource_id.startswith("/subscriptions/") else f"{type_token} {resource_id}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as it stands in the store.

    Attributes:
        type: Type token, such as `databricks:index/job:Job`.
        id: The provider's own id.
        urn: The URN under which the engine knows it.
        parent: The `reference` of the resource that takes this one along when it goes; empty if none does.
        inputs: What the program asked for, with secret marks.
        outputs: What the provider answered, with secret marks.
        created: When it was created, in seconds since 1970.
        updated: When it was changed last, in seconds since 1970.
    """

    type: str
    id: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    created: float
    updated: float

    @property
    def reference(self) -> str:
        """What children call it: the id of an Azure resource, else type and id, since names repeat."""
        return reference(self.type, self.id)

    @property
    def plain_inputs(self) -> dict[str, Any]:
        """The inputs without secret marks, to decide by; never to send back."""
        plain: dict[str, Any] = reveal(self.inputs)
        return plain

    @property
    def plain_outputs(self) -> dict[str, Any]:
        """The outputs without secret marks, to decide by; never to send back."""
        plain: dict[str, Any] = reveal(self.outputs)
        return plain


@dataclass(frozen=True, slots=True)
class SoftDeleted:
    """A deleted resource that can be recovered until `purge`, and whose name is taken until then."""

    type: str
    id: str
    name: str
    urn: str
    deleted: float
    purge: float


class Resources:
    """The table of resources."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def get(self, type_token: str, resource_id: str) -> Resource | None:
        """Return one resource by type and id."""
        rows = self.store.query(
            "SELECT * FROM resources WHERE type = ? AND id = ?", (type_token, resource_id)
        )
        return _resource(rows[0]) if rows else None

    def by_id(self, resource_id: str) -> Resource | None:
        """Return a resource by id alone; ids compare without regard to case, as Azure's do."""
        rows = self.store.query("SELECT * FROM resources WHERE id = ? COLLATE NOCASE LIMIT 1", (resource_id,))
        return _resource(rows[0]) if rows else None

    def by_urn(self, urn: str) -> Resource | None:
        """Return the resource that the engine knows by `urn`."""
        rows = self.store.query("SELECT * FROM resources WHERE urn = ? ORDER BY created DESC LIMIT 1", (urn,))
        return _resource(rows[0]) if rows else None

    def of_type(self, *types: str) -> list[Resource]:
        """Return all resources of some types, in the order of their ids."""
        marks = ", ".join("?" * len(types))
        rows = self.store.query(f"SELECT * FROM resources WHERE type IN ({marks}) ORDER BY id", types)  # noqa: S608 - marks only
        return [_resource(row) for row in rows]

    def all(self) -> list[Resource]:
        """Return every resource, in the order of type and id."""
        return [_resource(row) for row in self.store.query("SELECT * FROM resources ORDER BY type, id")]

    def put(
        self,
        type_token: str,
        resource_id: str,
        *,
        urn: str,
        parent: str,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
    ) -> None:
        """Create a resource, or replace what the store knows of it; the time of creation stays."""
        now = time.time()
        self.store.execute(
            "INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET "
            "urn = excluded.urn, parent = excluded.parent, inputs = excluded.inputs, "
            "outputs = excluded.outputs, updated = excluded.updated",
            (type_token, resource_id, urn, parent, _json(inputs), _json(outputs), now, now),
        )

    def descendants(self, resource: Resource) -> list[Resource]:
        """Return everything that goes when `resource` goes, innermost first."""
        found: list[Resource] = []
        rows = self.store.query(
            "SELECT * FROM resources WHERE parent = ? COLLATE NOCASE AND id <> ?",
            (resource.reference, resource.id),
        )
        for child in map(_resource, rows):
            found += [*self.descendants(child), child]
        return found

    def remove(self, resource: Resource) -> None:
        """Forget a resource."""
        self.store.execute("DELETE FROM resources WHERE type = ? AND id = ?", (resource.type, resource.id))

    def soft_delete(self, resource: Resource, name: str, retention_days: int) -> None:
        """Remember a resource as soft-deleted; its name stays taken for `retention_days`."""
        now = time.time()
        self.store.execute(
            "INSERT OR REPLACE INTO soft_deleted VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                resource.type,
                resource.id,
                name,
                resource.urn,
                _json(resource.outputs),
                now,
                now + retention_days * 86400,
            ),
        )

    def soft_deleted(self, type_token: str | None = None) -> list[SoftDeleted]:
        """Return what is soft-deleted and not purged yet; what is past its date is purged first."""
        now = time.time()
        rows = self.store.query("SELECT * FROM soft_deleted WHERE purge > ? ORDER BY type, id", (now,))
        return [
            SoftDeleted(row["type"], row["id"], row["name"], row["urn"], row["deleted"], row["purge"])
            for row in rows
            if type_token in (None, row["type"])
        ]

    def recover(self, type_token: str, resource_id: str) -> None:
        """Take a resource out of the soft-deleted ones, because it exists again."""
        self.store.execute("DELETE FROM soft_deleted WHERE type = ? AND id = ?", (type_token, resource_id))


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _resource(row: Any) -> Resource:
    return Resource(
        type=row["type"],
        id=row["id"],
        urn=row["urn"],
        parent=row["parent"],
        inputs=json.loads(row["inputs"]),
        outputs=json.loads(row["outputs"]),
        created=row["created"],
        updated=row["updated"],
    )
