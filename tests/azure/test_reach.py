"""Reach: real sockets and TLS on loopback, and a resolver that says what a network would."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from services import Authority, make_authority, speaking_tls

from lakeplane.azure.doors import Door, Entrance, entrance_of
from lakeplane.azure.reach import check_reach
from lakeplane.diagnostics import Diagnostic, Severity, to_text
from lakeplane.hub_planning import plan_hub
from lakeplane.planning import plan_environment
from lakeplane.spec import load_spec
from lakeplane.spec.hub import load_hub

SPECS = Path(__file__).parents[2] / "stacks" / "environments"
HOST = "workspace.test.example"
OPEN = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), HOST)


@pytest.fixture(scope="module")
def open_port(authority: Authority) -> Iterator[int]:
    with speaking_tls(authority.certificate, OPEN) as port:
        yield port


def door(port: int, authority: Authority, **more: Any) -> Door:
    values = {"name": "workspace", "host": HOST, "zone": "privatelink.azuredatabricks.net", "needed": True}
    return Door(**{**values, "port": port, "certificate_authority": authority.pem, **more})


def entrance(*doors: Door, private: bool = False, start: str = "") -> Entrance:
    return Entrance(doors, private, start, "/subscriptions/s/vnet")


def knock_at(
    what: Entrance, addresses: tuple[str, ...] = ("127.0.0.1",), **more: Any
) -> tuple[Diagnostic, ...]:
    options: dict[str, Any] = {"timeout_seconds": 2.0, "proxies": {}, **more}
    return check_reach(what, resolver=options.pop("resolver", lambda _: addresses), **options)


def only(findings: tuple[Diagnostic, ...]) -> Diagnostic:
    assert len(findings) == 1, to_text(findings)
    return findings[0]


def test_open_door_has_no_finding(open_port: int, authority: Authority) -> None:
    assert knock_at(entrance(door(open_port, authority))) == ()
    assert knock_at(entrance(door(open_port, authority), private=True)) == (), "loopback is no public address"


def test_reach_rejects_a_name_that_does_not_resolve(open_port: int, authority: Authority) -> None:
    def nobody(_: str) -> tuple[str, ...]:
        raise socket.gaierror(-2, "Name or service not known")

    start = "az containerapp job start --name caj-contoso-hub-westeurope"
    private = only(knock_at(entrance(door(open_port, authority), private=True, start=start), resolver=nobody))
    assert (private.code, private.severity) == ("RCH001", Severity.ERROR)
    assert "Name or service not known" in private.detail
    assert start in private.remedy
    assert "privatelink.azuredatabricks.net is not linked" in private.remedy
    listed = only(knock_at(entrance(door(open_port, authority)), resolver=nobody))
    assert (listed.code, listed.remedy[:21]) == ("RCH001", "correct this machine'")


def test_reach_rejects_a_public_address_of_a_private_environment_without_calling_there(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> socket.socket:
        raise AssertionError("nothing is sent to a public address")

    monkeypatch.setattr(socket, "create_connection", forbidden)
    found = only(knock_at(entrance(door(443, authority), private=True), ("10.0.0.4", "20.42.4.208")))
    assert found.code == "RCH002"
    assert "20.42.4.208" in found.detail
    assert "10.0.0.4" not in found.detail
    assert "deploy from a machine in /subscriptions/s/vnet" in found.remedy


def test_reach_rejects_a_closed_port(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = only(knock_at(entrance(door(port, authority))))
    assert found.code == "RCH004"
    assert found.remedy.startswith("add this network's exit to access.addresses")


def test_reach_rejects_a_host_that_stays_silent_in_bounded_time(authority: Authority) -> None:
    # A listener whose queue is full drops further connections, as a firewall does.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        started = time.monotonic()
        found = only(knock_at(entrance(door(port, authority)), timeout_seconds=0.3))
        for one in waiting:
            one.close()
    assert found.code == "RCH003"
    assert time.monotonic() - started < 5


def test_reach_does_not_wait_for_a_resolver_that_hangs(open_port: int, authority: Authority) -> None:
    release = threading.Event()

    def slow(host: str) -> tuple[str, ...]:
        if host != HOST:
            release.wait(30)
        return ("127.0.0.1",)

    stuck = door(open_port, authority, name="registry", host="stuck.test.example", needed=False)
    found = only(knock_at(entrance(stuck, door(open_port, authority)), resolver=slow, timeout_seconds=0.3))
    release.set()
    assert (found.code, found.severity) == ("RCH003", Severity.WARNING)
    assert "contents come up without it" in found.detail


def test_reach_rejects_a_certificate_of_somebody_else(
    open_port: int, authority: Authority, tmp_path: Path
) -> None:
    stranger = make_authority(tmp_path, "other.test.example")
    unknown = only(knock_at(entrance(door(open_port, stranger))))
    assert (unknown.code, "certificate" in unknown.detail) == ("RCH005", True)
    with speaking_tls(stranger.certificate, OPEN) as port:
        renamed = only(knock_at(entrance(door(port, stranger))))
    assert renamed.code == "RCH005"
    assert "match" in renamed.detail.lower()


def test_reach_rejects_a_host_that_speaks_no_tls(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            plain, _ = server.accept()
            plain.recv(100)
            plain.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        found = only(knock_at(entrance(door(server.getsockname()[1], authority))))
        thread.join()
    assert found.code == "RCH005"


# Bodies as users report them; see the sources in `lakeplane.azure.reach`.
BLOCKED = {
    "databricks": (
        '{"error_code":403,"message":"Source IP address: 198.51.100.7 is blocked by Databricks IP ACL for '
        'workspace: 7474646471015793 [ReqId: d326a0e7-36b8-4972-85c0-f75a17f7d175]"}',
        "198.51.100.7",
    ),
    "databricks private": (
        '{"error_code":"403","message":"Unauthorized network access to workspace: 1234567890123456"}',
        "",
    ),
    "registry": (
        '{"errors":[{"code":"DENIED","message":"client with IP \'198.51.100.7\' is not allowed access. '
        'Refer https://aka.ms/acr/firewall to grant access."}]}',
        "198.51.100.7",
    ),
    "vault": (
        '{"error":{"code":"Forbidden","message":"Client address is not authorized and caller is not a '
        'trusted service.\\r\\nClient address: 198.51.100.7\\r\\nCaller: appid=x"}}',
        "198.51.100.7",
    ),
}


@pytest.mark.parametrize("service", BLOCKED)
def test_reach_rejects_a_service_whose_firewall_refuses(service: str, authority: Authority) -> None:
    body, ours = BLOCKED[service]
    answer = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    with speaking_tls(authority.certificate, answer.encode()) as port:
        found = only(knock_at(entrance(door(port, authority))))
    assert found.code == "RCH006"
    assert found.remedy.startswith(
        f"add {ours}, as the service sees us, to access" if ours else "add this network's exit to access"
    )


def test_all_doors_are_told_at_once(open_port: int, authority: Authority) -> None:
    doors = [door(1, authority, name=f"door {n}", host=f"d{n}.test.example") for n in range(5)]
    found = knock_at(entrance(*doors, door(open_port, authority)))
    assert [one.resource for one in found] == [f"d{n}.test.example" for n in range(5)]


def test_proxy_is_told_and_not_passed_silently(open_port: int, authority: Authority) -> None:
    by = {"https": "http://proxy.test.example:3128"}
    found = only(knock_at(entrance(door(open_port, authority)), proxies=by))
    assert (found.code, found.severity) == ("RCH007", Severity.WARNING)
    assert knock_at(entrance(door(open_port, authority)), proxies={**by, "no": HOST}) == ()


def test_unknown_authority_of_a_cluster_is_no_finding(open_port: int, authority: Authority) -> None:
    cluster = door(open_port, authority, certificate_authority="", own_authority=True)
    assert knock_at(entrance(cluster)) == ()


FOUNDATION = {
    "databricks_workspace_url": "adb-1234567890123456.7.azuredatabricks.net",
    "aks_fqdn": "aks-contoso-dev.hcp.westeurope.azmk8s.io",
    "aks_certificate_authority": base64.b64encode(b"-----BEGIN CERTIFICATE-----\n").decode(),
    "key_vault_name": "kv-contoso-dev",
    "container_registry_server": "crcontosodev.azurecr.io",
    "storage_account_name": "stcontosodev",
}


def test_doors_follow_from_the_foundations_outputs() -> None:
    plan = plan_environment(load_spec(SPECS / "dev.yaml"))
    found = entrance_of(plan, FOUNDATION)
    assert [(one.host, one.needed) for one in found.doors] == [
        ("adb-1234567890123456.7.azuredatabricks.net", True),
        ("aks-contoso-dev.hcp.westeurope.azmk8s.io", True),
        ("kv-contoso-dev.vault.azure.net", False),
        ("crcontosodev.azurecr.io", False),
        ("stcontosodev.blob.core.windows.net", False),
        ("stcontosodev.dfs.core.windows.net", False),
    ]
    assert not found.private
    assert found.doors[1].certificate_authority.startswith("-----BEGIN")


def test_host_that_the_foundation_does_not_tell_is_an_error() -> None:
    plan = plan_environment(load_spec(SPECS / "dev.yaml"))
    found = knock_at(entrance_of(plan, {}), addresses=())
    assert [one.code for one in found] == ["RCH008", "RCH008", "RCH001", "RCH001", "RCH001", "RCH001"]
    assert [one.severity.value for one in found[:2]] == ["error", "error"]


def test_remedy_of_a_private_environment_names_the_hubs_runner() -> None:
    hub = plan_hub(load_hub(SPECS / "hub.yaml"))
    digest = "registry.contoso.example/lakeplane@sha256:" + "a" * 64
    runner = hub.spec.model_copy(
        update={"runner": hub.spec.runner.model_copy(update={"image": digest}) if hub.spec.runner else None}
    )
    facts = plan_hub(runner).facts
    plan = plan_environment(load_spec(SPECS / "prod.yaml"), facts)
    start = entrance_of(plan, FOUNDATION).start_runner
    assert start == "lakeplane up prod --target azure --through-runner"
