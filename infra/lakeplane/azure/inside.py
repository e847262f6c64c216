"""Signing in as the hub's runner: a container job, whose managed identity Container Apps answers for.

azure-native, Pulumi's backend and key, and kubelogin all ask the address in `IDENTITY_ENDPOINT` (Microsoft
Learn, "Managed identities in Azure Container Apps"). Databricks' own sign-in by managed identity
(databricks-sdk-go, `azure-msi`) asks the metadata address of virtual machines, which a container job lacks.
So azure-identity asks for it, and Databricks' provider finds the token in the environment. It is in no
argument, no state and no log, and ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError as CoreError

from lakeplane.azure.bootstrap.exports import exports_of
from lakeplane.azure.bootstrap.plan import plan_bootstrap
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from lakeplane.azure.bootstrap.subject import Subject

__all__ = ["RUNNER", "enter_workspace", "is_inside", "sign_in_inside"]

RUNNER = "LAKEPLANE_RUNNER"
# Microsoft Learn, "Get Microsoft Entra ID tokens for service principals": Databricks' application, and ARM.
_DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"
_PATIENCE_SECONDS = 120
_MANAGEMENT = "https://management.core.windows.net//.default"


def is_inside(environment: Mapping[str, str]) -> bool:
    """Tell whether this process is the hub's runner, as `components.runner` tells its jobs."""
    return environment.get(RUNNER) == "true"


def sign_in_inside(
    environment: MutableMapping[str, str],
    subject: Callable[[], Subject],
    credential: TokenCredential | None = None,
) -> bool:
    """Put into the environment what providers and backend need, if this is the hub's runner.

    Args:
        environment: The process's environment; the engine's is made from it.
        subject: Tells what is deployed, whose backend is named unless one is named already.
        credential: Who asks Entra; the container's identity if left out.

    Returns:
        Whether this is the runner; nothing was changed otherwise.

    Raises:
        SetupError: Entra gives no token.
    """
    if not is_inside(environment):
        return False
    for name, value in exports_of(plan_bootstrap(subject())).items():
        environment.setdefault(name, value)
    token = _token(credential or _identity(environment), _DATABRICKS)
    environment.update(DATABRICKS_TOKEN=token, DATABRICKS_AUTH_TYPE="pat")
    return True


def enter_workspace(
    environment: MutableMapping[str, str],
    host: str,
    workspace_id: str,
    credential: TokenCredential | None = None,
) -> None:
    """Enter a workspace that may not know the runner's identity yet, and renew the token for it.

    Whoever may change the workspace in Azure is let in as one of its administrators, if a token for ARM
    proves it ("Get Microsoft Entra ID tokens for service principals"). With Databricks' token alone the first
    update of contents would be refused; afterwards the workspace knows the identity.

    Args:
        environment: The process's environment.
        host: Address of the workspace.
        workspace_id: ARM id of the workspace.
        credential: Who asks Entra; the container's identity if left out.

    Raises:
        SetupError: Entra gives no token, or the workspace refuses the identity.
    """
    from databricks.sdk import WorkspaceClient  # noqa: PLC0415 - takes a second to load
    from databricks.sdk.config import Config  # noqa: PLC0415 - as above
    from databricks.sdk.credentials_provider import CredentialsStrategy  # noqa: PLC0415 - as above
    from databricks.sdk.errors.base import DatabricksError  # noqa: PLC0415 - as above

    asked = credential or _identity(environment)
    token = _token(asked, _DATABRICKS)
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Databricks-Azure-SP-Management-Token": _token(asked, _MANAGEMENT),
        "X-Databricks-Azure-Workspace-Resource-Id": workspace_id,
    }

    class BothTokens(CredentialsStrategy):
        def auth_type(self) -> str:
            return "lakeplane-inside"

        def __call__(self, cfg: Config) -> Callable[[], dict[str, str]]:
            del cfg
            return lambda: headers

    config = Config(host=host, auth_type="lakeplane-inside", credentials_strategy=BothTokens())
    # Minutes pass until a new workspace answers, and until a right is known everywhere.
    config.retry_timeout_seconds = _PATIENCE_SECONDS
    try:
        WorkspaceClient(config=config).current_user.me()
    except DatabricksError as error:
        raise SetupError(_refused(workspace_id, str(error))) from error
    environment.update(DATABRICKS_TOKEN=token, DATABRICKS_AUTH_TYPE="pat")


def _identity(environment: Mapping[str, str]) -> TokenCredential:
    from azure.identity import ManagedIdentityCredential  # noqa: PLC0415 - takes half a second to load

    return ManagedIdentityCredential(client_id=environment.get("AZURE_CLIENT_ID") or None)


def _token(credential: TokenCredential, scope: str) -> str:
    try:
        return credential.get_token(scope).token
    except (CoreError, ValueError) as error:
        raise SetupError(
            Diagnostic(
                code="RNR001",
                summary="the container's managed identity gets no token",
                detail=str(error),
                remedy="set AZURE_CLIENT_ID to the client id of an identity that the container has, and let "
                "the firewall pass what Container Apps needs for managed identities",
            )
        ) from error


def _refused(workspace_id: str, told: str) -> Diagnostic:
    return Diagnostic(
        code="RNR002",
        summary="the workspace does not let the runner in",
        detail=told,
        remedy="give the runner's identity the right to change the workspace, which `lakeplane bootstrap "
        "SPEC --yes` does once the environment's resource group is there",
        resource=workspace_id,
    )
