"""What is left of an environment in the simulated cloud after it was destroyed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakeplane.layout import EnvironmentLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources
from lakeplane.local.store import Store

__all__ = ["RemovalProof", "prove_removal", "remove_files"]


@dataclass(frozen=True, slots=True)
class RemovalProof:
    """Three lists: what is gone, what can still be recovered and until when, what is still there.

    Attributes:
        gone: Resources that the engine deleted, by layer.
        soft_deleted: Names that stay taken, with the date from which they are free.
        left_over: Ids of resources that are still there.
    """

    gone: Mapping[str, int]
    soft_deleted: Mapping[str, str]
    left_over: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as plain data for JSON."""
        return {
            "gone": dict(self.gone),
            "soft_deleted": dict(self.soft_deleted),
            "left_over": list(self.left_over),
        }


def prove_removal(layout: EnvironmentLayout, gone: Mapping[str, int]) -> RemovalProof:
    """Ask the simulated cloud's own store what it still holds; `gone` is what the engine says it deleted."""
    places = CloudPlaces(layout)
    if not places.store.is_file():
        return RemovalProof(gone, {}, ())
    store = Store(places.store, read_only=True)
    try:
        resources = Resources(store)
        soft_deleted = {
            f"{held.type} {held.name}": datetime.fromtimestamp(held.purge, tz=UTC).date().isoformat()
            for held in resources.soft_deleted()
        }
        return RemovalProof(gone, soft_deleted, tuple(resource.id for resource in resources.all()))
    finally:
        store.close()


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
