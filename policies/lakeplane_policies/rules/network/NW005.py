"""Networks and subnets have private ranges.

A network on public addresses shadows whoever owns them, and can't be peered with anybody's.

Anti-pattern:

    AddressSpaceArgs(address_prefixes=["20.0.0.0/16"])

Best practice:

    AddressSpaceArgs(address_prefixes=["10.24.0.0/20"])

Documents: Microsoft Learn, "Plan virtual networks", and RFC 1918.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.addresses import is_private_range
from lakeplane_policies.conditions import NOT_SET, every, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import SUBNET


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    single, several = read(inputs, "addressPrefix"), read(inputs, "addressPrefixes")
    if (
        read(inputs, "virtualNetworkName") is not State.ABSENT
        and read(inputs, "addressSpace") is not State.ABSENT
    ):
        yield from every("addressSpace.addressPrefixes", _private, absent=NOT_SET)(inputs, settings)
    elif single is State.UNKNOWN:
        yield unknown("addressPrefix")
    elif single is not State.ABSENT:
        yield from (replace(found, path=("addressPrefix",)) for found in _private(single, settings))
    elif several is not State.ABSENT:
        yield from every("addressPrefixes", _private)(inputs, settings)
    else:
        yield Violation(("addressPrefix",), NOT_SET)


def _private(prefix: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if not is_private_range(prefix):
        yield Violation((), show(prefix))


RULE = Rule(
    code="NW005",
    title="networks and subnets have private ranges",
    types=("azure-native:network:VirtualNetwork", SUBNET),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="take ranges of RFC 1918",
    sources=("MCSB NS-1",),
)
