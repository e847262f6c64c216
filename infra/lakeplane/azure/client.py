"""One way to ask Azure Resource Manager, and Databricks' account: azure-core's pipeline and plain REST.

No management SDK is needed for the few requests that lakeplane makes beside the providers. The pipeline
signs in, repeats what is throttled or not answered, and gives up in bounded time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError as CoreError
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline import Pipeline, PipelineResponse
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest

from lakeplane import __version__
from lakeplane.azure.errors import AzureError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

__all__ = ["ARM", "DATABRICKS_ACCOUNTS", "Client", "Headers"]

ARM = "https://management.azure.com"
DATABRICKS_ACCOUNTS = "https://accounts.azuredatabricks.net"

Headers = Mapping[str, str]

# Microsoft Learn, "Get Microsoft Entra ID tokens": the application id of Azure Databricks.
_SCOPES = {DATABRICKS_ACCOUNTS: "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class _BoundedRetry(RetryPolicy[Any, Any]):
    """Repeats what may pass soon; who is told to come back in minutes is told so, not kept waiting."""

    def __init__(self, longest_pause: float, **options: Any) -> None:
        super().__init__(**options)
        self._longest = longest_pause

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        asked = self.get_retry_after(response)
        if asked is not None and asked > self._longest:
            return False
        return bool(super().is_retry(settings, response))


class Client:
    """Asks one service, in the name of one credential; may be used from several threads.

    Args:
        credential: Who asks.
        endpoint: Address of the service, ARM's public one if left out. HTTP is taken on loopback only.
        timeout_seconds: Seconds that one answer may take; 30 if left out.
        retries: How often a request is repeated that was throttled or not answered; 3 if left out.
        longest_pause: Most seconds to wait before repeating; 20 if left out.
        first_pause: Seconds before the first repetition where the service names none; doubled each time.
    """

    def __init__(
        self,
        credential: TokenCredential,
        *,
        endpoint: str = ARM,
        timeout_seconds: float = 30.0,
        retries: int = 3,
        longest_pause: float = 20.0,
        first_pause: float = 0.8,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.credential = credential
        parts = urlsplit(self.endpoint)
        self._plain = parts.scheme == "http"
        if self._plain and parts.hostname not in _LOOPBACK:
            raise ValueError(f"tokens never travel in clear: {endpoint}")
        self.scope = _SCOPES.get(self.endpoint, f"{ARM}/.default")
        self._timeouts = {"connection_timeout": min(10.0, timeout_seconds), "read_timeout": timeout_seconds}
        self._pipeline: Pipeline[Any, Any] = Pipeline(
            transport=RequestsTransport(),
            policies=[
                UserAgentPolicy(f"lakeplane/{__version__}", user_agent_overwrite=True),
                _BoundedRetry(
                    longest_pause,
                    retry_total=retries,
                    retry_backoff_factor=first_pause,
                    retry_backoff_max=longest_pause,
                ),
                BearerTokenCredentialPolicy(credential, self.scope),
            ],
        )

    def get(self, path: str, api_version: str | None = None, **query: str) -> dict[str, Any]:
        """Read something.

        Args:
            path: What follows the endpoint, such as an ARM id.
            api_version: The service's `api-version`; ARM refuses a request without one.
            query: Further parameters; an underscore in front stands for a dollar sign.

        Raises:
            AzureError: The service refused or didn't answer.
        """
        return self._send("GET", path, api_version, None, query)[0]

    def find(self, path: str, api_version: str | None = None, **query: str) -> dict[str, Any] | None:
        """Read something that may be absent.

        Raises:
            AzureError: The service refused or didn't answer.
        """
        try:
            return self.get(path, api_version, **query)
        except AzureError as error:
            if error.is_absent and error.code not in _LOST_PARENTS:
                return None
            raise

    def list(self, path: str, api_version: str | None = None, **query: str) -> Iterator[dict[str, Any]]:
        """Read every page of a list.

        Raises:
            AzureError: The service refused, didn't answer, or named a next page elsewhere.
        """
        page = self.get(path, api_version, **query)
        while True:
            yield from page.get("value") or ()
            following = page.get("nextLink")
            if not following:
                return
            page = self.follow(following)[0]

    def follow(self, url: str) -> tuple[dict[str, Any], Headers]:
        """Read an address that the service itself named; never one of another host, for the token goes along.

        Raises:
            AzureError: It is another host's, or the service refused or didn't answer.
        """
        here, there = urlsplit(self.endpoint), urlsplit(url)
        if (here.scheme, here.netloc.lower()) != (there.scheme, there.netloc.lower()):
            raise AzureError(0, "ForeignLink", f"the service points to another host, {there.netloc}")
        return self._send("GET", url, None, None, {})

    def put(self, path: str, api_version: str, body: Any) -> tuple[dict[str, Any], Headers]:
        """Write something; what comes back is the service's first answer, which may be before it is done.

        Raises:
            AzureError: The service refused or didn't answer.
        """
        return self._send("PUT", path, api_version, body, {})

    def post(self, path: str, api_version: str, body: Any = None, *, once: bool = False) -> dict[str, Any]:
        """Ask for an action.

        Args:
            path: What follows the endpoint, such as an ARM id and the action.
            api_version: The service's `api-version`.
            body: What goes along.
            once: Never repeat it, for an action that two requests do twice; repeated if left out.

        Raises:
            AzureError: The service refused or didn't answer.
        """
        return self._send("POST", path, api_version, body, {}, **({"retry_total": 0} if once else {}))[0]

    def _send(
        self,
        method: str,
        path: str,
        api_version: str | None,
        body: Any,
        query: Mapping[str, str],
        **told: int,
    ) -> tuple[dict[str, Any], Headers]:
        url = path if "://" in path else f"{self.endpoint}{path}"
        params = {f"${name[1:]}" if name.startswith("_") else name: value for name, value in query.items()}
        if api_version is not None:
            params["api-version"] = api_version
        request = HttpRequest(method, url, params=params, json=body)
        request.headers["Accept"] = "application/json"
        options: dict[str, Any] = {**self._timeouts, **told}
        if self._plain:
            options["enforce_https"] = False
        try:
            answer: PipelineResponse[Any, Any] = self._pipeline.run(request, **options)
        except ClientAuthenticationError as error:
            raise AzureError(401, "SignInFailed", _first_line(error)) from error
        except CoreError as error:
            raise AzureError(0, type(error).__name__, _first_line(error)) from error
        response = answer.http_response
        found = _decode(response)
        if response.status_code >= 300:  # redirects are not followed: the token would go along
            after = response.headers.get("Retry-After", "")
            raise AzureError.from_answer(
                response.status_code, found, float(after) if after.isdecimal() else None
            )
        if not isinstance(found, dict):
            raise AzureError(response.status_code, "NotJson", "the answer is no JSON object")
        return found, dict(response.headers)


# A 404 for one of these says that the question was wrong, not that the answer is no.
_LOST_PARENTS = frozenset({"SubscriptionNotFound", "InvalidResourceType", "InvalidResourceNamespace"})


def _decode(response: Any) -> Any:
    text = response.text()
    if not text.strip():
        return {}
    try:
        return json.loads(text)
    except ValueError:
        return None


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0].strip() if lines else type(error).__name__
