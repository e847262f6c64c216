"""What users see of failures that nobody foresaw, and on terminals that cannot show every character."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

import pytest
import requests
from databricks.sdk.errors import NotFound
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

from lakeplane.cli import main

SPEC = """\
name: bücher
region: westeurope
"""


def _lakeplane(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_can_be_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    done = _lakeplane("validate", str(spec), "--format", "json", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    told = json.loads(done.stdout.decode(encoding))
    assert any("bücher" in finding["message"] for finding in told["findings"])
    assert ("bücher".encode() in done.stdout) == (encoding == "utf-8"), "readable where it can be"


def test_text_escapes_what_the_terminal_cannot_write(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    done = _lakeplane("validate", str(spec), PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert b"b\\xfccher" in done.stdout
    assert b"LKP001" not in done.stdout + done.stderr


def test_a_directory_is_told_from_a_file_that_is_missing(tmp_path: Path) -> None:
    assert b"that is a directory" in _lakeplane("validate", str(tmp_path)).stderr
    assert b"no such file" in _lakeplane("validate", str(tmp_path / "none.yaml")).stderr


def _fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception) -> str:
    """Let the command line end with an error that no verb expects; return what is told of it."""

    def app() -> None:
        raise error

    monkeypatch.setattr(main, "app", app)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


def _timed_out() -> TimeoutError:
    error = TimeoutError("Timed out after 0:05:00")  # as databricks-sdk does in the end
    error.__cause__ = requests.ConnectionError("connection refused by 127.0.0.1")
    return error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (_timed_out(), "SET013", "connection refused by 127.0.0.1"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "SET013", "reset by peer"),
        (requests.ConnectionError("no route"), "SET013", "no route"),
        (URLError("unknown host"), "SET013", "unknown host"),
        (
            NotFound("no such run", error_code="RESOURCE_DOES_NOT_EXIST"),
            "RUN006",
            "RESOURCE_DOES_NOT_EXIST: no",
        ),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "SET002", "No space left on device: /x/y"),
    ],
    ids=lambda value: value.__class__.__name__ if isinstance(value, Exception) else value,
)
def test_a_failed_call_is_told_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: str,
    said: str,
) -> None:
    told = _fail(monkeypatch, capsys, error)
    assert f"error[{code}]" in told
    assert said in told
    assert ("free disk space" in told) == (code == "SET002")


def _lost_server() -> Exception:
    """Return what MLflow's own client raises of a server that is gone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        MlflowClient(f"http://127.0.0.1:{port}").get_registered_model("local.ml.load")
    except MlflowException as error:
        return error
    raise AssertionError("somebody answers there")


def test_a_lost_mlflow_server_is_told_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    told = _fail(monkeypatch, capsys, _lost_server())
    assert "error[RUN007]: the MLflow server does not answer as it should" in told
    assert "API request to http://127.0.0.1" in told
    assert "mlflow.log" in told


def test_a_call_that_mlflow_refuses_is_told_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = RestException({"error_code": "PERMISSION_DENIED", "message": "not yours"})
    told = _fail(monkeypatch, capsys, refused)
    assert "error[RUN008]" in told
    assert "\n  PERMISSION_DENIED: not yours\n" in told


def test_a_wrong_use_of_mlflow_stays_a_defect_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LAKEPLANE_CACHE", str(tmp_path))
    assert "error[LKP001]" in _fail(monkeypatch, capsys, MlflowException("a run name must be text"))


def test_serve_says_both_ways_of_naming_a_model() -> None:
    told = _lakeplane("serve", "--help", COLUMNS="120").stdout.decode()
    assert "NAME@ALIAS" in told
    assert "NAME/VERSION" in told


def test_a_defect_leaves_its_traceback_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LAKEPLANE_CACHE", str(tmp_path / "cache"))
    told = _fail(monkeypatch, capsys, RuntimeError("the impossible"))
    assert "error[LKP001]" in told
    assert "RuntimeError: the impossible" in told
    assert "Traceback" in (tmp_path / "cache" / "last-defect.txt").read_text()


def test_a_defect_is_told_even_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAKEPLANE_CACHE", "/proc/nope")
    told = _fail(monkeypatch, capsys, RuntimeError("the impossible"))
    assert "RuntimeError: the impossible" in told
    assert "test_last_net.py" in told, "where it happened"
    assert "/proc/nope" in told
