"""Addresses: inside the space, without overlap, and of the sizes that the services ask for."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeplane.addressing import plan_addresses
from lakeplane.errors import PlanError


@st.composite
def spaces(draw: st.DrawFn) -> IPv4Network:
    block = draw(
        st.sampled_from(
            [IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16")]
        )
    )
    prefix = draw(st.integers(16, 24))
    index = draw(st.integers(0, 2 ** (prefix - block.prefixlen) - 1))
    return IPv4Network((int(block.network_address) + (index << (32 - prefix)), prefix))


@settings(max_examples=150, deadline=None)
@given(space=spaces())
def test_subnets_lie_in_the_space_and_do_not_overlap(space: IPv4Network) -> None:
    plan = plan_addresses(space)
    assert all(subnet.subnet_of(space) for subnet in plan.subnets.values())
    assert [pair for pair in combinations(plan.subnets.values(), 2) if pair[0].overlaps(pair[1])] == []


@settings(max_examples=150, deadline=None)
@given(space=spaces())
def test_subnets_are_large_enough(space: IPv4Network) -> None:
    plan = plan_addresses(space)
    assert plan.databricks_host.prefixlen == plan.databricks_container.prefixlen <= 26
    assert plan.aks_api_server.prefixlen == 28
    assert plan.private_endpoints.num_addresses - 5 >= 20  # Azure keeps five of each subnet
    assert plan.aks_nodes.prefixlen <= 26


@settings(max_examples=150, deadline=None)
@given(space=spaces())
def test_ranges_inside_aks_stay_out_of_the_space(space: IPv4Network) -> None:
    plan = plan_addresses(space)
    assert not plan.aks_services.overlaps(space)
    assert not plan.aks_pods.overlaps(space)
    assert not plan.aks_services.overlaps(plan.aks_pods)
    assert plan.aks_dns_service in plan.aks_services
    assert plan.aks_dns_service != plan.aks_services[1]  # the first one is the API server's own


def test_addresses_of_the_default_space() -> None:
    plan = plan_addresses(IPv4Network("10.20.0.0/20"))
    assert {name: str(subnet) for name, subnet in plan.subnets.items()} == {
        "databricks_host": "10.20.0.0/22",
        "databricks_container": "10.20.4.0/22",
        "aks_nodes": "10.20.8.0/22",
        "private_endpoints": "10.20.12.0/23",
        "aks_api_server": "10.20.14.0/28",
    }
    assert str(plan.aks_services) == "10.0.0.0/16"


@pytest.mark.parametrize("space", ["10.0.0.0/25", "10.0.0.0/15"])
def test_plan_addresses_rejects_other_sizes(space: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan_addresses(IPv4Network(space))
    assert [one.code for one in caught.value.findings] == ["PLN001"]
