"""Who issues the tokens of pipelines, and how their subjects read."""

from __future__ import annotations

import hashlib
import re

__all__ = ["AUDIENCE", "credential_name", "issuer_of"]

AUDIENCE = "api://AzureADTokenExchange"
"""What a token must be meant for, so that Entra takes it in exchange for its own."""

_GITHUB = "https://token.actions.githubusercontent.com"


def issuer_of(subject: str, devops_organisation_id: str | None) -> str:
    """Return the issuer of a pipeline's tokens.

    Args:
        subject: `repo:OWNER/NAME:…` of GitHub, or `sc://ORGANISATION/PROJECT/CONNECTION` of Azure DevOps.
        devops_organisation_id: Id of the Azure DevOps organisation, a GUID, which its issuer ends in.

    Raises:
        ValueError: The subject is Azure DevOps' and no organisation is given, which no spec allows.
    """
    if not subject.startswith("sc://"):
        return _GITHUB
    if devops_organisation_id is None:
        raise ValueError(f"no organisation for {subject}")
    return f"https://vstoken.dev.azure.com/{devops_organisation_id}"


def credential_name(subject: str) -> str:
    """Name the federated credential of a subject: readable, legal and never twice."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", subject.removeprefix("repo:")).strip("-")[:80]
    return f"{readable}-{hashlib.sha256(subject.encode()).hexdigest()[:8]}"
