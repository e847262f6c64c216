"""Azure's retail price API on loopback: real HTTP, its paging and its filter, over rows that a test gives.

The shapes are those of "Azure Retail Prices overview" (Microsoft Learn) and of answers that
TheCloudTheory/arm-estimator recorded (`ace-tests/mocked-responses/retail-api/`, 2026-07-10). The filter is
evaluated as the service does: names compared with case, `and`, `or`, brackets.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["RetailServer", "price_row", "serving"]

_TOKEN = re.compile(r"\s*(\(|\)|and\b|or\b|(\w+) eq '([^']*)')")
_NAMES = {"priceType": "type"}


def price_row(**given: Any) -> dict[str, Any]:
    """Return a row in the form of a recorded one; what is given replaces its values."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": 1.0,
        "unitPrice": 1.0,
        "armRegionName": "westeurope",
        "location": "EU West",
        "effectiveStartDate": "2018-05-01T00:00:00Z",
        "meterId": "137d3f72-fe0e-4a78-b5d0-92d704aa3cac",
        "meterName": "P10 LRS Disk",
        "productId": "DZH318Z0BP04",
        "skuId": "DZH318Z0BP04/0080",
        "productName": "Premium SSD Managed Disks",
        "skuName": "P10 LRS",
        "serviceName": "Storage",
        "serviceId": "DZH317F1HKN0",
        "serviceFamily": "Storage",
        "unitOfMeasure": "1/Month",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "Premium_SSD_Managed_Disk_P10",
        **given,
    }


@dataclass(slots=True)
class RetailServer:
    """What the server answers, and what it was asked.

    Attributes:
        rows: All prices.
        page_size: Rows of one page.
        failures: Statuses that the next requests get instead of an answer.
        body: What every request gets instead of an answer.
        next_host: Host that the address of the next page names; the server's own if left out.
        asked: Paths and queries of all requests.
        url: Its address.
    """

    rows: list[dict[str, Any]]
    page_size: int = 100
    failures: list[int] = field(default_factory=list)
    body: bytes | None = None
    next_host: str | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        """Answer a request."""
        self.asked.append(path)
        if self.failures:
            return self.failures.pop(0), b""
        if self.body is not None:
            return 200, self.body
        query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        assert query["api-version"] == "2023-01-01-preview"
        assert query["currencyCode"] == "'USD'"
        found = [row for row in self.rows if _holds(query["$filter"], row)]
        start = int(query.get("$skip", 0))
        page = found[start : start + self.page_size]
        more = None
        if start + self.page_size < len(found):
            base = re.sub(r"&(\$|%24)skip=\d+", "", path)
            host = self.next_host or self.url.rpartition("/api")[0]
            more = f"{host}{base}&$skip={start + self.page_size}"
        document = {
            "BillingCurrency": "USD",
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": page,
            "NextPageLink": more,
            "Count": len(page),
        }
        return 200, json.dumps(document).encode()


@contextmanager
def serving(server: RetailServer) -> Iterator[RetailServer]:
    """Serve on a free port of loopback as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = server.answer(self.path)
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}/api/retail/prices"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _holds(condition: str, row: dict[str, Any]) -> bool:
    """Evaluate a filter; one of another form fails the test."""
    text, position = "", 0
    while position < len(condition):
        token = _TOKEN.match(condition, position)
        assert token is not None, condition[position:]
        position = token.end()
        name = token[2]
        if name is None:
            text += f" {token[1]} "
        else:
            text += f" {row[_NAMES.get(name, name)] == token[3]} "
    return bool(eval(text, {"__builtins__": {}}))
