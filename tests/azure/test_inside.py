"""The hub's runner signs in: azure-identity at an endpoint as Container Apps has it, and at a workspace."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lakeplane.azure.bootstrap import exports_of, plan_bootstrap
from lakeplane.azure.bootstrap.subject import subject_of
from lakeplane.azure.inside import enter_workspace, is_inside, sign_in_inside
from lakeplane.errors import SetupError
from lakeplane.hub_planning import hub_beside
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import load_spec

SPECS = Path(__file__).parents[2] / "stacks" / "environments"
CLIENT_ID = "c11e0000-0000-4000-8000-000000000001"
SECRET = "the-header-that-only-this-container-has"
DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
MANAGEMENT = "https://management.core.windows.net/"


class Served(ThreadingHTTPServer):
    """Answers as Container Apps' identity endpoint does, and as a workspace that knows nobody yet."""

    members: bool = False
    may_change_workspace: bool = True
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Served

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(url.path)
        status, body = self._identity(parse_qs(url.query)) if url.path == "/msi/token" else self._workspace()
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _identity(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Microsoft Learn, "Managed identities in Azure Container Apps", REST endpoint reference."""
        if self.headers.get("X-IDENTITY-HEADER") != SECRET or query.get("client_id") != [CLIENT_ID]:
            return 400, {"statusCode": 400, "message": "No managed identity of this container is so named."}
        (resource,) = query["resource"]
        expires = str(int(time.time()) + 86_400)
        token = {"access_token": f"token of {resource}", "expires_on": expires, "token_type": "Bearer"}
        return 200, {**token, "resource": resource, "client_id": CLIENT_ID}

    def _workspace(self) -> tuple[int, dict[str, Any]]:
        if self.headers.get("Authorization") != f"Bearer token of {DATABRICKS}":
            return 401, {"error_code": "UNAUTHENTICATED", "message": "no token of Databricks"}
        proven = self.headers.get("X-Databricks-Azure-SP-Management-Token") == f"token of {MANAGEMENT}"
        named = "/workspaces/" in self.headers.get("X-Databricks-Azure-Workspace-Resource-Id", "")
        if proven and named and self.server.may_change_workspace:
            self.server.members = True
        if not self.server.members:
            return 403, {"error_code": "PERMISSION_DENIED", "message": "not a member of the workspace"}
        return 200, {"userName": CLIENT_ID, "active": True}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Served]:
    with serving() as served:
        yield served


@contextmanager
def serving() -> Iterator[Served]:
    served = Served(("127.0.0.1", 0), Handler)
    served.asked = []
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.shutdown()
        served.server_close()
        thread.join()


@pytest.fixture
def container(server: Served, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make this process look like the job's container, and return its variables."""
    for name in ("DATABRICKS_AUTH_TYPE", "DATABRICKS_TOKEN", "DATABRICKS_HOST", "MSI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    offered = {"IDENTITY_ENDPOINT": f"{url(server)}/msi/token", "IDENTITY_HEADER": SECRET}
    for name, value in offered.items():
        monkeypatch.setenv(name, value)
    return {**offered, "LAKEPLANE_RUNNER": "true", "AZURE_CLIENT_ID": CLIENT_ID}


def url(server: Served) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def plan() -> EnvironmentPlan:
    path = SPECS / "prod.yaml"
    return plan_environment(load_spec(path), hub_beside(path, "hub"))


def test_runner_gets_databricks_token_and_the_backend_of_the_spec(
    container: dict[str, str], plan: EnvironmentPlan
) -> None:
    assert sign_in_inside(container, lambda: subject_of(plan))
    assert (container["DATABRICKS_AUTH_TYPE"], container["DATABRICKS_TOKEN"]) == (
        "pat",
        f"token of {DATABRICKS}",
    )
    assert exports_of(plan_bootstrap(subject_of(plan))).items() <= container.items()
    named = {**container, "PULUMI_BACKEND_URL": "azblob://elsewhere"}
    sign_in_inside(named, lambda: subject_of(plan))
    assert named["PULUMI_BACKEND_URL"] == "azblob://elsewhere"


def test_elsewhere_nothing_is_asked_or_changed(server: Served, plan: EnvironmentPlan) -> None:
    variables = {"IDENTITY_ENDPOINT": f"{url(server)}/msi/token", "IDENTITY_HEADER": SECRET}
    before = dict(variables)
    assert not sign_in_inside(variables, lambda: subject_of(plan))
    assert not is_inside(variables)
    assert (variables, server.asked) == (before, [])


def test_new_workspace_lets_in_whom_azure_lets_change_it(
    server: Served, container: dict[str, str], plan: EnvironmentPlan
) -> None:
    enter_workspace(container, url(server), plan.databricks_workspace_id)
    assert server.members
    assert container["DATABRICKS_TOKEN"] == f"token of {DATABRICKS}"


def test_workspace_that_refuses_the_runner_is_a_finding(
    server: Served, container: dict[str, str], plan: EnvironmentPlan
) -> None:
    server.may_change_workspace = False
    with pytest.raises(SetupError) as caught:
        enter_workspace(container, url(server), plan.databricks_workspace_id)
    (found,) = caught.value.findings
    assert found.code == "RNR002"
    assert "lakeplane bootstrap" in (found.remedy or "")
    assert "token of" not in str(found), "no token is told"


def test_identity_that_the_container_lacks_is_a_finding(
    container: dict[str, str], plan: EnvironmentPlan
) -> None:
    container["AZURE_CLIENT_ID"] = "c11e0000-0000-4000-8000-00000000ffff"
    with pytest.raises(SetupError) as caught:
        sign_in_inside(container, lambda: subject_of(plan))
    assert caught.value.findings[0].code == "RNR001"
    assert "DATABRICKS_TOKEN" not in container
