"""What is deployed: the last run that ended with success, asked of the service, or nobody knows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import served

GITHUB = "/repos/contoso/platform/actions/workflows/deploy.yml/runs"
AZURE = "/contoso/data%20platform/_apis/build/builds"


class Service:
    """A server on loopback that gives one answer to one path, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = None
        self.asked: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                assert self.headers["Authorization"] == "Bearer of-the-run"
                body = json.dumps(service.answer).encode()
                self.send_response(403 if service.answer is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.handler = Handler
        self.url = ""


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    with served(running.handler) as running.url:
        yield running


@pytest.fixture(scope="module")
def commits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A clone with three commits, the second checked out."""
    place = tmp_path_factory.mktemp("clone")

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            ["git", *who, *arguments], cwd=place, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    git("init", "--quiet")
    made = []
    for text in "abc":
        git("commit", "--quiet", "--allow-empty", "-m", text)
        made.append(git("rev-parse", "HEAD"))
    git("checkout", "--quiet", made[1])
    return place, made


def ask(
    root: Path, where: Path, service: Service, *, azure: bool = False
) -> subprocess.CompletedProcess[str]:
    github = {
        "GITHUB_API_URL": service.url,
        "GITHUB_REPOSITORY": "contoso/platform",
        "GITHUB_WORKFLOW_REF": "contoso/platform/.github/workflows/deploy.yml@refs/heads/main",
        "GITHUB_REF_NAME": "main",
        "GITHUB_TOKEN": "of-the-run",
    }
    pipelines = {
        "SYSTEM_ACCESSTOKEN": "of-the-run",
        "SYSTEM_COLLECTIONURI": f"{service.url}/contoso/",
        "SYSTEM_TEAMPROJECT": "data platform",
        "SYSTEM_DEFINITIONID": "7",
        "BUILD_SOURCEBRANCH": "refs/heads/main",
    }
    return subprocess.run(
        [sys.executable, str(root / ".ci" / "deployed")],
        cwd=where,
        env={"PATH": os.environ["PATH"], **(pipelines if azure else github)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def of_github(*runs: tuple[int, str, str]) -> dict[str, Any]:
    return {"workflow_runs": [{"run_number": n, "conclusion": how, "head_sha": sha} for n, how, sha in runs]}


def of_azure(*runs: tuple[int, str, str, str]) -> dict[str, Any]:
    return {
        "value": [{"id": n, "result": how, "reason": why, "sourceVersion": sha} for n, how, why, sha in runs]
    }


def test_github_tells_the_last_run_that_ended_well(
    root: Path, commits: tuple[Path, list[str]], service: Service
) -> None:
    place, (first, second, third) = commits
    service.answer = of_github((3, "failure", third), (1, "success", first), (2, "success", second))
    done = ask(root, place, service)
    assert (done.returncode, done.stdout) == (0, f"{second}\n"), done.stderr
    (asked,) = service.asked
    assert urlsplit(asked).path == GITHUB
    query = parse_qs(urlsplit(asked).query)
    assert (query["branch"], query["status"]) == (["main"], ["success"])


def test_azure_pipelines_tells_the_last_whole_run_that_ended_well(
    root: Path, commits: tuple[Path, list[str]], service: Service
) -> None:
    place, (first, second, third) = commits
    service.answer = of_azure(
        (5, "partiallySucceeded", "individualCI", third),
        (4, "succeeded", "manual", second),
        (3, "succeeded", "batchedCI", first),
    )
    done = ask(root, place, service, azure=True)
    assert (done.returncode, done.stdout) == (0, f"{first}\n"), done.stderr
    (asked,) = service.asked
    assert urlsplit(asked).path == AZURE
    query = parse_qs(urlsplit(asked).query)
    assert (query["definitions"], query["branchName"]) == (["7"], ["refs/heads/main"])
    assert query["resultFilter"] == ["succeeded"]


@pytest.mark.parametrize("azure", [False, True])
def test_nothing_is_told_where_nobody_knows(
    root: Path, commits: tuple[Path, list[str]], service: Service, azure: bool
) -> None:
    service.answer = of_azure() if azure else of_github()
    done = ask(root, commits[0], service, azure=azure)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no run has deployed" in done.stderr


def test_a_commit_that_is_not_in_the_clone_is_as_good_as_none(
    root: Path, commits: tuple[Path, list[str]], service: Service
) -> None:
    service.answer = of_github((1, "success", "0" * 40))
    done = ask(root, commits[0], service)
    assert (done.returncode, done.stdout) == (0, "")
    assert "not in this clone" in done.stderr


def test_newer_changes_are_not_taken_back(
    root: Path, commits: tuple[Path, list[str]], service: Service
) -> None:
    place, (_, second, third) = commits
    service.answer = of_github((1, "success", third))
    done = ask(root, place, service)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{third} is deployed, which is newer than {second}" in done.stderr


def test_a_service_that_does_not_answer_is_no_success(
    root: Path, commits: tuple[Path, list[str]], service: Service
) -> None:
    done = ask(root, commits[0], service)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be asked for" in done.stderr
    assert "Traceback" not in done.stderr
    service.answer = of_github((1, "success", "--upload-pack=x"))
    assert ask(root, commits[0], service).returncode == 1
