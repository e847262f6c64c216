"""The hub's plan: legal names, ranges that fit, and what environments behind it are told."""

from __future__ import annotations

import json
import random
import re
import string
from dataclasses import asdict
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from lakeplane.errors import PlanError
from lakeplane.hub_planning import HubPlan, hub_beside, plan_hub
from lakeplane.naming import PRIVATE_LINK_ZONES
from lakeplane.planning import plan_environment
from lakeplane.spec import load_spec
from lakeplane.spec.hub import HubSpec
from lakeplane.spec.regions import REGIONS

ENVIRONMENTS = Path(__file__).parents[2] / "stacks" / "environments"
BASE = {
    "kind": "hub",
    "name": "hub",
    "organisation": "contoso",
    "region": "westeurope",
    "owner": "platform@contoso.example",
    "cost_centre": "4700",
    "subscription": "00000000-0000-4000-8000-000000000001",
    "tenant": "00000000-0000-4000-8000-000000000002",
}
# From "Naming rules and restrictions for Azure resources" and the services' own pages.
PLAIN = r"[A-Za-z0-9]([\w.-]*\w)?"
RULES = {
    "resource_group": (r"[\w().-]*[\w()-]", 1, 90),
    "virtual_network": (PLAIN, 2, 64),
    "nsg": (PLAIN, 1, 80),
    "route_table": (PLAIN, 1, 80),
    "firewall": (PLAIN, 1, 56),
    "firewall_policy": (PLAIN, 1, 80),
    "public_ip": (PLAIN, 1, 80),
    "nat_gateway": (PLAIN, 1, 80),
    "log_workspace": (r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", 4, 63),
    "budget": (r"[A-Za-z0-9_-]*", 1, 63),
    "web_authentication_workspace": (r"[A-Za-z0-9_-]*", 3, 64),
    "web_authentication_managed_group": (r"[\w().-]*[\w()-]", 1, 90),
    "web_authentication_endpoint": (PLAIN, 2, 64),
    "runner_environment": (r"[a-z]([a-z0-9-]*[a-z0-9])?", 1, 60),
    "network_connectivity_config": (r"[A-Za-z0-9_-]*", 3, 30),
    "network_policy": (r"[a-z0-9-]*", 3, 64),
}


ABROAD = {key: BASE[key] for key in ("subscription", "tenant")}


def plan(**changes: Any) -> HubPlan:
    return plan_hub(HubSpec.model_validate({**BASE, **changes}))


def random_hubs(count: int) -> list[HubPlan]:
    chance = random.Random(4711)

    def word(longest: int) -> str:
        rest = chance.choices(string.ascii_lowercase + string.digits, k=chance.randint(1, longest - 1))
        return chance.choice(string.ascii_lowercase) + "".join(rest)

    return [
        plan(
            name=f"h{word(11)}",
            organisation=word(20),
            region=chance.choice(list(REGIONS)),
            network={"address_space": f"10.{number}.{chance.randrange(0, 256, 2)}.0/23"},
        )
        for number in range(count)
    ]


def test_names_of_a_hundred_hubs_are_legal() -> None:
    for hub in random_hubs(100):
        for kind, name in asdict(hub.names).items():
            pattern, shortest, longest = RULES[kind]
            assert re.fullmatch(pattern, name), (kind, name)
            assert shortest <= len(name) <= longest, (kind, name)


def test_each_environment_has_an_identity_of_its_own_with_a_legal_name() -> None:
    longest = "e" * 12
    listed = [
        {"name": name, "address_space": f"10.{space}.0.0/16"} for name, space in ((longest, 30), ("ab", 31))
    ]
    hub = plan(name="h" * 12, organisation="o" * 20, region="germanywestcentral", environments=listed)
    names = list(hub.runner_identities.values())
    assert names[0].endswith(f"-runner-{longest}")
    assert len(set(names)) == 2
    # "Naming rules and restrictions for Azure resources", user-assigned identities.
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}", name) for name in names)
    assert hub.facts.runner_identities == {}, "no runner is asked for"


@pytest.mark.parametrize("prefix", [16, 20, 23])
def test_ranges_of_a_hub_lie_in_it_and_apart(prefix: int) -> None:
    addresses = plan(network={"address_space": f"10.16.0.0/{prefix}"}).addresses
    parts = [addresses.firewall, addresses.private_endpoints, addresses.login_host]
    parts += [addresses.login_container, addresses.runner]
    assert all(part.subnet_of(addresses.space) and part.prefixlen <= 26 for part in parts)
    assert not [pair for pair in combinations(parts, 2) if pair[0].overlaps(pair[1])]


def test_a_hundred_hubs_have_a_hundred_ranges_and_firewalls() -> None:
    hubs = random_hubs(100)
    spaces = [hub.addresses.space for hub in hubs]
    assert not [pair for pair in combinations(spaces, 2) if pair[0].overlaps(pair[1])]
    assert len({hub.facts.firewall_private_ip for hub in hubs}) == 100
    assert all(hub.facts.firewall_private_ip in hub.addresses.firewall for hub in hubs)


