"""Signs the service in to the model registry as its pod's workload identity.

Databricks' own sign-ins do not know the token that AKS gives a pod, so Entra exchanges it for one of
Databricks'. The service reads its model once, at its start: a token that ends after an hour is enough.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

__all__ = ["SignInError", "sign_in"]

# Microsoft Learn, "Get Microsoft Entra ID tokens for users": the application that every Azure Databricks is.
_SCOPE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"


class SignInError(RuntimeError):
    """Raised when Entra gives no token; says why, and holds none."""


def sign_in(environment: MutableMapping[str, str], credential: TokenCredential | None = None) -> None:
    """Put a token for the workspace into the environment, where MLflow finds it.

    Does nothing outside a pod with a workload identity, or where a token is given already.

    Args:
        environment: The process's environment, with what AKS's webhook put there.
        credential: Who asks Entra; the pod's workload identity if left out.

    Raises:
        SignInError: Entra gives no token.
    """
    if "AZURE_FEDERATED_TOKEN_FILE" not in environment or environment.get("DATABRICKS_TOKEN"):
        return
    from azure.core.exceptions import AzureError  # noqa: PLC0415 - takes a second, and a laptop needs none
    from azure.identity import WorkloadIdentityCredential  # noqa: PLC0415 - as above

    try:
        asked = credential or WorkloadIdentityCredential()
        environment["DATABRICKS_TOKEN"] = asked.get_token(_SCOPE).token
    except (AzureError, ValueError) as error:
        raise SignInError(f"Entra gives the pod's identity no token for Databricks: {error}") from error
