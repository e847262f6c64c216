"""The same promises as for a few plans, on as many as all environments of a large company over years."""

from __future__ import annotations

import random
from ipaddress import IPv4Network
from itertools import pairwise

import pytest

from lakeplane.addressing import plan_addresses
from lakeplane.naming import plan_names

from .test_names import GLOBAL, SOFT_DELETED, illegal, random_specs

pytestmark = pytest.mark.slow

BLOCKS = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))


def test_names_of_a_hundred_thousand_environments_are_legal_stable_and_unique() -> None:
    specs = random_specs(100_000)
    # Short names come up more than once; an environment is who has it, in which subscription, and which one.
    identities = {(spec.organisation, spec.subscription, spec.name, spec.generation) for spec in specs}
    seen: dict[str, set[str]] = {kind: set() for kind in (*GLOBAL, *SOFT_DELETED)}
    for spec in specs:
        names = plan_names(spec)
        assert illegal(names) == {}, spec
        assert plan_names(spec.model_copy()) == names
        for kind, taken in seen.items():
            taken.add(getattr(names, kind))
    assert {kind: len(identities) - len(taken) for kind, taken in seen.items()} == dict.fromkeys(seen, 0)


def test_ten_thousand_address_plans_have_no_overlap() -> None:
    chance = random.Random(4711)
    for _ in range(10_000):
        block, prefix = chance.choice(BLOCKS), chance.randint(16, 24)
        index = chance.randrange(2 ** (prefix - block.prefixlen))
        space = IPv4Network((int(block.network_address) + (index << (32 - prefix)), prefix))
        plan = plan_addresses(space)
        ranges = sorted([*plan.subnets.values(), plan.aks_pods, plan.aks_services])
        assert not [pair for pair in pairwise(ranges) if pair[0].overlaps(pair[1])], space
        assert all(subnet.subnet_of(space) for subnet in plan.subnets.values())
