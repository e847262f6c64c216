"""Whether this machine reaches what contents are deployed into, before anything of them is touched.

Each host is resolved, connected to, asked for its certificate and, without a credential, for one page: the
services answer those whom their firewalls don't know, and say in the answer that they refuse.
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from lakeplane.azure.doors import Door
from lakeplane.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from lakeplane.azure.doors import Entrance

__all__ = ["Attempt", "Resolve", "check_reach", "knock", "resolve"]

Resolve = Callable[[str], Sequence[str]]
"""Finds the addresses of a host; raises `OSError` if there are none."""

_TIMEOUT_SECONDS = 10.0

# What Azure's services answer from behind a firewall. Databricks' IP access list: omnigent-ai/omnigent#4463;
# a workspace without public access: "Unauthorized network access to workspace", as its users report it.
# Container Registry: Microsoft Learn, "Troubleshoot network issues with registry"; Key Vault: "Azure Key
# Vault REST API error codes".
_REFUSALS = re.compile(
    r"blocked by Databricks IP ACL|Unauthorized network access"
    r"|client with IP .{0,60}is not allowed access|ForbiddenByFirewall|Client address is not authorized",
    re.IGNORECASE,
)
_OUR_ADDRESS = re.compile(
    r"(?:Source IP address:|client with IP|Client address:)\s*'?([0-9a-fA-F.:]{3,39}[0-9a-fA-F])"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of knocking at one door.

    Attributes:
        door: Which.
        failure: What failed, a key of the table of codes; nothing if the door is open.
        detail: What was found, in a few words.
        addresses: What the host's name resolves to.
        our_address: Public address that we come from, where the service told it.
    """

    door: Door
    failure: str = ""
    detail: str = ""
    addresses: tuple[str, ...] = ()
    our_address: str = ""


def resolve(host: str) -> Sequence[str]:
    """Ask this machine's resolver for a host's addresses.

    Raises:
        OSError: There are none.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def check_reach(
    entrance: Entrance,
    *,
    resolver: Resolve = resolve,
    timeout_seconds: float = _TIMEOUT_SECONDS,
    proxies: Mapping[str, str] | None = None,
) -> tuple[Diagnostic, ...]:
    """Knock at every door at once.

    Args:
        entrance: The doors, and what to do before those that stay closed.
        resolver: Finds addresses; this machine's resolver if left out.
        timeout_seconds: Seconds for each of a door's steps; all of it ends after three times that.
        proxies: Proxies by scheme, and under `no` who is reached without; this machine's if left out.

    Returns:
        The findings in the order of the doors; an error for each closed door that contents need, a warning
        for each other. Empty if all are open.
    """
    by = getproxies() if proxies is None else proxies
    answers: queue.Queue[tuple[int, Attempt]] = queue.Queue()

    def visit(index: int, door: Door) -> None:
        answers.put((index, knock(door, entrance.private, resolver, timeout_seconds, by)))

    for index, door in enumerate(entrance.doors):
        # A resolver cannot be interrupted; a thread of its own neither holds up the others nor the end.
        threading.Thread(target=visit, args=(index, door), name=f"reach-{door.name}", daemon=True).start()
    found: dict[int, Attempt] = {}
    deadline = time.monotonic() + 3 * timeout_seconds
    while len(found) < len(entrance.doors) and (left := deadline - time.monotonic()) > 0:
        try:
            index, attempt = answers.get(timeout=left)
        except queue.Empty:
            break
        found[index] = attempt
    attempts = [
        found.get(index, Attempt(door, "timeout", f"no answer within {3 * timeout_seconds:.0f} s"))
        for index, door in enumerate(entrance.doors)
    ]
    return tuple(_findings(entrance, attempts))


def knock(
    door: Door, private: bool, resolver: Resolve, timeout_seconds: float, proxies: Mapping[str, str]
) -> Attempt:
    """Resolve one door's host, connect, shake hands, and ask for one page."""
    if not door.host:
        return Attempt(door, "unknown", "no host in the foundation's outputs")
    if "https" in proxies and not proxy_bypass(door.host, proxies):
        # The proxy resolves and connects; what it may do is not seen from here.
        return Attempt(door, "proxy", "HTTPS_PROXY sends it through a proxy, so it is not checked")
    try:
        addresses = tuple(resolver(door.host))
    except OSError as error:
        return Attempt(door, "unresolved", error.strerror or str(error))
    if not addresses:
        return Attempt(door, "unresolved", "no address")
    if private and (public := [one for one in addresses if _is_public(one)]):
        return Attempt(door, "public", ", ".join(public), addresses)
    return _connect(door, addresses, timeout_seconds)


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def _connect(door: Door, addresses: tuple[str, ...], timeout_seconds: float) -> Attempt:
    last: OSError | None = None
    for address in addresses:
        try:
            with socket.create_connection((address, door.port), timeout_seconds) as plain:
                return _shake_hands(door, plain, addresses)
        except OSError as error:
            last = error
    what = "timeout" if isinstance(last, TimeoutError) else "refused"
    told = "no answer" if what == "timeout" else str(getattr(last, "strerror", None) or last)
    return Attempt(door, what, f"{', '.join(addresses)}: {told}", addresses)


