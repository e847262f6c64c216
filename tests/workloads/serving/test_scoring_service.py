"""The scoring service over real HTTP, against the model in process."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest

from lakeplane_workloads.forecasting.features import INPUT_COLUMNS, hour_stamp
from lakeplane_workloads.forecasting.fitting import FittedForecasts
from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.scoring import LAG_COLUMNS, calendar_cell, parse_hour
from lakeplane_workloads.registry import RegisteredVersion
from lakeplane_workloads.serving.client import ScoringClient, ScoringError, measure

from .conftest import MAX_BODY_BYTES, MAX_CONCURRENCY, Service, start_service


@pytest.fixture(scope="session")
def rows(panel: LoadPanel) -> pd.DataFrame:
    """Every fifth load, at hours spread over the year and both changes of the clocks."""
    usable = panel.usable(0, len(panel.hours))
    places = np.unique(
        np.concatenate([usable[::397], usable[-24:], np.arange(7250, 7300), np.arange(2060, 2080)])
    )
    chosen = np.arange(0, len(panel.loads), 5)
    lags = panel.lags(places)[chosen]
    frame = pd.DataFrame(
        {
            "load": np.repeat([panel.loads[row] for row in chosen], len(places)),
            "target_hour": [
                hour_stamp(hour)
                for hour in pd.to_datetime(
                    np.tile(panel.hours[places], len(chosen)) * 3600, unit="s", utc=True
                )
            ],
        }
    )
    for number, column in enumerate(LAG_COLUMNS):
        frame[column] = lags[:, number].ravel()
    return frame


@pytest.fixture
def connection(service: Service) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    yield opened
    opened.close()


def ask(
    connection: http.client.HTTPConnection,
    body: object,
    path: str = "/invocations",
    content_type: str = "application/json",
) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", path, data, {"Content-Type": content_type})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_service_gives_the_numbers_of_the_model_in_process(
    service: Service, champion: RegisteredVersion, rows: pd.DataFrame
) -> None:
    expected = mlflow.pyfunc.load_model(champion.uri).predict(rows).tolist()
    client = ScoringClient(service.url)
    served: list[float] = []
    for start in range(0, len(rows), 2000):
        served += client.predict(rows.iloc[start : start + 2000].to_dict("records"))
    assert len(expected) > 5000
    assert served == expected
    # One row at a time takes another way through the service.
    single = range(0, len(rows), 97)
    assert [client.predict(rows.iloc[[row]].to_dict("records"))[0] for row in single] == [
        expected[row] for row in single
    ]
    client.close()


@pytest.mark.parametrize("count", [1, 40])
def test_every_form_of_a_request_gives_the_same_answer(
    connection: http.client.HTTPConnection, rows: pd.DataFrame, count: int
) -> None:
    some = rows.iloc[100 : 100 + count]
    records = some.to_dict("records")
    columns = {"columns": list(some.columns), "data": some.to_numpy().tolist()}
    turned = some[reversed(INPUT_COLUMNS)].assign(extra=1)
    forms = [
        {"dataframe_split": columns},
        {"dataframe_split": {**columns, "index": list(range(count))}, "params": {}},
        {"dataframe_split": {"columns": list(turned.columns), "data": turned.to_numpy().tolist()}},
        {"dataframe_records": records},
        {"instances": records},
        {"inputs": records},
        {"inputs": some.to_dict("list")},
    ]
    answers = [ask(connection, form) for form in forms]
    answers += [ask(connection, {"input_data": data}, "/score") for data in (columns, records)]
    answers.append(ask(connection, some.to_csv(index=False).encode(), content_type="text/csv; charset=utf-8"))
    assert answers[0][0] == 200
    assert len(answers[0][1]["predictions"]) == count
    assert all(answer == answers[0] for answer in answers)


def test_service_tells_what_it_serves(
    service: Service, champion: RegisteredVersion, connection: http.client.HTTPConnection
) -> None:
    with ScoringClient(service.url) as client:
        described = client.describe()
        assert client.version() == champion.version
    assert described["alias"] == "champion"
    assert described["model"] == champion.name
    assert described["parameter_sha256"] == champion.tags["parameter_sha256"]
    assert described["data_version"] == "7"
    for path in ("/ping", "/health"):
        connection.request("GET", path)
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"\n")
    connection.request("GET", "/version")
    response = connection.getresponse()
    response.read()
    assert response.headers["x-model-version"] == champion.version


def split(columns: list[str], data: list[Any]) -> dict[str, Any]:
    return {"dataframe_split": {"columns": columns, "data": data}}


BAD_CELLS: list[tuple[int, Any, str]] = [
    (0, 5, "SCR006"),
    (0, None, "SCR006"),
    (0, "nobody", "SCR008"),
    (0, ["H0-A"], "SCR006"),
    (1, 17, "SCR006"),
    (1, "yesterday", "SCR009"),
    (1, "2016-12-06T13:00:00", "SCR009"),
    (1, "2016-12-05T13:30:00Z", "SCR009"),
    (1, "0001-01-01T00:00:00+14:00", "SCR009"),
    (1, "2016-13-05T13:00:00Z", "SCR009"),
    (1, "2016-12-05T13:00:00Z" + "0" * 100, "SCR009"),
    (2, "1.5", "SCR006"),
    (3, True, "SCR006"),
    (4, None, "SCR006"),
    (5, {}, "SCR006"),
    (8, [1.0], "SCR006"),
]


@pytest.mark.parametrize(("place", "value", "code"), BAD_CELLS)
@pytest.mark.parametrize("good", [1, 60])
def test_service_rejects_a_bad_cell_and_names_its_place(
    connection: http.client.HTTPConnection, rows: pd.DataFrame, place: int, value: Any, code: str, good: int
) -> None:
    data = rows.head(good + 1).to_numpy().tolist()
    data[good][place] = value
    status, answer = ask(connection, split(list(INPUT_COLUMNS), data))
    assert status == 400
    assert (answer["code"], answer["path"]) == (code, f"dataframe_split.data[{good}][{place}]")
    assert answer["error_code"] == "BAD_REQUEST"
    if isinstance(value, str):
        assert value not in json.dumps(answer)


GOOD = b'{"dataframe_split":{"columns":["load"],"data":[[%s]]}}'
BAD_BODIES: list[tuple[bytes, str]] = [
    (b"", "SCR001"),
    (b"{", "SCR001"),
    (b"\xff\xfe{}", "SCR001"),
    (GOOD % b"NaN", "SCR001"),
    (GOOD % b"Infinity", "SCR001"),
    (GOOD % b"-Infinity", "SCR001"),
    (GOOD % b"1e999", "SCR001"),
    (GOOD % b'"\\ud800"', "SCR001"),
    (GOOD % b'"\xed\xa0\x80"', "SCR001"),
    (b"[" * 100_000, "SCR001"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "SCR001"),
    (b"[]", "SCR003"),
    (b"null", "SCR003"),
    (b"{}", "SCR003"),
    (b'"text"', "SCR003"),
    (b'{"instances": [], "inputs": []}', "SCR003"),
    (b'{"input_data": []}', "SCR003"),
    (b'{"dataframe_split": []}', "SCR003"),
    (b'{"dataframe_split": {"columns": 5, "data": []}}', "SCR003"),
    (b'{"dataframe_split": {"columns": [[]], "data": []}}', "SCR003"),
    (b'{"dataframe_split": {"data": []}}', "SCR003"),
    (b'{"dataframe_split": {"columns": ["load"], "data": [["H0-A@0.003"]]}}', "SCR004"),
    (b'{"dataframe_records": {}}', "SCR003"),
    (b'{"dataframe_records": []}', "SCR003"),
    (b'{"dataframe_records": [1]}', "SCR005"),
    (b'{"dataframe_records": [{"load": "H0-A@0.003"}]}', "SCR004"),
    (b'{"inputs": {"load": []}}', "SCR004"),
    (b'{"inputs": {"load": []}, "params": {"temperature": 1}}', "SCR003"),
    (GOOD % (b"9" * 5_000), "SCR001"),
]


@pytest.mark.parametrize(("body", "code"), BAD_BODIES)
def test_service_rejects_a_bad_body(connection: http.client.HTTPConnection, body: bytes, code: str) -> None:
    status, answer = ask(connection, body)
    assert status == 400
    # A number out of range may be refused by the parser or, as a cell, by the schema: never accepted.
    assert answer["code"] in ({code, "SCR004"} if b"999" in body else {code})


def test_service_rejects_numbers_that_overflow(
    connection: http.client.HTTPConnection, service: Service, rows: pd.DataFrame, fitted: FittedForecasts
) -> None:
    forecasts = fitted.held_back.forecasts
    hour = parse_hour(rows["target_hour"][0])
    day_type, _ = calendar_cell(hour)
    weights = forecasts.lag_weights[:, day_type]
    load = int(np.abs(weights).sum(axis=1).argmax())
    lags = (np.sign(weights[load]) * 1.7e308).tolist()
    with np.errstate(over="ignore"):
        assert not np.isfinite(forecasts.predict_row(load, hour, lags))
    row = [forecasts.loads[load], rows["target_hour"][0], *lags]
    for count in (1, 60):
        status, answer = ask(connection, split(list(INPUT_COLUMNS), [row] * count))
        assert (status, answer["code"], answer["path"]) == (400, "SCR010", "dataframe_split.data[0]")


def test_service_rejects_bad_shapes(connection: http.client.HTTPConnection, rows: pd.DataFrame) -> None:
    row = rows.head(1).to_numpy().tolist()[0]
    columns = list(INPUT_COLUMNS)
    lists: dict[str, Any] = {column: [1.0] for column in columns}
    cases: list[tuple[dict[str, Any], str, str]] = [
        (split(columns, [row, row[:-1]]), "SCR005", "dataframe_split.data[1]"),
        (split(columns, [row, "row"]), "SCR005", "dataframe_split.data[1]"),
        (split(columns[:-1], [row[:-1]]), "SCR004", "dataframe_split.columns"),
        (split([*columns, "load"], [[*row, row[0]]]), "SCR003", "dataframe_split.columns"),
        ({"inputs": {**lists, "lag_7d": 1}}, "SCR003", "inputs.lag_7d"),
        ({"inputs": {**lists, "lag_7d": []}}, "SCR005", "inputs.lag_7d"),
    ]
    for body, code, path in cases:
        status, answer = ask(connection, body)
        assert (status, answer["code"], answer["path"]) == (400, code, path)


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"load\nH0-A@0.003\n", "SCR004", "line 1"),
        (b"load", "SCR003", ""),
        (b"\xff\n\xff\n", "SCR001", ""),
        (b'load\n"open', "SCR001", ""),
    ],
)
def test_service_rejects_bad_csv(
    connection: http.client.HTTPConnection, body: bytes, code: str, path: str
) -> None:
    status, answer = ask(connection, body, content_type="text/csv")
    assert (status, answer["code"], answer["path"]) == (400, code, path)


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "one", ""])
def test_service_rejects_bad_numbers_in_csv(
    connection: http.client.HTTPConnection, rows: pd.DataFrame, value: str
) -> None:
    text = rows.head(3).astype(object)
    text.iloc[2, 4] = value
    status, answer = ask(connection, text.to_csv(index=False).encode(), content_type="text/csv")
    assert status == 400
    assert answer["code"] in {"SCR006", "SCR007"}
    assert answer["path"] == "line 4, value 5"


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json; charset=latin-1", "application/x"]
)
def test_service_rejects_other_content_types(
    connection: http.client.HTTPConnection, content_type: str
) -> None:
    assert ask(connection, {}, content_type=content_type)[0] == 415
    assert ask(connection, b"load\n", "/score", "text/csv")[0] == 415


def test_service_rejects_other_addresses_and_methods(connection: http.client.HTTPConnection) -> None:
    for method, path, status, code in (
        ("GET", "/invocations", 405, "SCR405"), ("DELETE", "/ping", 405, "SCR405"),
        ("GET", "/../etc/passwd", 404, "SCR404"), ("POST", "/", 404, "SCR404"),
    ):  # fmt: skip
        connection.request(method, path)
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["code"]) == (status, code)


def test_service_rejects_large_bodies_with_and_without_content_length(
    connection: http.client.HTTPConnection,
) -> None:
    large = b" " * (MAX_BODY_BYTES + 1)
    status, answer = ask(connection, large)
    assert (status, answer["code"]) == (413, "SCR413")
    connection.close()
    pieces = iter([large[:600_000], large[600_000:]])
    connection.request(
        "POST", "/invocations", pieces, {"Content-Type": "application/json"}, encode_chunked=False
    )
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (413, "SCR413")


def test_service_answers_busy_above_its_limit_and_recovers(
    service: Service, connection: http.client.HTTPConnection, rows: pd.DataFrame
) -> None:
    slow = []
    for _ in range(MAX_CONCURRENCY):
        opened = socket.create_connection(("127.0.0.1", service.port))
        opened.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 10\r\n\r\n{"
        )
        slow.append(opened)
    good = {"dataframe_records": rows.head(1).to_dict("records")}
    deadline = time.monotonic() + 5
    status, answer = ask(connection, good)
    while status != 503 and time.monotonic() < deadline:
        status, answer = ask(connection, good)
    assert (status, answer["code"]) == (503, "SCR503")
    for opened in slow:
        opened.close()
    while status == 503 and time.monotonic() < deadline:
        status, answer = ask(connection, good)
    assert status == 200


def test_measuring_is_bounded_and_refuses_wrong_answers(service: Service, rows: pd.DataFrame) -> None:
    one = rows.head(1).to_dict("records")
    report = measure(service.url, one, concurrency=4, requests=400)
    assert report.requests == 400
    assert 0 < report.p50_ms <= report.p99_ms
    began = time.monotonic()
    assert measure(service.url, one, seconds=0.3).requests > 10
    assert time.monotonic() - began < 5
    with pytest.raises(ScoringError, match="SCR008"):
        measure(service.url, [{**one[0], "load": "nobody"}], requests=10)
    with pytest.raises(ScoringError, match=r"SCR009.*at dataframe_split\.data\[0\]\[1\]"):
        ScoringClient(service.url).predict([{**one[0], "target_hour": "never"}])


def test_service_stops_on_sigterm_and_ends_with_0(
    champion: RegisteredVersion, mlflow_server: str, tmp_path: Path, rows: pd.DataFrame
) -> None:
    service = start_service(tmp_path, mlflow_server, f"{champion.name}/{champion.version}")
    with ScoringClient(service.url) as client:
        assert client.describe()["alias"] is None
        assert len(client.predict(rows.head(2).to_dict("records"))) == 2
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=15) == 0, service.log.read_text()
    assert not (tmp_path / "port").exists()
    assert "Traceback" not in service.log.read_text()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("served.ml.load_forecast@nobody", "no alias nobody"),
        ("nobody.ml.x/1", "no model"),
        ("x", "no model reference"),
    ],
)
def test_service_rejects_unknown_models_in_one_sentence(
    champion: RegisteredVersion, mlflow_server: str, monkeypatch: pytest.MonkeyPatch, model: str, said: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    command = [sys.executable, "-m", "lakeplane_workloads.serving.service", "--model", model, "--port", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
