"""Posting comments: by the event's pull request, with what a preview left taken as hostile text."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from .conftest import served

MARK = "<!-- lakeplane preview of dev -->"
FOREWORD = (
    "<sub>Written by the code of this pull request, and to be trusted no more than that; "
    "posted as it came, without links.</sub>\n\n"
)
EVENT = {
    "workflow_run": {
        "head_repository": {"owner": {"login": "some body"}},
        "head_branch": "feature/x&y",
        "head_sha": "abc",
    }
}
Call = tuple[str, str, Any]


class Service:
    """A server on loopback that answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.calls: list[Call] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                service.calls.append((self.command, self.path, body))
                assert self.headers["Authorization"] == "Bearer of-the-run"
                answer = json.dumps(service.answers.get(self.path, {})).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the server's names

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.handler = Handler
        self.url = ""

    def written(self) -> list[Call]:
        return [call for call in self.calls if call[0] != "GET"]


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    with served(running.handler) as running.url:
        yield running


@pytest.fixture
def post(root: Path, tmp_path: Path, service: Service) -> Callable[..., str]:
    """Run the script on a folder of files."""
    folder = tmp_path / "comments"
    folder.mkdir()
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    github = {
        "GITHUB_API_URL": service.url,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": "contoso/platform",
        "GITHUB_TOKEN": "of-the-run",
    }

    def run(files: dict[str, str | bytes], variables: dict[str, str] | None = None, code: int = 0) -> str:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, str(root / ".ci" / "comment"), str(folder)],
            env={"PATH": os.environ["PATH"], **(variables or github)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    run.folder = folder  # type: ignore[attr-defined] # for tests that put in what is no plain file
    return run


PULLS = "/repos/contoso/platform/pulls?state=open&head=some%20body%3Afeature/x%26y&per_page=100"
COMMENTS = "/repos/contoso/platform/issues/7/comments?per_page=100&page=1"


def open_pull_request(service: Service, *comments: dict[str, Any]) -> None:
    service.answers[PULLS] = [
        {"number": 6, "head": {"sha": "an older commit"}},
        {"number": 7, "head": {"sha": "abc"}},
    ]
    service.answers[COMMENTS] = list(comments)


def test_a_comment_is_posted_once_and_then_written_anew(service: Service, post: Callable[..., str]) -> None:
    open_pull_request(service)
    post({"dev.md": f"### fine\n{MARK}\n"})
    assert service.written() == [
        ("POST", "/repos/contoso/platform/issues/7/comments", {"body": f"{FOREWORD}### fine\n{MARK}\n"})
    ]
    service.calls.clear()
    bot, person = {"type": "Bot"}, {"type": "User"}
    open_pull_request(
        service,
        {"id": 1, "user": person, "body": MARK},
        {"id": 2, "user": bot, "body": f"old {MARK}"},
        {"id": 3, "user": bot, "body": "another bot's"},
        {"id": 4, "user": bot, "body": MARK.replace("dev", "prod")},
    )
    post({"dev.md": f"### other\n{MARK}\n", "index.json": '{"previews": ["dev"]}'})
    assert service.written() == [
        ("PATCH", "/repos/contoso/platform/issues/comments/2", {"body": f"{FOREWORD}### other\n{MARK}\n"}),
        ("DELETE", "/repos/contoso/platform/issues/comments/4", None),
    ], "prod is touched no more; what people wrote stays"


@pytest.mark.parametrize(
    "index",
    [
        None,
        "",
        "[]",
        '{"previews": null}',
        '{"previews": "dev"}',
        '{"previews": [1]}',
        '{"previews": ["../dev"]}',
        "[" * 60_000,
        '{"previews": []}' + " " * 70_000,
    ],
)
def test_comments_stay_unless_the_preview_got_to_its_end(
    service: Service, post: Callable[..., str], index: str | None
) -> None:
    stop = {"id": 4, "user": {"type": "Bot"}, "body": f"⛔ {MARK}"}
    open_pull_request(service, stop)
    said = post({} if index is None else {"index.json": index})
    assert service.written() == []
    assert "earlier comments stay: the preview left no index" in said


def test_a_folder_that_is_missing_removes_nothing(service: Service, post: Any) -> None:
    open_pull_request(service, {"id": 4, "user": {"type": "Bot"}, "body": f"⛔ {MARK}"})
    post.folder.rmdir()
    assert "earlier comments stay" in post({})
    assert service.written() == []


def test_what_the_index_names_stays_also_without_its_file(service: Service, post: Callable[..., str]) -> None:
    bot = {"type": "Bot"}
    comments = [
        {"id": number, "user": bot, "body": MARK.replace("dev", name)}
        for number, name in enumerate(("dev", "test", "prod"))
    ]
    open_pull_request(service, *comments)
    post({"index.json": '{"previews": ["dev", "test"]}', "test.md": b"x" * 70_000})
    assert service.written() == [("DELETE", "/repos/contoso/platform/issues/comments/2", None)]


def test_hostile_files_are_left_out(service: Service, post: Any, tmp_path: Path) -> None:
    open_pull_request(service)
    secret = tmp_path / "secret.md"
    secret.write_text(f"the runner's own {MARK}")
    (post.folder / "linked.md").symlink_to(secret)
    (post.folder / "folder.md").mkdir()
    said = post(
        {
            "dev.md": f"ask @contoso/admins and @somebody {MARK}",
            "..md": MARK,
            "UPPER.md": MARK,
            "huge.md": b"x" * 70_000 + MARK.encode(),
            "none.md": "no marker; for pull request 99",
            "two.md": f"{MARK}{MARK}",
            "bytes.md": b"\xff\xfe " + MARK.replace("dev", "other").encode(),
        }
    )
    bodies = [body["body"] for _, _, body in service.written()]
    assert bodies == [
        f"{FOREWORD}\ufffd\ufffd {MARK.replace('dev', 'other')}",
        f"{FOREWORD}ask @\u200bcontoso/admins and @\u200bsomebody {MARK}",
    ]
    assert {path for _, path, _ in service.written()} == {"/repos/contoso/platform/issues/7/comments"}
    assert "admins" not in said, "the log repeats nothing of the pull request"


def test_nothing_is_said_where_the_pull_request_moved_on(service: Service, post: Callable[..., str]) -> None:
    service.answers[PULLS] = [{"number": 7, "head": {"sha": "a newer commit"}}]
    assert "nothing to say" in post({"dev.md": MARK})
    assert not service.written()


ALLOWED = re.compile(
    r"</?(?:details|summary|table|tr|th|td|code|b|br|p)>|<details open>"
    r"|<!-- lakeplane preview of [a-z0-9.-]+ -->"
)


@pytest.mark.parametrize(
    "text",
    [
        "&#64;octocat",
        "&#x40;octocat",
        "&#64octocat",
        "&commat;octocat",
        "@&#111;ctocat",
        "\\@octocat",
        "`@octocat`",
        "<code>@octocat</code>",
        "@contoso/admins",
        "octocat@example.org",
        "[click](https://example.org)",
        "[click][here]\n\n[here]: //example.org",
        "![seen](https://example.org/pixel.png)",
        "![seen]\n\n[seen]: //example.org/pixel.png",
        "https://example.org",
        "https:\\/\\/example.org",
        "https&#58;//example.org",
        "WWW.example.org",
        "<https://example.org>",
        "<mailto:a>",
        "<img src=x>",
        "<IMG SRC=x>",
        "</td><a href='x'>y</a>",
        "<td onclick=x>",
        "<!-- hidden -->",
        "<?hidden?>",
        "#12 contoso/platform#12 GH-12 gh\\-12 !12",
    ],
)
def test_nothing_in_a_comment_reaches_out(service: Service, post: Callable[..., str], text: str) -> None:
    """Nothing is left that GitHub or Azure Repos would make a mention, a link, a picture or HTML of."""
    open_pull_request(service)
    post({"dev.md": f"{text}\n{MARK}\n"})
    ((_, _, body),) = service.written()
    shown = body["body"].removeprefix(FOREWORD)
    assert shown.replace("\u200b", "") == f"{text}\n{MARK}\n", "whoever reads it sees it as it was"
    rest = ALLOWED.sub("", shown)
    assert not re.search(r"<[A-Za-z/!?]", rest)
    assert html.unescape(rest) == rest, "an entity is left"
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", rest)
    assert not re.search(r"@[^\u200b]|://|(?i:www)\.|[#!]\d|(?i:gh)-\d", plain)
    assert not re.search(r"\][(\[:]", rest)


def test_what_a_preview_writes_is_posted_as_it_is(
    service: Service, post: Callable[..., str], root: Path
) -> None:
    open_pull_request(service)
    golden = root / "tests" / "preview" / "golden"
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(golden.glob("*.md"))}
    assert len(texts) >= 10
    # Each of them is of dev or prod; posted under a name of its own, it is found again.
    for number, (name, text) in enumerate(texts.items()):
        texts[name] = re.sub(r"preview of (dev|prod) -->", f"preview of e{number} -->", text)
    post(texts)
    posted = [body["body"] for _, _, body in service.written()]
    assert len(posted) == len(texts)
    for body, text in zip(posted, texts.values(), strict=True):
        assert body.startswith(FOREWORD)
        shown = body.removeprefix(FOREWORD)
        assert shown.replace("\u200b", "") == text.replace("\u200b", "")
        assert re.findall(r"<[^\u200b>]*>", shown) == re.findall(r"<[^\u200b>]*>", text), "all its HTML works"
        assert re.findall(r"&[#\w]+;", shown) == re.findall(r"&[#\w]+;", text)