def _shake_hands(door: Door, plain: socket.socket, addresses: tuple[str, ...]) -> Attempt:
    context = ssl.create_default_context(cadata=door.certificate_authority or None)
    if door.own_authority and not door.certificate_authority:
        # Who signs the certificate is not known here, and nothing confidential follows.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        secure = context.wrap_socket(plain, server_hostname=door.host)
    except ssl.SSLCertVerificationError as error:
        return Attempt(door, "tls", error.verify_message or str(error), addresses)
    except (ssl.SSLError, ConnectionError) as error:
        return Attempt(door, "tls", f"the handshake was broken off: {error.strerror or error}", addresses)
    with secure:
        return _ask(door, secure, addresses)


def _ask(door: Door, secure: ssl.SSLSocket, addresses: tuple[str, ...]) -> Attempt:
    """Ask for a page without a credential; any answer but a firewall's means that the door is open."""
    connection = http.client.HTTPSConnection(door.host, door.port)
    connection.sock = secure
    try:
        connection.request("GET", door.page, headers={"User-Agent": "lakeplane"})
        body = connection.getresponse().read(4096).decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return Attempt(door, "refused", f"the connection was closed: {error}", addresses)
    if not _REFUSALS.search(body):
        return Attempt(door, addresses=addresses)
    ours = _OUR_ADDRESS.search(body)
    return Attempt(door, "blocked", " ".join(body.split())[:300], addresses, ours[1] if ours else "")


def _findings(entrance: Entrance, attempts: Sequence[Attempt]) -> Iterator[Diagnostic]:
    for attempt in attempts:
        if not attempt.failure:
            continue
        door = attempt.door
        code, summary = _WORDS[attempt.failure]
        yield Diagnostic(
            code=code,
            summary=f"{door.name}: {summary}",
            severity=Severity.ERROR if door.needed and attempt.failure != "proxy" else Severity.WARNING,
            detail=(f"{door.host}:{door.port}, found {attempt.detail}" if door.host else attempt.detail)
            + ("" if door.needed else "; contents come up without it"),
            remedy=entrance.remedy(attempt.failure, door, attempt.our_address),
            resource=door.host or None,
        )


_WORDS = {
    "unresolved": ("RCH001", "its name does not resolve here"),
    "public": ("RCH002", "its name resolves to a public address, although access is private"),
    "timeout": ("RCH003", "it does not answer"),
    "refused": ("RCH004", "the connection is refused"),
    "tls": ("RCH005", "it shows another certificate, or none"),
    "blocked": ("RCH006", "it refuses this network"),
    "proxy": ("RCH007", "it is reached through a proxy"),
    "unknown": ("RCH008", "its host is not known"),
}
