"""What doctor says of the log-ins, with a real `az` on a PATH of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeplane.azure.log_ins import examine_log_ins
from lakeplane.diagnostics import Check

ACCOUNT = {"id": "de000000-0000-4000-8000-000000000001", "tenantId": "de000000-0000-4000-8000-000000000002"}
SECRET = "s3cr3t-that-nobody-may-see"
GUID = "0b1ec7a0-0000-4000-8000-00000000000a"
OIDC = {
    "ARM_USE_OIDC": "true",
    "ARM_CLIENT_ID": GUID,
    "ARM_TENANT_ID": GUID,
    "ARM_SUBSCRIPTION_ID": GUID,
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRET,
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://vstoken.example",
}
GOOD = {
    "DATABRICKS_AUTH_TYPE": "azure-cli",
    "PULUMI_BACKEND_URL": "azblob://state?storage_account=ststatecontosodev",
}
Machine = Callable[..., dict[str, str]]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Make a machine with some programs, and return its variables."""

    def make(*programs: str, signed_in: bool = True, **variables: str) -> dict[str, str]:
        for program in programs:
            script = "#!/bin/sh\nexit 0\n"
            if program == "az":
                said = json.dumps({**ACCOUNT, "user": {"name": "somebody@contoso.example"}})
                script = f"#!/bin/sh\ncat <<'E'\n{said}\nE\n" if signed_in else "#!/bin/sh\nexit 1\n"
            file = tmp_path / program
            file.write_text(script)
            file.chmod(0o755)
        return {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), **variables}

    return make


def lacking(environ: dict[str, str]) -> list[Check]:
    found = examine_log_ins(environ)
    assert SECRET not in repr(found)
    return [check for check in found if not check.ok]


def only(environ: dict[str, str]) -> Check:
    found = lacking(environ)
    assert len(found) == 1, found
    assert found[0].remedy
    return found[0]


def test_machine_of_a_person_who_is_signed_in_lacks_nothing(machine: Machine) -> None:
    environ = machine("az", "kubelogin", **GOOD)
    assert lacking(environ) == []
    cli = examine_log_ins(environ)[0]
    assert cli.found == f"signed in, tenant {ACCOUNT['tenantId']}, subscription {ACCOUNT['id']}"


def test_pipeline_with_oidc_lacks_nothing_without_az(machine: Machine) -> None:
    assert (
        lacking(machine("kubelogin", **{**GOOD, **OIDC, "DATABRICKS_AUTH_TYPE": "github-oidc-azure"})) == []
    )


def test_nobody_signed_in_is_lacking(machine: Machine) -> None:
    assert only(machine("az", "kubelogin", signed_in=False, **GOOD)).name == "Azure CLI"


def test_bare_machine_lacks_all_of_it(machine: Machine) -> None:
    names = [check.name for check in lacking(machine())]
    assert names == ["Azure CLI", "Databricks provider", "Kubernetes provider", "Pulumi backend"]


@pytest.mark.parametrize("missing", ["ARM_CLIENT_ID", "ARM_TENANT_ID", "ACTIONS_ID_TOKEN_REQUEST_URL"])
def test_oidc_that_is_half_set_is_lacking(machine: Machine, missing: str) -> None:
    environ = machine("az", "kubelogin", **{**GOOD, **OIDC})
    del environ[missing]
    assert only(environ).name == "azure-native provider"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ARM_CLIENT_SECRET": SECRET}, "a stored credential: ARM_CLIENT_SECRET"),
        ({"ARM_TENANT_ID": "contoso"}, "not of one mind: ARM_TENANT_ID"),
        ({"ARM_CLIENT_ID": GUID, "AZURE_CLIENT_ID": ACCOUNT["id"]}, "ARM_CLIENT_ID differs"),
        ({"DATABRICKS_TOKEN": SECRET}, "DATABRICKS_TOKEN is set"),
        ({"DATABRICKS_AUTH_TYPE": "pat"}, "DATABRICKS_AUTH_TYPE is 'pat'"),
        ({"DATABRICKS_AUTH_TYPE": "github-oidc-azure"}, "no token of GitHub"),
        ({"PULUMI_BACKEND_URL": "file:///state"}, "a file on this machine"),
        ({"PULUMI_BACKEND_URL": "azblob://state"}, "of no account"),
        ({"AZURE_STORAGE_KEY": SECRET}, "by a stored key: AZURE_STORAGE_KEY"),
    ],
)
def test_variables_that_lead_astray_are_lacking(
    machine: Machine, variables: dict[str, str], told: str
) -> None:
    assert told in only(machine("az", "kubelogin", **{**GOOD, **variables})).found


def test_backend_of_a_log_in_counts_and_its_token_is_not_shown(machine: Machine, tmp_path: Path) -> None:
    environ = machine("az", "kubelogin", **{**GOOD, "PULUMI_BACKEND_URL": ""})
    (tmp_path / ".pulumi").mkdir()
    stored = {"current": "https://api.pulumi.example", "accessTokens": {"https://api.pulumi.example": SECRET}}
    (tmp_path / ".pulumi" / "credentials.json").write_text(json.dumps(stored))
    assert lacking(environ) == []
    (tmp_path / ".pulumi" / "credentials.json").write_text(json.dumps({"current": "file://~"}))
    assert only(environ).name == "Pulumi backend"


def test_password_in_a_backends_address_is_not_shown(machine: Machine) -> None:
    environ = machine("az", "kubelogin", **{**GOOD, "PULUMI_BACKEND_URL": f"s3://user:{SECRET}@bucket"})
    assert lacking(environ) == []


def test_runner_needs_no_sign_in_of_databricks_own(machine: Machine) -> None:
    inside = {name: value for name, value in GOOD.items() if name != "DATABRICKS_AUTH_TYPE"}
    environ = machine("kubelogin", LAKEPLANE_RUNNER="true", ARM_USE_MSI="true", **inside)
    assert lacking(environ) == []
    outside = machine("kubelogin", ARM_USE_MSI="true", **inside)
    assert only(outside).name == "Databricks provider"
