"""Micro-batches that are applied exactly once, whenever the process may be killed.

A stream's checkpoint numbers its batches and remembers what each one holds before it is applied, so a batch
that was broken off comes again with the same number and the same rows. What applies it must be idempotent:
the first batch of a checkpoint replaces the table (`replace_table`, once a stream), later ones append with
Delta's transaction id (`append_once`) or merge (`upsert`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame

__all__ = ["Batch", "forget", "forget_others", "run_available"]

FORGOTTEN = ".forgotten"


@dataclass(frozen=True, slots=True)
class Batch:
    """Which micro-batch this is: a new checkpoint is a new stream, its batches count from 0."""

    stream: str
    number: int

    @property
    def is_first(self) -> bool:
        """True for the batch that replaces what earlier streams left."""
        return self.number == 0


def run_available(source: DataFrame, checkpoint: Path, apply: Callable[[DataFrame, Batch], None]) -> None:
    """Apply what is new in a streaming source, then return; nothing new, nothing applied.

    Args:
        source: A streaming frame.
        checkpoint: Directory of the stream's progress; made if it is not there.
        apply: Called once a batch, and again with the same batch if it did not return the first time.
    """

    def handle(frame: DataFrame, number: int) -> None:
        stream = json.loads((checkpoint / "metadata").read_text(encoding="utf-8"))["id"]
        apply(frame, Batch(stream, number))

    # A run that was killed while it forgot this stream has left its parts.
    _remove(checkpoint.with_name(f"{checkpoint.name}{FORGOTTEN}"))
    query = (
        source.writeStream.foreachBatch(handle)
        .option("checkpointLocation", str(checkpoint))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()


def forget(checkpoint: Path) -> None:
    """Drop a stream's progress: its next run starts as a new stream and replaces the table.

    The directory is renamed before it is removed. A process that is killed in between leaves no checkpoint
    at all, never a part of one: a stream with its id but without its offsets would start again under the id
    that its table already bears, and its first batch would be taken for done.

    Raises:
        OSError: The directory can't be renamed or removed.
    """
    aside = checkpoint.with_name(f"{checkpoint.name}{FORGOTTEN}")
    _remove(aside)
    if checkpoint.exists():
        checkpoint.rename(aside)
        _remove(aside)


def forget_others(checkpoint: Path) -> None:
    """Drop the progress of streams over sources that this one's source has replaced."""
    if checkpoint.parent.is_dir():
        for other in checkpoint.parent.iterdir():
            if other.name.endswith(FORGOTTEN):
                _remove(other)
            elif other != checkpoint:
                forget(other)


def _remove(aside: Path) -> None:
    """Remove what `forget` has renamed, as far as an earlier run has left it."""
    if aside.exists():
        shutil.rmtree(aside)
