"""What is brought or built once: kept whole, shared by processes, made again when damaged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lakeplane.build_cache import built_once, is_intact
from lakeplane.errors import SetupError

SLOW_BUILD = """\
import sys, time
from pathlib import Path
from lakeplane.build_cache import built_once

def build(directory):
    (directory / "half").write_text("half")
    print("begun", flush=True)
    time.sleep(60)

built_once(Path(sys.argv[1]), build)
"""


def _write(directory: Path) -> None:
    (directory / "bin").mkdir()
    (directory / "bin" / "tool").write_text("tool")


def test_built_once_builds_once(tmp_path: Path) -> None:
    builds: list[Path] = []

    def build(directory: Path) -> None:
        builds.append(directory)
        _write(directory)

    target = tmp_path / "cache" / "tool-1"
    assert built_once(target, build) == target
    assert built_once(target, build) == target
    assert len(builds) == 1
    assert (target / "bin" / "tool").read_text() == "tool"


def test_built_once_leaves_nothing_of_a_killed_build(tmp_path: Path) -> None:
    target = tmp_path / "tool-1"
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_BUILD, str(target)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    assert not target.exists()
    started = time.monotonic()
    built_once(target, _write)
    assert time.monotonic() - started < 5, "a dead builder holds nobody up"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tool-1", "tool-1.lock"]


def test_built_once_makes_one_build_for_two_who_ask(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    builds: list[Path] = []
    waiting: list[str] = []

    def build(directory: Path) -> None:
        builds.append(directory)
        begun.set()
        go_on.wait(30)
        _write(directory)

    def told(sentence: str) -> None:
        waiting.append(sentence)
        go_on.set()

    target = tmp_path / "tool-1"
    first = threading.Thread(target=built_once, args=(target, build))
    first.start()
    begun.wait(30)
    second = threading.Thread(target=built_once, args=(target, build, told))
    second.start()
    for thread in (first, second):
        thread.join(30)
    assert len(builds) == 1
    assert waiting == [f"another run is making {target}; waiting for it"]
    assert is_intact(target)


@pytest.mark.parametrize("damage", ["changed", "lost", "no manifest", "manifest cut off"])
def test_built_once_makes_a_damaged_directory_again(tmp_path: Path, damage: str) -> None:
    target = built_once(tmp_path / "tool-1", _write)
    tool, manifest = target / "bin" / "tool", target / "manifest.json"
    match damage:
        case "changed":
            tool.write_text("t00l")
        case "lost":
            tool.unlink()
        case "no manifest":
            manifest.unlink()
        case _:
            manifest.write_text(manifest.read_text()[:20])
    assert not is_intact(target)
    said: list[str] = []
    built_once(target, _write, said.append)
    assert said == [f"{target} is damaged; it is made again"]
    assert is_intact(target)
    assert tool.read_text() == "tool"


def test_built_once_keeps_nothing_of_a_failed_build(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").write_text("half")
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError, match="no network"):
        built_once(tmp_path / "tool-1", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["tool-1.lock"]


def test_built_once_tells_of_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SetupError) as failure:
        built_once(blocked / "tool-1", _write)
    assert failure.value.findings[0].code == "SET012"