def test_a_hub_has_a_zone_for_everything_that_is_private() -> None:
    zones = plan(region="northeurope").private_dns_zones
    assert {zone for group in PRIVATE_LINK_ZONES.values() for zone in group} <= set(zones)
    assert "private.northeurope.azmk8s.io" in zones
    assert len(set(zones)) == len(zones)


def test_environments_are_told_what_is_certain() -> None:
    facts = hub_beside(ENVIRONMENTS / "prod.yaml", "hub")
    assert facts is not None
    assert facts.firewall_private_ip == IPv4Address("10.16.0.4")
    assert facts.dns_servers == (IPv4Address("10.16.0.4"),), "names in rules hold for whom it resolves them"
    assert facts.environments["prod"] == IPv4Network("10.25.0.0/16")
    assert facts.metastore_id == "3e7a0000-0000-4000-8000-000000000004"
    assert facts.network_connectivity_config_name == "ncc-hub-westeurope"
    assert hub_beside(ENVIRONMENTS / "prod.yaml", None) is None
    assert hub_beside(ENVIRONMENTS / "prod.yaml", "elsewhere") is None


def test_without_a_firewall_environments_resolve_and_leave_by_themselves() -> None:
    facts = plan(network={"egress": "nat"}).facts
    assert (facts.firewall_private_ip, facts.dns_servers) == (None, ())


def behind_hub(tmp_path: Path, hub: dict[str, Any], **changes: Any) -> Path:
    """Write a hub's spec and an environment's beside it; both as JSON, which is YAML."""
    (tmp_path / "hub.yaml").write_text(json.dumps({**BASE, **hub}))
    environment = {
        **{key: BASE[key] for key in ("organisation", "region", "owner", "cost_centre")},
        "name": "dev",
        "tier": "dev",
        "access": {"mode": "private"},
        "network": {"hub": "hub", "address_space": "10.24.0.0/20"},
        **changes,
    }
    path = tmp_path / "dev.yaml"
    path.write_text(json.dumps(environment))
    return path


def test_subscription_tenant_and_account_come_from_the_hub(tmp_path: Path) -> None:
    account = "ac000000-0000-4000-8000-000000000003"
    spec = load_spec(behind_hub(tmp_path, {"databricks": {"account_id": account}}))
    assert (spec.subscription, spec.tenant) == (BASE["subscription"], BASE["tenant"])
    assert spec.databricks.account == account
    own = "0e000000-0000-4000-8000-000000000009"
    spec = load_spec(
        behind_hub(tmp_path, {}, subscription=own, databricks={"account": own, "max_workers": 2})
    )
    assert (spec.subscription, spec.databricks.account) == (own, own)
    assert spec.databricks.max_workers == 2


@pytest.mark.parametrize(
    ("hub", "changes", "code"),
    [
        ({"region": "northeurope", "network": {"egress": "nat"}}, {}, "PLN003"),
        ({"network": {"egress": "nat", "address_space": "10.24.0.0/16"}}, {}, "PLN004"),
        ({}, {}, "PLN005"),
        ({"environments": [{"name": "dev", "address_space": "10.24.16.0/20"}]}, {}, "PLN005"),
        (
            {"environments": [{"name": "dev", "address_space": "10.24.0.0/20"}]},
            {"aks": {"gpu_node_size": "Standard_NC4as_T4_v3"}},
            "PLN006",
        ),
    ],
)
def test_what_does_not_fit_the_hub_is_found_before_any_update(
    tmp_path: Path, hub: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    path = behind_hub(tmp_path, hub, **changes)
    with pytest.raises(PlanError) as failure:
        plan_environment(load_spec(path), hub_beside(path, "hub"))
    (finding,) = failure.value.findings
    assert finding.code == code
    assert finding.remedy


def test_a_hub_that_cannot_be_found_is_named(tmp_path: Path) -> None:
    path = behind_hub(tmp_path, {}, network={"hub": "elsewhere", "address_space": "10.24.0.0/20"}, **ABROAD)
    with pytest.raises(PlanError, match="nothing is known of the hub"):
        plan_environment(load_spec(path), hub_beside(path, "elsewhere"))


def test_a_hub_that_knows_the_environment_or_filters_nothing_lets_it_out(tmp_path: Path) -> None:
    known = [{"name": "dev", "address_space": "10.24.0.0/20", "gpu_nodes": True}]
    gpus = {"aks": {"gpu_node_size": "Standard_NC4as_T4_v3"}}
    for hub in ({"environments": known}, {"network": {"egress": "nat"}}):
        path = behind_hub(tmp_path, hub, **gpus)
        assert plan_environment(load_spec(path), hub_beside(path, "hub")).hub is not None
