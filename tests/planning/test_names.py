"""Names: legal by the services' own rules, unique where they have to be, and stable.

The rules here are written from "Naming rules and restrictions for Azure resources" (learn.microsoft.com,
Azure Resource Manager) and from the services' own pages, not from the planner's table.
"""

import json
import random
import re
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeplane.naming import ResourceNames, plan_names
from lakeplane.spec import EnvironmentSpec, load_spec
from lakeplane.spec.regions import REGIONS
from lakeplane.spec.reserved import reason_reserved

PROJECT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"

ALPHANUMERIC_ENDS = r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9_])?"
RULES = {
    # each with its pattern, and its shortest and longest length
    "resource_group": (r"[\w().-]*[\w()-]", 1, 90),
    "virtual_network": (ALPHANUMERIC_ENDS, 2, 64),
    "nsg": (ALPHANUMERIC_ENDS, 1, 80),
    "nat_gateway": (ALPHANUMERIC_ENDS, 1, 80),
    "nat_public_ip": (ALPHANUMERIC_ENDS, 1, 80),
    "storage_account": (r"[a-z0-9]*", 3, 24),
    "ml_storage_account": (r"[a-z0-9]*", 3, 24),
    "key_vault": (r"[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]", 3, 24),
    "ml_key_vault": (r"[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]", 3, 24),
    "aks_key_vault": (r"[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]", 3, 24),
    "container_registry": (r"[A-Za-z0-9]*", 5, 50),
    "log_workspace": (r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", 4, 63),
    "application_insights": (r"[^%&\\?/#]*[^%&\\?/# .]", 1, 260),
    "databricks_workspace": (r"[A-Za-z0-9_-]*", 3, 64),
    "databricks_managed_resource_group": (r"[\w().-]*[\w()-]", 1, 90),
    "access_connector": (r"[A-Za-z0-9_-]*", 3, 64),
    "ml_workspace": (r"[A-Za-z0-9][A-Za-z0-9_-]*", 3, 33),
    "ml_endpoint": (r"[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?", 3, 32),
    "monitor_workspace": (r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", 4, 44),
    "data_collection_endpoint": (r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", 3, 44),
    "metrics_collection_rule": (r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", 3, 64),
    "container_collection_rule": (r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", 3, 64),
    "aks_cluster": (r"[A-Za-z0-9]([\w-]*[A-Za-z0-9])?", 1, 63),
    "aks_dns_prefix": (r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", 1, 54),
    "aks_node_resource_group": (r"[\w().-]*[\w()-]", 1, 80),
    "identity_jobs": (r"[A-Za-z0-9][A-Za-z0-9_-]*", 3, 128),
    "identity_serving": (r"[A-Za-z0-9][A-Za-z0-9_-]*", 3, 128),
    "identity_aks": (r"[A-Za-z0-9][A-Za-z0-9_-]*", 3, 128),
    "identity_ml": (r"[A-Za-z0-9][A-Za-z0-9_-]*", 3, 128),
    "identity_encryption": (r"[A-Za-z0-9][A-Za-z0-9_-]*", 3, 128),
    "route_table": (ALPHANUMERIC_ENDS, 1, 80),
    "databricks_storage_account": (r"[a-z0-9]*", 3, 24),
    "registry_key_vault": (r"[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]", 3, 24),
    "action_group": (r"[^%&\\?/#]*[^%&\\?/# .]", 1, 260),
    "budget": (r"[A-Za-z0-9_-]*", 1, 63),
    "subnet_databricks_host": (ALPHANUMERIC_ENDS, 1, 80),
    "subnet_databricks_container": (ALPHANUMERIC_ENDS, 1, 80),
    "subnet_aks_nodes": (ALPHANUMERIC_ENDS, 1, 80),
    "subnet_private_endpoints": (ALPHANUMERIC_ENDS, 1, 80),
    "subnet_aks_api_server": (ALPHANUMERIC_ENDS, 1, 80),
    "catalog": (r"[a-z0-9_]*", 1, 255),
    "storage_credential": (r"[A-Za-z0-9_-]*", 1, 255),
    "instance_pool": (r"[A-Za-z0-9_-]*", 1, 100),
    "gpu_instance_pool": (r"[A-Za-z0-9_-]*", 1, 100),
}
GLOBAL = (
    *("storage_account", "ml_storage_account", "databricks_storage_account"),
    *("key_vault", "ml_key_vault", "aks_key_vault", "registry_key_vault"),
    *("container_registry", "aks_dns_prefix"),
)
SOFT_DELETED = ("key_vault", "ml_key_vault", "aks_key_vault", "registry_key_vault", "ml_workspace")


def illegal(names: ResourceNames) -> dict[str, str]:
    bad = {}
    for kind, name in names.as_dict().items():
        if kind.startswith("private_dns_"):
            continue  # the services' own zones
        pattern, shortest, longest = RULES[kind]
        if not re.fullmatch(pattern, name) or not shortest <= len(name) <= longest:
            bad[kind] = name
    return bad


def random_specs(count: int) -> list[EnvironmentSpec]:
    """Specs of every length of name; copies of one that was checked, so that thousands cost little."""
    chance = random.Random(4711)
    base = load_spec(PROJECT / "stacks" / "environments" / "dev.yaml")

    def word(longest: int) -> str:
        length = chance.choice([2, longest, chance.randint(2, longest)])
        return chance.choice(string.ascii_lowercase) + "".join(
            chance.choices(string.ascii_lowercase + string.digits, k=length - 1)
        )

    return [
        base.model_copy(
            update={
                "name": word(12),
                "organisation": word(20),
                "region": chance.choice(list(REGIONS)),
                "subscription": f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}",
                "generation": chance.randint(1, 999),
            }
        )
        for _ in range(count)
    ]


def test_names_of_two_thousand_environments_are_legal() -> None:
    assert [bad for spec in random_specs(2_000) if (bad := illegal(plan_names(spec)))] == []


def test_global_names_of_two_thousand_environments_are_unique() -> None:
    planned = [plan_names(spec) for spec in random_specs(2_000)]
    for kind in (*GLOBAL, *SOFT_DELETED):
        assert len({getattr(names, kind) for names in planned}) == len(planned), kind
    storage = [name for names in planned for name in (names.storage_account, names.ml_storage_account)]
    assert len(set(storage)) == len(storage)


NAME = st.from_regex(r"[a-z][a-z0-9]{1,11}", fullmatch=True).filter(lambda name: not reason_reserved(name))
ORGANISATION = st.from_regex(r"[a-z][a-z0-9]{1,19}", fullmatch=True).filter(
    lambda name: not reason_reserved(name)
)


@settings(max_examples=200, deadline=None)
@given(name=NAME, organisation=ORGANISATION, region=st.sampled_from(list(REGIONS)))
def test_names_of_any_environment_are_legal(make_spec, name, organisation, region) -> None:  # type: ignore[no-untyped-def]
    assert illegal(plan_names(make_spec(name=name, organisation=organisation, region=region))) == {}


@settings(max_examples=100, deadline=None)
@given(name=NAME, one=ORGANISATION, other=ORGANISATION)
def test_two_organisations_share_no_global_name(make_spec, name, one, other) -> None:  # type: ignore[no-untyped-def]
    if one == other:
        return
    mine, theirs = (plan_names(make_spec(name=name, organisation=who)) for who in (one, other))
    assert not {getattr(mine, kind) for kind in GLOBAL} & {getattr(theirs, kind) for kind in GLOBAL}


@pytest.mark.parametrize(
    "change",
    [
        {"organisation": "fabrikam"},
        {"subscription": "00000000-0000-4000-8000-00000000000f"},
        {"name": "dev2"},
        {"generation": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_global_names_change_with_each_part_of_the_identity(make_spec, change) -> None:  # type: ignore[no-untyped-def]
    before, after = plan_names(make_spec()), plan_names(make_spec(**change))
    for kind in (*GLOBAL, *SOFT_DELETED, "databricks_managed_resource_group"):
        assert getattr(before, kind) != getattr(after, kind), kind


def test_names_do_not_change_with_size_or_access(make_spec) -> None:  # type: ignore[no-untyped-def]
    access = {"mode": "allow_list", "addresses": ["203.0.113.0/24"]}
    assert plan_names(make_spec()) == plan_names(make_spec(tier="prod", access=access, monthly_budget=7))


def test_long_names_keep_environment_and_hash(make_spec) -> None:  # type: ignore[no-untyped-def]
    names = plan_names(make_spec(name="sandbox12345", organisation="adventureworkscycles"))
    assert re.fullmatch(r"kv-sandbox12345-[a-z2-7]{8}", names.key_vault)
    assert re.fullmatch(r"stadsandbox12345[a-z2-7]{8}", names.storage_account)


def test_derived_names(make_spec) -> None:  # type: ignore[no-untyped-def]
    names = plan_names(make_spec())
    assert names.private_endpoint("blob") == "pep-dev-blob"
    assert names.external_location("gold") == "contoso_dev_gold"


@pytest.mark.parametrize("environment", ["local", "dev"])
def test_names_of_committed_environments_stay_the_same(environment: str) -> None:
    # A changed name is a replaced resource, and with it its data: change these files only on purpose.
    spec = load_spec(PROJECT / "stacks" / "environments" / f"{environment}.yaml")
    golden = json.loads((GOLDEN / f"names-{environment}.json").read_text(encoding="utf-8"))
    assert plan_names(spec).as_dict() == golden
