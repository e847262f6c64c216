"""Texts that look like secrets, or like the names of such."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["is_reference", "looks_like_a_secret", "names_a_secret"]

# Forms that services give to their own secrets: Microsoft Learn, "Sensitive information type entity
# definitions" (storage keys, shared access signatures, connection strings, client secrets); Databricks,
# "Personal access tokens"; GitHub, "Secret scanning patterns"; RFC 7468 for keys; RFC 7519 for signed tokens.
_FORMS = re.compile(
    r"AccountKey=[A-Za-z0-9+/]{20,}"
    r"|SharedAccessKey=[A-Za-z0-9+/]{20,}"
    r"|[?&]sig=[A-Za-z0-9%+/]{20,}"
    r"|\bdapi[0-9a-f]{32}\b"
    r"|\bdose[0-9a-f]{32}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\b[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|://[^/\s:@]+:[^/\s:@{}$]{6,}@"
)
_NAMES = re.compile(
    r"(^|[._-])(password|passwd|pwd|secret|token|credential|api_?key|access_?key|account_?key|client_?secret"
    r"|connection_?string|sas_?token|private_?key)s?$"
    r"|fs\.azure\.(account\.key|sas\.fixed\.token|account\.oauth2\.client\.secret)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\{\{secrets/[^/{}]+/[^/{}]+\}\}|\$\(\w+\)|")


def looks_like_a_secret(value: Any) -> bool:
    """Tell whether a text holds a secret in a form that some service gives to its own."""
    return isinstance(value, str) and _FORMS.search(value) is not None


def names_a_secret(name: str) -> bool:
    """Tell whether a variable or a setting is named as one that holds a secret."""
    return _NAMES.search(name) is not None


def is_reference(value: Any) -> bool:
    """Tell whether a value is none by itself: a Databricks secret's reference, a pod's variable, or empty."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None
