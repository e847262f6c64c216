"""What is left of an environment in the simulated cloud after it was destroyed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakeplane.layout import EnvironmentLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources, reference
from lakeplane.local.store import Store

__all__ = ["RemovalProof", "prove_from_state", "prove_removal", "remove_files"]

# Days for which a deleted name stays taken at most; sources stand in `simulators/azure.py`.
_LONGEST_RETENTION = {
    "azure-native:keyvault:Vault": 90,
    "azure-native:machinelearningservices:Workspace": 14,
    "azure-native:operationalinsights:Workspace": 14,
}


@dataclass(frozen=True, slots=True)
class RemovalProof:
    """Three lists: what is gone, what can still be recovered and until when, what is still there.

    Attributes:
        gone: Resources that the engine deleted, by layer; components and providers count.
        soft_deleted: Names that stay taken, with the date from which they are free.
        left_over: Ids of resources that are still there.
        resources_gone: Ids of what was deployed before and is in the cloud no more.
    """

    gone: Mapping[str, int]
    soft_deleted: Mapping[str, str]
    left_over: tuple[str, ...]
    resources_gone: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as plain data for JSON."""
        return {
            "gone": dict(self.gone),
            "resources_gone": list(self.resources_gone),
            "soft_deleted": dict(self.soft_deleted),
            "left_over": list(self.left_over),
        }

    def to_text(self) -> str:
        """Return the proof for people, one line a list."""
        counts = ", ".join(f"{layer} {count}" for layer, count in self.gone.items())
        held = "; ".join(f"{name} until {date}" for name, date in self.soft_deleted.items())
        return "\n".join(
            (
                f"gone: {len(self.resources_gone)} resources of the cloud (deleted: {counts or 'nothing'})",
                f"soft-deleted: {held or 'nothing'}",
                f"left over: {', '.join(self.left_over) or 'nothing'}",
            )
        )


def prove_removal(
    layout: EnvironmentLayout, gone: Mapping[str, int], before: Sequence[tuple[str, str]] = ()
) -> RemovalProof:
    """Ask the simulated cloud's own store what it still holds.

    Args:
        layout: The environment's files.
        gone: What the engine says it deleted, by layer.
        before: Type and id of what was deployed before.
    """
    places = CloudPlaces(layout)
    if not places.store.is_file():
        return RemovalProof(gone, {}, (), tuple(reference(*resource) for resource in before))
    store = Store(places.store, read_only=True)
    try:
        resources = Resources(store)
        soft_deleted = resources.soft_deleted()
        left_over = resources.all()
    finally:
        store.close()
    there = {(found.type, found.id.lower()) for found in left_over}
    there |= {(held.type, held.id.lower()) for held in soft_deleted}
    return RemovalProof(
        gone,
        {f"{held.type} {held.name}": _date(held.purge) for held in soft_deleted},
        tuple(reference(resource.type, resource.id) for resource in left_over),
        tuple(reference(token, own) for token, own in before if (token, own.lower()) not in there),
    )


def prove_from_state(
    before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]], gone: Mapping[str, int]
) -> RemovalProof:
    """Tell from the engine's state what is gone, where there is no store to ask.

    Azure is not asked: what it keeps of vaults and workspaces follows from their types, with the longest
    retention that the service has, and what the engine deleted counts as gone.
    """
    left = set(after)
    removed = [resource for resource in before if resource not in left]
    held = [resource for resource in removed if resource[0] in _LONGEST_RETENTION]
    now = time.time()
    return RemovalProof(
        gone,
        {
            f"{token} {own.rsplit('/', 1)[-1]}": _date(now + _LONGEST_RETENTION[token] * 86400)
            for token, own in held
        },
        tuple(reference(*resource) for resource in after),
        tuple(reference(*resource) for resource in removed if resource not in held),
    )


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).date().isoformat()


def remove_files(layout: EnvironmentLayout) -> None:
    """Remove everything that the local target kept for an environment.

    The simulated cloud's store stays where it still holds soft-deleted names: a later environment of the
    same name meets them, as it would on Azure.
    """
    kept = {layout.cloud}
    for path in layout.root.iterdir() if layout.root.is_dir() else ():
        if path not in kept:
            _remove(path)
    store = CloudPlaces(layout).store
    for path in layout.cloud.iterdir() if layout.cloud.is_dir() else ():
        if not path.name.startswith(store.name):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