def test_a_comment_that_grows_too_long_keeps_its_marker(service: Service, post: Callable[..., str]) -> None:
    open_pull_request(service)
    post({"dev.md": "@" * 65_000 + MARK})
    ((_, _, body),) = service.written()
    assert len(body["body"]) <= 65_536
    assert body["body"].endswith(f"The rest has no room here.\n\n{MARK}\n")


RUN = "/contoso/p%201/_apis/build/builds/34?api-version=7.1"
THREADS = "/contoso/p%201/_apis/git/repositories/r1/pullRequests/12/threads"


@pytest.fixture
def azure(service: Service) -> dict[str, str]:
    """Answer for a preview's run in another project, and return the poster's variables."""
    service.answers[RUN] = {
        "project": {"id": "p 1"},
        "reason": "pullRequest",
        "repository": {"id": "r1", "type": "TfsGit"},
        "sourceBranch": "refs/pull/12/merge",
    }
    return {
        "SYSTEM_ACCESSTOKEN": "of-the-run",
        "SYSTEM_COLLECTIONURI": f"{service.url}/contoso/",
        "SYSTEM_TEAMPROJECTID": "p 2",
        "PREVIEW_PROJECT": "p 1",
        "PREVIEW_RUN": "34",
    }


def test_azure_repos_gets_a_thread_that_waits_for_nobody(
    service: Service, post: Callable[..., str], azure: dict[str, str]
) -> None:
    service.answers[f"{THREADS}?api-version=7.1"] = {"value": []}
    post({"dev.md": MARK}, azure)
    ((method, path, body),) = service.written()
    assert (method, path) == ("POST", f"{THREADS}?api-version=7.1")
    assert (body["status"], body["comments"][0]["content"]) == ("closed", FOREWORD + MARK)
    service.calls.clear()
    kept = {"id": 5, "properties": body["properties"]}
    service.answers[f"{THREADS}?api-version=7.1"] = {"value": [kept, {"id": 6, "properties": None}]}
    post({"dev.md": f"new {MARK}"}, azure)
    assert service.written() == [
        ("PATCH", f"{THREADS}/5/comments/1?api-version=7.1", {"content": f"{FOREWORD}new {MARK}"})
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"sourceBranch": "refs/heads/main"},
        {"sourceBranch": "refs/pull/12/merge/../13/merge"},
        {"reason": "manual"},
        {"repository": {"id": "r1", "type": "GitHub"}},
    ],
)
def test_azure_repos_gets_nothing_of_a_run_that_is_no_pull_requests(
    service: Service, post: Callable[..., str], azure: dict[str, str], other: dict[str, Any]
) -> None:
    service.answers[RUN] |= other
    assert "nothing to say" in post({"dev.md": MARK}, azure)
    assert not service.written()


def test_the_poster_refuses_the_project_whose_code_it_would_judge(
    service: Service, post: Callable[..., str], azure: dict[str, str]
) -> None:
    said = post({"dev.md": MARK}, {**azure, "SYSTEM_TEAMPROJECTID": "p 1"}, code=1)
    assert "a project of their own" in said
    assert not service.written()
