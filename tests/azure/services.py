"""Real servers on loopback: one that plays back recorded answers, and one that speaks TLS."""

from __future__ import annotations

import base64
import datetime
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from azure.core.credentials import AccessToken
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["Answer", "Asked", "Authority", "Recorded", "Signed", "make_authority", "playing_back"]

OBJECT_ID = "0b1ec7a0-0000-4000-8000-00000000000a"


class Signed:
    """A credential that gives a token as Entra does: three parts, the second of them claims."""

    def __init__(self, tenant: str = "de000000-0000-4000-8000-000000000002", **claims: str) -> None:
        self.claims = {"oid": OBJECT_ID, "tid": tenant, "idtyp": "user", **claims}
        self.given = 0

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        assert scopes, "a scope is asked for"
        self.given += 1
        body = base64.urlsafe_b64encode(json.dumps(self.claims).encode()).decode().rstrip("=")
        return AccessToken(f"e30.{body}.c2ln", 4_102_444_800)


@dataclass(frozen=True)
class Answer:
    """One recorded answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any


Handler = Callable[[Asked], Answer]


@dataclass
class Recorded:
    """Answers by method and path; several in a row for a path are given one after the other.

    A request without a token, or to ARM without an api-version, is refused as ARM refuses it; one that
    nothing is recorded for gets 404 with ARM's words.
    """

    answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    handler: Handler | None = None

    def add(self, method: str, path: str, *answers: Answer) -> None:
        self.answers[method, path.lower()] = list(answers)

    def answer(self, asked: Asked, token: str) -> Answer:
        self.asked.append(asked)
        if not token.startswith("Bearer "):
            return _error(401, "AuthenticationFailed", "Authentication failed. No token.")
        if asked.path.lower().startswith("/subscriptions") and "api-version" not in asked.query:
            return _error(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
        if self.handler is not None:
            return self.handler(asked)
        found = self.answers.get((asked.method, asked.path.lower()))
        if found is None:
            return _error(404, "ResourceNotFound", f"nothing is recorded for {asked.path}")
        return found.pop(0) if len(found) > 1 else found[0]


def _error(status: int, code: str, message: str, **headers: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}}, headers)


@contextmanager
def playing_back(recorded: Recorded) -> Iterator[Recorded]:
    """Serve what is recorded, until the block ends."""

    class Handling(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer; two would wait for each other's acknowledgement

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length)
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(self.command, parts.path, query, json.loads(text) if text else None)
            found = recorded.answer(asked, self.headers.get("Authorization", ""))
            if found.delay:
                stopping.wait(found.delay)
            body = found.body if isinstance(found.body, bytes) else json.dumps(found.body).encode()
            try:
                self.send_response(found.status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                pass  # the client gave up, as some tests want it to

        do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    stopping = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handling)
    server.daemon_threads = True
    recorded.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield recorded
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Authority:
    """A certificate authority, and a certificate that it signed."""

    pem: str
    certificate: Path


def make_authority(directory: Path, host: str) -> Authority:
    """Make an authority, and let it sign a certificate for one host."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(tz=datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])

    def build(subject: str, public: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    root = (
        build("tests", key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    own = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        build(host, own.public_key())
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = directory / f"{host}.pem"
    file.write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    return Authority(root.public_bytes(serialization.Encoding.PEM).decode(), file)


@contextmanager
def speaking_tls(certificate: Path, answer: bytes) -> Iterator[int]:
    """Answer every TLS connection with the same bytes; yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            try:
                plain, _ = server.accept()
            except TimeoutError:
                continue
            plain.settimeout(5)
            try:
                with context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(4096)
                    secure.sendall(answer)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        stopping.set()
        thread.join()
        server.close()
