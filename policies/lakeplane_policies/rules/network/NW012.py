"""Network interfaces have no public address and forward nothing.

A machine with a public address stands on the internet; one that forwards is a router that nobody planned.

Anti-pattern:

    NetworkInterfaceIPConfigurationArgs(public_ip_address=PublicIPAddressArgs(id=address.id))

Best practice:

    NetworkInterface("jump", ip_configurations=[inside], enable_ip_forwarding=False)

Documents: Microsoft Learn, "Create, change, or delete a network interface".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, must_be, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_FORWARDS = must_be("enableIPForwarding", False)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _FORWARDS(inputs, settings)
    yield from every("ipConfigurations", _inside, absent=NOT_SET)(inputs, settings)


def _inside(configuration: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    address = read(configuration, "publicIPAddress")
    if address is State.UNKNOWN:
        yield unknown("publicIPAddress")
    elif address is not State.ABSENT:
        yield Violation(("publicIPAddress",), "it has one")


RULE = Rule(
    code="NW012",
    title="network interfaces have no public address and forward nothing",
    types=("azure-native:network:NetworkInterface",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="remove public_ip_address, and set enable_ip_forwarding=False",
    sources=(
        "CKV_AZURE_118",
        "CKV_AZURE_119",
        "CKV2_AZURE_39",
    ),
)
