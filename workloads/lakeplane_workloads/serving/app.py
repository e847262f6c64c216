"""The scoring service's HTTP side: addresses, limits and answers.

The scoring addresses are bare ASGI applications: Starlette's request and response objects would take longer
than a forecast.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import mlflow
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lakeplane_workloads import provenance
from lakeplane_workloads.serving.model import ServedModel
from lakeplane_workloads.serving.problems import RequestProblemError
from lakeplane_workloads.serving.protocol import AZURE_FORMS, MLFLOW_FORMS, Rows, read_csv, read_json

__all__ = ["Limits", "create_app"]

_LOG = logging.getLogger(__name__)
_JSON = b"application/json"


@dataclass(frozen=True)
class Limits:
    """What one client may cost the others.

    Attributes:
        body_bytes: Largest body; larger ones are answered 413.
        concurrency: Requests in work at a time; more are answered 503.
        body_seconds: Time for a body to arrive; slower ones are answered 408.
    """

    body_bytes: int = 4 << 20
    concurrency: int = 64
    body_seconds: float = 10.0


def create_app(model: ServedModel, alias: str | None, limits: Limits) -> Starlette:
    """Build the service for one model.

    Args:
        model: The model; it stays the same for the life of the service.
        alias: The alias that it was found by, told at `/version`.
        limits: What one client may cost the others.
    """
    version = model.registered.version
    headers = [(b"x-model-name", version.name.encode()), (b"x-model-version", version.version.encode())]
    described = orjson.dumps(
        {
            "model": version.name,
            "version": version.version,
            "alias": alias,
            "run_id": version.run_id,
            "parameter_sha256": model.registered.forecasts.sha256,
            "data_version": version.tags.get("data_version"),
            "loads": len(model.registered.forecasts.loads),
            "service_version": provenance.version(),
            "mlflow_version": mlflow.__version__,
        }
    )

    def read_mlflow(body: bytes, content_type: bytes) -> Rows:
        if content_type == b"text/csv":
            return read_csv(body, model.columns, model.numeric)
        if content_type == _JSON:
            return read_json(body, MLFLOW_FORMS, model.columns)
        raise RequestProblemError(415, "SCR002", "the content type must be application/json or text/csv")

    def read_azure(body: bytes, content_type: bytes) -> Rows:
        if content_type == _JSON:
            return read_json(body, AZURE_FORMS, model.columns)
        raise RequestProblemError(415, "SCR002", "the content type must be application/json")

    async def healthy(_: Request) -> Response:
        return Response(b"\n", media_type="application/json")

    async def tell_version(_: Request) -> Response:
        return Response(described, media_type="application/json", headers=_text(headers))

    gate = _Gate(limits)
    return Starlette(
        routes=[
            Route("/invocations", _Scoring(model, read_mlflow, gate, headers), methods=["POST"]),
            Route("/score", _Scoring(model, read_azure, gate, headers), methods=["POST"]),
            Route("/ping", healthy),
            Route("/health", healthy),
            Route("/version", tell_version),
        ],
        exception_handlers={HTTPException: _explain, Exception: _apologise},
    )


def _text(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in headers}


def _answer(problem: RequestProblemError) -> Response:
    return Response(orjson.dumps(problem.to_dict()), problem.status, media_type="application/json")


async def _explain(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = {
        404: ("SCR404", "there is nothing at this address"),
        405: ("SCR405", "the method is not allowed here"),
    }
    code, message = said.get(status, ("SCR400", "the request is not understood"))
    answer = _answer(RequestProblemError(status, code, message))
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


async def _apologise(_: Request, error: Exception) -> Response:
    # The server's log gets the traceback; a client gets none of it.
    _LOG.error("a request failed", exc_info=error)
    return _answer(RequestProblemError(500, "SCR500", "the service failed; its log tells more"))


class _Gate:
    """Counts requests in work and reads their bodies within the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.in_work = 0

    async def read(self, scope: Scope, receive: Receive) -> tuple[bytes, bytes]:
        """Return body and media type of a request."""
        content_type = b""
        for key, value in scope["headers"]:
            if key == b"content-length" and int(value) > self.limits.body_bytes:
                self._too_large()
            elif key == b"content-type":
                content_type = _media_type(value)
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                return await self._body(receive), content_type
        except TimeoutError:
            raise RequestProblemError(408, "SCR408", "the body took too long to arrive") from None

    async def _body(self, receive: Receive) -> bytes:
        message = await receive()
        body: bytes = message.get("body", b"")
        if len(body) > self.limits.body_bytes:
            self._too_large()
        if not message.get("more_body"):
            return body
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.limits.body_bytes:
                self._too_large()
        return b"".join(parts)

    def _too_large(self) -> None:
        raise RequestProblemError(413, "SCR413", f"the body may have {self.limits.body_bytes} bytes at most")


def _media_type(value: bytes) -> bytes:
    """Return the media type without parameters; a charset other than UTF-8 leaves none."""
    media, _, parameters = value.lower().partition(b";")
    name, _, charset = parameters.strip().partition(b"=")
    if name == b"charset" and charset.strip(b'"') not in (b"utf-8", b"utf8", b"us-ascii"):
        return b""
    return media.strip()


class _Scoring:
    """One scoring address."""

    def __init__(
        self,
        model: ServedModel,
        read: Callable[[bytes, bytes], Rows],
        gate: _Gate,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._model = model
        self._read = read
        self._gate = gate
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate = self._gate
        status, retry = 200, []
        if gate.in_work >= gate.limits.concurrency:
            status, retry = 503, [(b"retry-after", b"1")]
            body = orjson.dumps(RequestProblemError(503, "SCR503", "the service is busy").to_dict())
        else:
            gate.in_work += 1
            try:
                content, content_type = await gate.read(scope, receive)
                predictions = self._model.score(self._read(content, content_type))
                body = orjson.dumps({"predictions": predictions})
            except RequestProblemError as problem:
                status, body = problem.status, orjson.dumps(problem.to_dict())
            finally:
                gate.in_work -= 1
        headers = [(b"content-type", _JSON), (b"content-length", b"%d" % len(body)), *self._headers, *retry]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
