"""What a set-up fetches is tried again, and the last failure is told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lakeplane.diagnostics import Diagnostic
from lakeplane.downloads import PAUSES, tried_again
from lakeplane.engine import go_build
from lakeplane.errors import SetupError

PROXY_FAILS = "dial tcp: i/o timeout"


def failure(detail: str) -> SetupError:
    return SetupError(Diagnostic(code="SET041", summary="not fetched", detail=detail, remedy="connect"))


def test_a_fetch_that_fails_is_tried_again_after_a_pause() -> None:
    outcomes: list[SetupError | str] = [failure("first"), failure("second"), "fetched"]
    slept: list[float] = []
    told: list[str] = []

    def fetch() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, SetupError):
            raise outcome
        return outcome

    assert tried_again(fetch, told.append, slept.append) == "fetched"
    assert slept == list(PAUSES[:2])
    assert told == [
        "not fetched (first); trying again in 3 s",
        "not fetched (second); trying again in 10 s",
    ]


def test_the_last_failure_is_raised() -> None:
    details = iter(["1", "2", "3", "4"])

    def fetch() -> None:
        raise failure(next(details))

    with pytest.raises(SetupError) as raised:
        tried_again(fetch, sleep=lambda _: None)
    assert raised.value.findings[0].detail == "4"


def test_a_build_survives_a_proxy_that_fails_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go lists before it builds, so only the fetching is repeated, never a compilation."""
    log = tmp_path / "log"
    go = tmp_path / "go"
    go.write_text(
        f"""#!/bin/sh
echo "$1" >>"{log}"
if [ "$1" = list ] && [ "$(grep -c list "{log}")" = 1 ]; then echo "{PROXY_FAILS}" >&2; exit 1; fi
"""
    )
    go.chmod(0o755)
    monkeypatch.setattr("lakeplane.downloads.PAUSES", (0.0, 0.0))
    told: list[str] = []
    toolchain = go_build.Toolchain(go, dict(os.environ), told.append)
    toolchain.build("example.org/program", tmp_path, tmp_path / "program", "1.0.0")
    assert log.read_text().split() == ["list", "list", "build"]
    assert [line for line in told if PROXY_FAILS in line]


def test_the_shell_tries_a_fetch_again(tmp_path: Path) -> None:
    """`again` of the set-up's scripts, with pauses of no length."""
    script = Path(__file__).parents[2] / ".ci" / "find-uv"
    function = script.read_text().partition("again() {")[2].partition("\n}")[0]
    attempt = tmp_path / "attempt"
    attempt.write_text(f"#!/bin/sh\necho x >>{tmp_path}/tries\n[ $(wc -l <{tmp_path}/tries) = 3 ]\n")
    attempt.chmod(0o755)
    program = f"set -eu\nsleep() {{ :; }}\nagain() {{{function}\n}}\nagain {attempt}\necho fetched\n"
    answer = subprocess.run(["sh", "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "fetched\n"
    assert answer.stderr.count("trying again") == 2
