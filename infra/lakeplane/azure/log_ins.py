"""Whether this machine can sign in to Azure in each way of the README's table; nothing is asked of Azure.

No value of a variable that may be secret is read, let alone shown.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lakeplane.azure.inside import is_inside
from lakeplane.diagnostics import Check

__all__ = ["DATABRICKS_AUTH_TYPES", "examine_log_ins"]

DATABRICKS_AUTH_TYPES = ("azure-cli", "github-oidc-azure", "azure-msi")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OIDC_IDS = ("ARM_CLIENT_ID", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID")
# Where azure-native finds the pipeline's token: pulumi-azure-native, "Authenticate with OpenID Connect".
_OIDC_TOKENS = (
    ("ARM_OIDC_TOKEN",),
    ("ARM_OIDC_TOKEN_FILE_PATH",),
    ("ARM_OIDC_REQUEST_TOKEN", "ARM_OIDC_REQUEST_URL"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"),
)
_STORED = ("ARM_CLIENT_SECRET", "ARM_CLIENT_CERTIFICATE_PATH", "ARM_ACCESS_KEY")
_STORAGE_KEYS = ("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_CONNECTION_STRING")
_AZ_SECONDS = 20.0

Which = Callable[[str], str | None]


def examine_log_ins(environ: Mapping[str, str] | None = None) -> tuple[Check, ...]:
    """Look for every log-in, in the order of the README's table.

    Args:
        environ: Variables, `PATH` among them; the process's own if left out.
    """
    env = os.environ if environ is None else environ
    path = env.get("PATH", os.defpath)

    def which(program: str) -> str | None:
        return shutil.which(program, path=path)

    oidc = _is_true(env.get("ARM_USE_OIDC"))
    return (
        _azure_cli(env, which, needed=not oidc and not _is_true(env.get("ARM_USE_MSI"))),
        _azure_native(env, oidc=oidc),
        _databricks(env, which),
        _kubernetes(which),
        _backend(env),
    )


def _azure_cli(env: Mapping[str, str], which: Which, *, needed: bool) -> Check:
    name = "Azure CLI"
    program = which("az")
    if program is None:
        if not needed:
            return Check(name, True, "not on PATH, and not needed: a managed or federated identity signs in")
        return Check(
            name, False, "not on PATH", "install it, then run `az login`; in CI set ARM_USE_OIDC=true"
        )
    try:
        done = subprocess.run(
            [program, "account", "show", "--output", "json"],
            capture_output=True,
            text=True,
            timeout=_AZ_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(env),
        )
        account = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        account = None
    if not isinstance(account, dict):
        return Check(
            name, not needed, "nobody is signed in", "run `az login --tenant TENANT`" if needed else ""
        )
    # The user's own name is nobody's business in a log.
    return Check(name, True, f"signed in, tenant {account.get('tenantId')}, subscription {account.get('id')}")


def _azure_native(env: Mapping[str, str], *, oidc: bool) -> Check:
    name = "azure-native provider"
    if stored := [one for one in _STORED if env.get(one)]:
        return Check(
            name,
            False,
            f"a stored credential: {', '.join(stored)}",
            "unset it, and sign in by `az login`, or in CI by ARM_USE_OIDC=true",
        )
    wrong = [one for one in _OIDC_IDS if env.get(one) and not _GUID.fullmatch(env[one])]
    for arm, azure in (("ARM_CLIENT_ID", "AZURE_CLIENT_ID"), ("ARM_TENANT_ID", "AZURE_TENANT_ID")):
        if env.get(arm) and env.get(azure) and env[arm].lower() != env[azure].lower():
            wrong.append(f"{arm} differs from {azure}")
    if wrong:
        return Check(name, False, f"not of one mind: {', '.join(wrong)}", "give each the id of one identity")
    if not oidc:
        return Check(name, True, "signs in as the Azure CLI or a managed identity does")
    lacking = [one for one in _OIDC_IDS if not env.get(one)]
    if not any(all(env.get(one) for one in way) for way in _OIDC_TOKENS):
        lacking.append("a token of the pipeline")
    if lacking:
        return Check(
            name,
            False,
            f"ARM_USE_OIDC is set, but lacking: {', '.join(lacking)}",
            "set them to the identity that `lakeplane bootstrap` made; on GitHub give the job the "
            "permission id-token: write",
        )
    return Check(name, True, f"signs in by OIDC as client {env['ARM_CLIENT_ID']}")


def _databricks(env: Mapping[str, str], which: Which) -> Check:
    name = "Databricks provider"
    allowed = " or ".join(DATABRICKS_AUTH_TYPES)
    if is_inside(env):
        return Check(name, True, "by a token of this container's managed identity, which lakeplane asks for")
    if env.get("DATABRICKS_TOKEN"):
        return Check(
            name, False, "DATABRICKS_TOKEN is set", f"unset it, and set DATABRICKS_AUTH_TYPE to {allowed}"
        )
    found = env.get("DATABRICKS_AUTH_TYPE", "")
    if found not in DATABRICKS_AUTH_TYPES:
        return Check(
            name,
            False,
            f"DATABRICKS_AUTH_TYPE is {found!r}" if found else "DATABRICKS_AUTH_TYPE is not set",
            f"export DATABRICKS_AUTH_TYPE={DATABRICKS_AUTH_TYPES[0]}; allowed: {allowed}",
        )
    if found == "azure-cli" and which("az") is None:
        return Check(
            name, False, "azure-cli, but az is not on PATH", "install the Azure CLI, or use another type"
        )
    if found == "github-oidc-azure" and not env.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        return Check(
            name,
            False,
            "github-oidc-azure, but no token of GitHub",
            "give the job the permission id-token: write",
        )
    return Check(name, True, found)


def _kubernetes(which: Which) -> Check:
    found = which("kubelogin")
    return Check(
        "Kubernetes provider",
        found is not None,
        f"kubelogin at {found}" if found else "kubelogin is not on PATH",
        "" if found else "install kubelogin: az aks install-cli",
    )


def _backend(env: Mapping[str, str]) -> Check:
    name = "Pulumi backend"
    remedy = "export PULUMI_BACKEND_URL as `lakeplane bootstrap SPEC` prints it"
    found = env.get("PULUMI_BACKEND_URL") or _logged_in(env)
    if not found:
        return Check(name, False, "none is chosen", remedy)
    parts = urlsplit(found)
    if parts.scheme not in ("azblob", "https", "s3", "gs"):
        return Check(name, False, f"a file on this machine, {parts.scheme or 'a path'}", remedy)
    shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"  # without what may be a credential
    if keys := [one for one in _STORAGE_KEYS if env.get(one)]:
        return Check(name, False, f"{shown}, by a stored key: {', '.join(keys)}", "unset it; Entra signs in")
    account = parse_qs(parts.query).get("storage_account", [env.get("AZURE_STORAGE_ACCOUNT", "")])[0]
    if parts.scheme == "azblob" and not account:
        return Check(name, False, f"{shown}, of no account", remedy)
    return Check(name, True, f"{shown} of account {account}" if account else shown)


def _logged_in(env: Mapping[str, str]) -> str:
    """Return the backend that `pulumi login` chose; tokens in the same file are not looked at."""
    home = env.get("PULUMI_HOME") or (Path(env["HOME"]) / ".pulumi" if env.get("HOME") else "")
    if not home:
        return ""
    try:
        current = json.loads((Path(home) / "credentials.json").read_text(encoding="utf-8")).get("current")
    except (OSError, ValueError, AttributeError):
        return ""
    return current if isinstance(current, str) else ""


def _is_true(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1")
