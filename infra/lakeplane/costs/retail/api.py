"""Azure's retail price API: public, without credentials, page by page.

Its answers are as "Azure Retail Prices overview" on Microsoft Learn shows them: an object with `Items` and
`NextPageLink`. azure-core does the asking, so that proxies, `Retry-After` and a moment's failures are dealt
with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import RetryPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["ENDPOINT", "RetailApi"]

ENDPOINT = "https://prices.azure.com/api/retail/prices"
"""The API's address."""

# Names are compared with case from this version on.
_VERSION = "2023-01-01-preview"
_MOST_PAGES = 50
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CONNECT_SECONDS = 8
_READ_SECONDS = 30
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "armRegionName": str,
    "armSkuName": (str, type(None)),
    "currencyCode": str,
    "effectiveStartDate": str,
    "meterId": str,
    "meterName": str,
    "productName": str,
    "retailPrice": (int, float),
    "serviceName": str,
    "skuName": (str, type(None)),
    "tierMinimumUnits": (int, float),
    "type": str,
    "unitOfMeasure": str,
}


@dataclass(frozen=True, slots=True)
class RetailApi:
    """The API at an address.

    Attributes:
        endpoint: Its address; Microsoft's if left out.
        retry_seconds: Seconds before the first repetition, which double each time.
    """

    endpoint: str = ENDPOINT
    retry_seconds: float = 1

    def rows(self, condition: str) -> Iterator[dict[str, Any]]:
        """Yield the prices that meet a condition, in USD.

        Args:
            condition: What the API calls `$filter`.

        Raises:
            SetupError: The API cannot be reached, refuses, or answers in another form.
        """
        self._refuse_plain_http()
        query = urlencode({"api-version": _VERSION, "currencyCode": "'USD'", "$filter": condition})
        url: str | None = f"{self.endpoint}?{query}"
        with self._pipeline() as pipeline:
            for _ in range(_MOST_PAGES):
                page = self._page(pipeline, str(url))
                yield from (row for row in page["Items"] if row["type"] == "Consumption")
                url = page["NextPageLink"]
                if not url:
                    return
                self._refuse_other_hosts(url)
        raise _failed("CST022", "the price API does not come to an end", f"more than {_MOST_PAGES} pages")

    def _pipeline(self) -> Pipeline[HttpRequest, HttpResponse]:
        transport = RequestsTransport(connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
        retry = RetryPolicy(
            retry_total=4,
            retry_connect=1,
            retry_read=2,
            retry_status=3,
            retry_backoff_factor=self.retry_seconds,
        )
        return Pipeline(transport, [UserAgentPolicy("lakeplane"), retry])

    def _page(self, pipeline: Pipeline[HttpRequest, HttpResponse], url: str) -> dict[str, Any]:
        try:
            answer = pipeline.run(HttpRequest("GET", url)).http_response
            page: Any = answer.json() if answer.status_code == 200 else None
        except (AzureError, OSError) as error:
            raise _unreachable(self.endpoint, str(error)) from error
        except ValueError as error:
            raise _failed("CST022", "the price API's answer is no JSON", str(error)[:200]) from error
        if answer.status_code != 200:
            found = f"status {answer.status_code} of {self.endpoint}"
            raise _failed("CST021", "the price API refuses", found)
        wrong = _wrong_in(page)
        if wrong:
            raise _failed("CST022", "the price API answers in another form", wrong)
        return {"Items": page["Items"], "NextPageLink": page.get("NextPageLink")}

    def _refuse_plain_http(self) -> None:
        asked = urlsplit(self.endpoint)
        if asked.scheme != "https" and asked.hostname not in _LOOPBACK:
            raise _failed(
                "CST025",
                "prices are read over https alone",
                f"found {self.endpoint!r}; allowed: https://, or http:// on this machine",
            )

    def _refuse_other_hosts(self, url: str) -> None:
        asked, told = urlsplit(self.endpoint), urlsplit(url)
        if (told.scheme, told.hostname) != (asked.scheme, asked.hostname):
            shown = f"{told.scheme}://{told.hostname}"
            raise _failed("CST023", "the price API's next page is on another host", f"found {shown}")


def _wrong_in(page: Any) -> str:
    if not isinstance(page, dict) or not isinstance(page.get("Items"), list):
        return "no list `Items`"
    if not isinstance(page.get("NextPageLink"), str | None):
        return "`NextPageLink` is no address"
    for row in page["Items"]:
        if not isinstance(row, dict):
            return "an item that is no object"
        for name, kind in _FIELDS.items():
            if not isinstance(row.get(name), kind) or isinstance(row.get(name), bool):
                return f"an item whose `{name}` is {row.get(name)!r:.60}"
        if row["currencyCode"] != "USD":
            return f"an item in {row['currencyCode']!r:.20}, where USD was asked for"
    return ""


def _unreachable(endpoint: str, why: str) -> SetupError:
    return SetupError(
        Diagnostic(
            code="CST020",
            summary="the price API cannot be reached",
            detail=f"{endpoint}: {why[:300]}",
            remedy="run it where the network lets this address through and commit stacks/prices.csv, "
            "or name a mirror with --endpoint; until then the bundled prices hold",
        )
    )


def _failed(code: str, summary: str, detail: str) -> SetupError:
    return SetupError(
        Diagnostic(
            code=code,
            summary=summary,
            detail=detail,
            remedy="try again later; nothing was written, and the prices at hand hold",
        )
    )
