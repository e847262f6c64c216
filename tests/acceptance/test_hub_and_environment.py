"""A region's hub and an environment behind it, as the platform's owners run them.

The hub comes up, changes nothing the second time, and goes only by name. An environment whose every door is
inside stands behind it, bound to what the hub keeps of the Databricks account.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lakeplane.layout import ProjectLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resource, Resources
from lakeplane.local.store import Store

from .conftest import Project

pytestmark = pytest.mark.engine

# A hub with everything: it makes the metastore, runs a runner, and is peered with the company's network.
FULL = {
    "name": "full",
    "databricks": {
        "account_id": "ac000000-0000-4000-8000-000000000003",
        "metastore": {"create": {"name": "westeurope", "owner": "metastore-admins"}},
        "private_endpoint_rules": [
            {
                "resource": "/subscriptions/940d0000-0000-4000-8000-000000000001/resourceGroups/rg-x"
                "/providers/Microsoft.Storage/storageAccounts/stlake",
                "group": "dfs",
            }
        ],
    },
    "runner": {"image": f"contoso.azurecr.io/lakeplane@sha256:{'0' * 64}"},
    "network": {
        "peerings": [
            {
                "virtual_network": "/subscriptions/00000000-0000-4000-8000-00000000c0de/resourceGroups/rg-wan"
                "/providers/Microsoft.Network/virtualNetworks/vnet-wan",
                "address_spaces": ["192.168.0.0/16"],
            }
        ]
    },
}


@pytest.fixture(scope="module")
def hub(project: Project) -> Project:
    """Return the project with the full hub's spec beside the committed ones."""
    environments = project.root / "stacks" / "environments"
    text = re.sub(
        r"^(name|databricks|runner|network):.*\n((  .*)?\n)*",
        "",
        (environments / "hub.yaml").read_text(),
        flags=re.M,
    )
    keys = "".join(f"{key}: {json.dumps(value)}\n" for key, value in FULL.items())
    (environments / "full.yaml").write_text(text + keys)
    return project


def _resources(project: Project, name: str) -> list[Resource]:
    store = Store(CloudPlaces(ProjectLayout(project.root).environment(name)).store, read_only=True)
    try:
        return Resources(store).all()
    finally:
        store.close()


def _changes(project: Project, name: str) -> list[dict[str, int]]:
    return [layer["changes"] for layer in project.json("up", name)["layers"]]


@pytest.fixture(scope="module")
def up(hub: Project) -> Any:
    return _changes(hub, "full")


def test_a_hub_comes_up_once_and_then_changes_nothing(hub: Project, up: Any) -> None:
    assert [set(layer) for layer in up] == [{"create"}]
    assert up[0]["create"] > 50
    assert _changes(hub, "full") == [{"same": up[0]["create"]}]
    kinds = {resource.type for resource in _resources(hub, "full")}
    assert {
        "azure-native:app:Job",
        "azure-native:network:AzureFirewall",
        "azure-native:network:VirtualNetworkPeering",
        "databricks:index/metastore:Metastore",
        "databricks:index/mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule",
    } <= kinds


def test_a_hub_goes_by_name_only(hub: Project, up: Any) -> None:
    del up
    before = _resources(hub, "full")
    refused = hub.json("destroy", "full", code=1)["refused"]
    assert {one["name"]: (one["protected"], one["locks"]) for one in refused} == {
        "login-workspace": (True, ["login-lock"]),
        "logs-workspace": (True, []),
        "metastore-metastore": (True, []),
        "resource-group": (True, []),
    }
    assert _resources(hub, "full") == before
    assert (
        "`lakeplane destroy full --unprotect login-workspace --unprotect logs-workspace"
        in hub.lakeplane("destroy", "full", code=1).stderr
    )
    named = [word for name in refused for word in ("--unprotect", name["name"])]
    assert hub.json("destroy", "full", *named[2:], "--confirm", "full", code=1)["refused"] == refused
    assert _resources(hub, "full") == before, "one that is not named keeps all of it"
    proof = hub.json("destroy", "full", *named, "--confirm", "full")
    assert proof["left_over"] == []
    assert set(proof["soft_deleted"]) == {
        "azure-native:operationalinsights:Workspace log-contoso-full-westeurope"
    }
    gone = [resource for resource in before if "managed" not in resource.urn.rsplit("::", 1)[-1]]
    assert len(proof["resources_gone"]) == len(gone) - 1, "all but the log workspace, which can be recovered"


def test_an_environment_behind_the_hub_comes_up_and_goes(project: Project) -> None:
    created = _changes(project, "prod")
    assert [set(layer) for layer in created] == [{"create"}, {"create"}]
    resources = _resources(project, "prod")
    by_type = {resource.type: resource for resource in resources}
    assigned = by_type["databricks:index/metastoreAssignment:MetastoreAssignment"].plain_inputs
    workspace = by_type["azure-native:databricks:Workspace"].plain_outputs["workspaceId"]
    assert assigned == {"metastoreId": "3e7a0000-0000-4000-8000-000000000004", "workspaceId": workspace}
    assert by_type["databricks:index/mwsNccBinding:MwsNccBinding"].plain_inputs["workspaceId"] == workspace
    cluster = by_type["azure-native:containerservice:ManagedCluster"].plain_outputs
    assert cluster["privateFQDN"].endswith(".private.westeurope.azmk8s.io")
    assert "fqdn" not in cluster, "no name of it is public"
    peerings = [one.id for one in resources if one.type.endswith(":VirtualNetworkPeering")]
    assert {one.split("/")[4] for one in peerings} == {
        "rg-contoso-hub-westeurope",
        "rg-contoso-prod-westeurope",
    }
    proof = project.json("destroy", "prod", "--unprotect", "all", "--confirm", "prod")
    assert proof["left_over"] == []
