"""Who asks Azure: azure-identity's chain, and what its token says of the caller."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError as CoreError

from lakeplane.azure.errors import AzureError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

    from lakeplane.azure.client import Client

__all__ = ["Caller", "Remembering", "identify", "sign_in"]

_RENEW_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token was given to, by what the token says; nothing relies on it as proof.

    Attributes:
        object_id: Id of the user or service principal in Entra; empty if the token doesn't say.
        tenant_id: Tenant that gave the token; empty if the token doesn't say.
        is_user: Whether it is a person; a service principal or managed identity otherwise.
    """

    object_id: str = ""
    tenant_id: str = ""
    is_user: bool = True


def sign_in() -> TokenCredential:
    """Return the credential of whoever runs this: workload identity, managed identity, `az login` and so on.

    Nothing is asked before the first token is needed.
    """
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - takes half a second to load

    # Its warnings repeat, over a page, what the error says that is told as a finding.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    return Remembering(DefaultAzureCredential(process_timeout=30))


class Remembering:
    """A credential that asks another one for each token once, however many threads want it.

    The Azure CLI's tokens are kept by nobody in this process: each would start `az` again.
    """

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential
        self._tokens: dict[tuple[str, ...], AccessToken] = {}
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token that is valid for some minutes yet."""
        with self._lock:
            found = self._tokens.get(scopes)
            # A challenge asks for a token with further claims.
            if found is None or found.expires_on - time.time() < _RENEW_SECONDS or options.get("claims"):
                found = self._tokens[scopes] = self._credential.get_token(*scopes, **options)
            return found


def identify(client: Client) -> Caller:
    """Sign in, and tell who that is.

    Raises:
        AzureError: Nobody is signed in.
    """
    try:
        token = client.credential.get_token(client.scope).token
    except CoreError as error:
        raise AzureError(401, "SignInFailed", _told(error)) from error
    claims = _claims(token)
    return Caller(
        object_id=str(claims.get("oid", "")),
        tenant_id=str(claims.get("tid", "")),
        is_user=claims.get("idtyp") != "app",
    )


def _claims(token: str) -> dict[str, Any]:
    """Read a token's claims; one that is no JSON web token says nothing."""
    try:
        _, body, _ = token.split(".")
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(error: Exception) -> str:
    """Shorten the chain's answer, which lists every way that was tried with a page of help each."""
    lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    tried = [line.split(":")[0] for line in lines if "Credential:" in line]
    if tried:
        return f"no credential is at hand; tried {', '.join(tried)}"
    return lines[0] if lines else type(error).__name__
