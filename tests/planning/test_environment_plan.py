"""The plan: ids that follow from names, tags that services take."""

import re
from pathlib import Path

import pytest

from lakeplane.planning import plan_environment
from lakeplane.spec import load_spec
from lakeplane.tags import plan_tags

LOCAL = Path(__file__).parents[2] / "stacks" / "environments" / "local.yaml"


def test_ids_are_arm_ids_in_the_environments_resource_group() -> None:
    plan = plan_environment(load_spec(LOCAL))
    ids = [
        *(
            plan.databricks_workspace_id,
            plan.access_connector_id,
            plan.aks_cluster_id,
            plan.storage_account_id,
        ),
        *(plan.ml_storage_account_id, plan.key_vault_id, plan.ml_workspace_id, plan.container_registry_id),
    ]
    group = "/subscriptions/10ca1000-0000-4000-8000-000000000001/resourceGroups/rg-contoso-local-westeurope"
    assert plan.resource_group_id == group
    assert len(set(ids)) == 8
    assert all(
        re.fullmatch(rf"{group}/providers/Microsoft\.[A-Za-z]+/[A-Za-z]+/[a-z0-9-]+", one) for one in ids
    )
    assert plan.databricks_managed_resource_group_id.startswith(group.rpartition("/")[0])


def test_plan_names_lake_and_stacks() -> None:
    plan = plan_environment(load_spec(LOCAL))
    account = plan.names.storage_account
    assert plan.lake_url("gold") == f"abfss://gold@{account}.dfs.core.windows.net"
    assert plan.stack("foundation") == "local.foundation"
    assert plan.catalog == "local"
    assert plan.tenant_id == "10ca1000-0000-4000-8000-000000000002"


def test_plan_is_the_same_every_time() -> None:
    assert plan_environment(load_spec(LOCAL)) == plan_environment(load_spec(LOCAL))


@pytest.mark.parametrize("owner", ["Jane Doe", "ops+data@contoso.example", "ÄÖÜ 漢字"])
def test_tags_are_what_azure_and_databricks_take(make_spec, owner: str) -> None:  # type: ignore[no-untyped-def]
    tags = plan_tags(make_spec(owner=owner))
    assert tags["owner"] == owner
    assert set(tags) == {"application", "cost-centre", "environment", "organisation", "owner", "tier"}
    for key, value in tags.items():
        assert re.fullmatch(r"[a-z-]{1,127}", key)
        assert 1 <= len(value) <= 256
