"""The service as lakeplane starts it: it never outlives its owner, and its failure is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeplane.errors import WorkloadError
from lakeplane.scoring.service import running_service
from lakeplane_workloads.registry import RegisteredVersion

OWNER = """
import sys
from pathlib import Path
from lakeplane.scoring.service import running_service

with running_service(sys.argv[1], sys.argv[2], Path(sys.argv[3]), port=0) as service:
    print(service.url, flush=True)
    service.wait()
"""


def _until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.05)
    return condition()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ping", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_service_ends_with_the_process_that_started_it(
    champion: RegisteredVersion, mlflow_server: str, tmp_path: Path, number: int
) -> None:
    command = [sys.executable, "-c", OWNER, f"{champion.name}@champion", mlflow_server, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout
            url = owner.stdout.readline().strip()
            assert _answers(url), (tmp_path / "scoring-service.log").read_text()
            os.kill(owner.pid, number)  # it alone, and not its group
            owner.wait(20)
            assert _until(lambda: not _answers(url)), "the service lives on, and holds its port"
        finally:
            owner.kill()


def test_a_service_that_breaks_off_is_told_with_its_last_words(
    champion: RegisteredVersion, mlflow_server: str, tmp_path: Path
) -> None:
    with running_service(f"{champion.name}@champion", mlflow_server, tmp_path, port=0) as service:
        guard = service.process.pid
        (child,) = map(int, Path(f"/proc/{guard}/task/{guard}/children").read_text().split())
        os.kill(child, signal.SIGKILL)
        with pytest.raises(WorkloadError) as caught:
            service.wait()
    (finding,) = caught.value.findings
    assert finding.code == "SRV004"
    assert "ended by signal 9" in finding.detail
    assert f"serving {champion.name} version" in finding.detail, "the end of its log"


def test_a_service_that_is_asked_to_end_does_so_in_peace(
    champion: RegisteredVersion, mlflow_server: str, tmp_path: Path
) -> None:
    with running_service(f"{champion.name}@champion", mlflow_server, tmp_path, port=0) as service:
        os.killpg(service.process.pid, signal.SIGTERM)
        service.wait()
    assert not _answers(service.url)
