"""Forgetting a stream's progress: whole or not at all, wherever the process ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeplane_workloads.medallion import streams
from lakeplane_workloads.medallion.streams import forget, forget_others


class BrokenOffError(Exception):
    """Stands for the end of the process at this place."""


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A stream's progress, as Spark lays it out."""
    place = tmp_path / "silver.load_profile" / "generation"
    _fill(place)
    return place


def _fill(place: Path) -> None:
    for name in ("metadata", "offsets/0", "commits/0", "sources/0/0"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("{}")


def _break_off_in(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget, and end when some files are removed and others are not."""

    def partly(path: Path, *_: object, **__: object) -> None:
        (path / "offsets" / "0").unlink()
        raise BrokenOffError

    with monkeypatch.context() as patch:
        patch.setattr(streams.shutil, "rmtree", partly)
        with pytest.raises(BrokenOffError):
            forget(checkpoint)


def test_forget_broken_off_leaves_no_part_of_a_checkpoint(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break_off_in(checkpoint, monkeypatch)
    assert not checkpoint.exists()
    (leftover,) = checkpoint.parent.iterdir()
    _fill(checkpoint)
    forget_others(checkpoint)
    assert not leftover.exists()
    assert (checkpoint / "offsets" / "0").exists()


def test_forget_finishes_what_an_earlier_one_left(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _break_off_in(checkpoint, monkeypatch)
    forget(checkpoint)
    assert list(checkpoint.parent.iterdir()) == []
    _fill(checkpoint)
    forget(checkpoint)
    forget(checkpoint)  # nothing there is nothing to do
    assert list(checkpoint.parent.iterdir()) == []


def test_forget_does_not_pass_over_what_it_cannot_remove(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        forget(checkpoint)


def test_forget_others_keeps_the_present_stream_alone(checkpoint: Path) -> None:
    _fill(checkpoint.with_name("replaced"))
    forget_others(checkpoint)
    assert list(checkpoint.parent.iterdir()) == [checkpoint]
