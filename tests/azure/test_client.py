"""The client against a real server: signing in, paging, throttling, refusals and silence."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from azure.core.exceptions import ClientAuthenticationError
from services import Answer, Recorded, Signed, playing_back

from lakeplane.azure.client import Client
from lakeplane.azure.errors import AzureError
from lakeplane.azure.sign_in import identify

PATH = "/subscriptions/s/providers/Microsoft.Compute/skus"
API = "2021-07-01"


@pytest.fixture
def server() -> Iterator[Recorded]:
    with playing_back(Recorded()) as recorded:
        yield recorded


def client(server: Recorded, **more: float) -> Client:
    options = {"first_pause": 0.01, "timeout_seconds": 2.0, **more}
    return Client(Signed(), endpoint=server.url, **options)  # type: ignore[arg-type]


def error_of(server: Recorded, **more: float) -> AzureError:
    with pytest.raises(AzureError) as caught:
        client(server, **more).get(PATH, API)
    return caught.value


def test_every_request_has_a_token_and_an_api_version(server: Recorded) -> None:
    server.add("GET", PATH, Answer(body={"value": []}))
    assert client(server).get(PATH, API, _filter="location eq 'westeurope'") == {"value": []}
    asked = server.asked[0]
    assert asked.query == {"api-version": API, "$filter": "location eq 'westeurope'"}


def test_list_reads_every_page(server: Recorded) -> None:
    after = f"{server.url}{PATH}?api-version={API}&%24skiptoken=abc%3d"
    server.add(
        "GET",
        PATH,
        Answer(body={"value": [{"name": "a"}], "nextLink": after}),
        Answer(body={"value": [{"name": "b"}], "nextLink": None}),
    )
    assert [one["name"] for one in client(server).list(PATH, API)] == ["a", "b"]
    assert server.asked[1].query["$skiptoken"] == "abc="


def test_next_page_of_another_host_is_not_asked_for(server: Recorded) -> None:
    server.add("GET", PATH, Answer(body={"value": [], "nextLink": "http://127.0.0.1:1/elsewhere"}))
    with pytest.raises(AzureError, match="points to another host"):
        list(client(server).list(PATH, API))


def test_redirect_is_not_followed(server: Recorded) -> None:
    server.add("GET", PATH, Answer(302, {}, {"Location": "http://127.0.0.1:1/elsewhere"}))
    assert error_of(server).status == 302


def test_throttled_request_is_repeated_when_the_service_says(server: Recorded) -> None:
    # Source: Microsoft Learn, "Understand how Azure Resource Manager throttles requests".
    throttled = {
        "error": {"code": "SubscriptionRequestsThrottled", "message": "Number of requests exceeded."}
    }
    server.add("GET", PATH, Answer(429, throttled, {"Retry-After": "1"}), Answer(body={"value": []}))
    started = time.monotonic()
    assert client(server).get(PATH, API) == {"value": []}
    assert len(server.asked) == 2
    assert time.monotonic() - started >= 1


def test_long_throttle_is_told_and_not_waited_for(server: Recorded) -> None:
    throttled = {
        "error": {"code": "SubscriptionRequestsThrottled", "message": "Number of requests exceeded."}
    }
    server.add("GET", PATH, Answer(429, throttled, {"Retry-After": "600"}))
    error = error_of(server)
    assert (error.status, error.code, error.retry_after) == (429, "SubscriptionRequestsThrottled", 600)
    assert len(server.asked) == 1


def test_service_that_stumbles_is_asked_again(server: Recorded) -> None:
    server.add("GET", PATH, Answer(503, {}), Answer(500, b"<html>"), Answer(body={"value": [1]}))
    assert client(server).get(PATH, API) == {"value": [1]}


def test_silence_ends_in_bounded_time(server: Recorded) -> None:
    server.add("GET", PATH, Answer(delay=30))
    started = time.monotonic()
    error = error_of(server, timeout_seconds=0.2, retries=1)
    assert (error.status, error.code) == (0, "ServiceResponseTimeoutError")
    assert time.monotonic() - started < 10


def test_nobody_at_the_address_is_no_traceback(server: Recorded) -> None:
    alone = Client(Signed(), endpoint="http://127.0.0.1:1", retries=0)
    with pytest.raises(AzureError) as caught:
        alone.get(PATH, API)
    assert caught.value.status == 0


@pytest.mark.parametrize("status", [401, 403])
def test_refusal_keeps_azures_words(server: Recorded, status: int) -> None:
    # Source: waiting/transient_errors.py, MicrosoftDocs/azure-docs#74717.
    body = {"error": {"code": "AuthorizationFailed", "message": "The client\n does not have authorization."}}
    server.add("GET", PATH, Answer(status, body))
    error = error_of(server)
    assert error.is_refused
    assert str(error) == "AuthorizationFailed: The client does not have authorization."


def test_absent_is_none_but_an_unseen_subscription_is_an_error(server: Recorded) -> None:
    assert client(server).find(PATH, API) is None
    lost = {"error": {"code": "SubscriptionNotFound", "message": "The subscription 's' could not be found."}}
    server.add("GET", PATH, Answer(404, lost))
    with pytest.raises(AzureError, match="SubscriptionNotFound"):
        client(server).find(PATH, API)


def test_answer_that_is_no_json_is_an_error(server: Recorded) -> None:
    server.add("GET", PATH, Answer(body=b"<html>proxy says hello</html>"))
    assert error_of(server).code == "NotJson"


def test_tokens_never_travel_in_clear() -> None:
    with pytest.raises(ValueError, match="never travel in clear"):
        Client(Signed(), endpoint="http://management.azure.com")


def test_caller_is_who_the_token_says(server: Recorded) -> None:
    caller = identify(client(server))
    assert (caller.object_id[:8], caller.is_user) == ("0b1ec7a0", True)
    pipeline = Client(Signed(idtyp="app"), endpoint=server.url)
    assert not identify(pipeline).is_user


def test_missing_log_in_is_told_in_one_line(server: Recorded) -> None:
    class Nobody(Signed):
        def get_token(self, *scopes: str, **_: object) -> object:  # type: ignore[override]
            raise ClientAuthenticationError(
                "DefaultAzureCredential failed to retrieve a token from the included credentials.\n"
                "Attempted credentials:\n\tEnvironmentCredential: EnvironmentCredential authentication "
                "unavailable.\n\tAzureCliCredential: Azure CLI not found on path\nTo mitigate, see …"
            )

    with pytest.raises(AzureError) as caught:
        identify(Client(Nobody(), endpoint=server.url))
    assert caught.value.message == (
        "no credential is at hand; tried EnvironmentCredential, AzureCliCredential"
    )
    with pytest.raises(AzureError) as caught:
        Client(Nobody(), endpoint=server.url).get(PATH, API)
    assert caught.value.is_refused
