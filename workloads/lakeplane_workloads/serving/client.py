"""A client of the scoring service and a bounded measurement of its latency, by the standard library alone."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

__all__ = ["LatencyReport", "ScoringClient", "ScoringError", "measure"]

_TIMEOUT_SECONDS = 30.0


class ScoringError(RuntimeError):
    """Raised when the service refuses a request or gives no proper answer."""


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """What a measurement found.

    Attributes:
        requests: Requests that were answered.
        per_second: Requests answered in a second, over all connections.
        p50_ms: Median time from sending a request to having its whole answer.
        p99_ms: Time within which 99 of 100 requests were answered.
    """

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


def _payload(rows: Sequence[Mapping[str, Any]]) -> bytes:
    if not rows:
        raise ValueError("there are no rows to score")
    columns = list(rows[0])
    split = {"columns": columns, "data": [[row[column] for column in columns] for row in rows]}
    return json.dumps({"dataframe_split": split}, allow_nan=False).encode()


class ScoringClient:
    """Asks one scoring service for forecasts, over one connection that is opened again when it was closed.

    Args:
        url: Address of the service, such as `http://127.0.0.1:8080`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the address must start with http:// or https://")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> ScoringClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """Return one forecast a row, in MW.

        Args:
            rows: Rows of `feature_rows`; all have the columns of the first.

        Raises:
            ScoringError: If the service refuses them; the message has its code and path.
        """
        answer = self._ask("POST", "/invocations", _payload(rows))
        return [float(value) for value in answer["predictions"]]

    def version(self) -> str:
        """Return the version number of the model that is served."""
        return str(self.describe()["version"])

    def describe(self) -> dict[str, Any]:
        """Return what the service says of itself: model, version, alias, hashes."""
        return self._ask("GET", "/version")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        for last in (False, True):
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                content = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                # An idle connection may have been closed by the service: forecasts may be asked for twice.
                self._connection.close()
                if last:
                    raise ScoringError(f"the service does not answer: {error}") from error
            except OSError as error:
                self._connection.close()
                raise ScoringError(f"the service cannot be reached: {error}") from error
        answer = json.loads(content)
        if response.status != http.client.OK:
            where = f" at {answer['path']}" if answer.get("path") else ""
            raise ScoringError(f"{answer.get('code', response.status)}: {answer.get('message', '')}{where}")
        return dict(answer)


def measure(
    url: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    concurrency: int = 1,
    requests: int | None = None,
    seconds: float | None = None,
    warm_up: int = 50,
) -> LatencyReport:
    """Send the same request over and over, each connection waiting for its answer before it asks again.

    The client runs on the same machine as a local service and takes its share of the processor: the rate is a
    lower bound of what the service could do.

    Args:
        url: Address of the service; plain `http://` only.
        rows: Rows of one request.
        concurrency: Connections.
        requests: Requests to send in all; 1000 if neither this nor `seconds` is given.
        seconds: Time after which no more requests are sent.
        warm_up: Requests on each connection that are sent first and not counted.

    Raises:
        ScoringError: If a request is refused, answers differ from each other, or the service stops answering.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("the address must start with http://")
    if concurrency < 1:
        raise ValueError("there must be at least one connection")
    body = _payload(rows)
    head = (
        f"POST /invocations HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    budget = _Budget(requests if requests is not None or seconds is not None else 1000, seconds)
    return asyncio.run(
        _run(parts.hostname, parts.port or 80, head.encode() + body, budget, concurrency, warm_up)
    )


class _Budget:
    """How many requests, and until when, all connections together may send."""

    def __init__(self, requests: int | None, seconds: float | None) -> None:
        self._left = requests
        self._seconds = seconds
        self._until = float("inf")

    def start(self) -> None:
        if self._seconds is not None:
            self._until = time.perf_counter() + self._seconds

    def take(self) -> bool:
        """Take one request, if there is one left."""
        if time.perf_counter() >= self._until or self._left == 0:
            return False
        if self._left is not None:
            self._left -= 1
        return True


class _Connection(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._budget = _Budget(0, None)
        self._done: asyncio.Future[None] | None = None
        self.latencies: list[float] = []
        self.answers: set[bytes] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    async def spend(self, budget: _Budget) -> None:
        """Send requests until the budget is spent."""
        self._budget = budget
        self.latencies.clear()
        self._done = asyncio.get_running_loop().create_future()
        self._next()
        await self._done

    def _next(self) -> None:
        if self._done is None or self._done.done() or self._transport is None:
            return
        if not self._budget.take():
            self._done.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self._received = b""
        if not lines[0].startswith(b"http/1.1 200"):
            self._fail(
                ScoringError(f"the service refused the request: {body[:500].decode(errors='replace')}")
            )
            return
        self.answers.add(body)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ScoringError(f"the service closed the connection: {exc or 'without an answer'}"))

    def _fail(self, error: ScoringError) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


async def _run(
    host: str, port: int, request: bytes, budget: _Budget, concurrency: int, warm_up: int
) -> LatencyReport:
    loop = asyncio.get_running_loop()
    connections: list[_Connection] = []
    try:
        for _ in range(concurrency):
            _, connection = await loop.create_connection(lambda: _Connection(request), host, port)
            connections.append(connection)
        await _spend(connections, [_Budget(warm_up, None) for _ in connections])
        budget.start()
        began = time.perf_counter()
        await _spend(connections, [budget] * concurrency)
        elapsed = time.perf_counter() - began
    except OSError as error:
        raise ScoringError(f"the service cannot be reached: {error}") from error
    finally:
        for connection in connections:
            connection.close()
    if len(set[bytes]().union(*(connection.answers for connection in connections))) != 1:
        raise ScoringError("the service gave different answers to the same request")
    latencies = sorted(latency for connection in connections for latency in connection.latencies)
    if not latencies:
        raise ScoringError("no request was answered in the time given")
    return LatencyReport(
        requests=len(latencies),
        per_second=len(latencies) / elapsed,
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)],
    )


async def _spend(connections: Sequence[_Connection], budgets: Sequence[_Budget]) -> None:
    async with asyncio.timeout(600):
        await asyncio.gather(
            *(connection.spend(budget) for connection, budget in zip(connections, budgets, strict=True))
        )
