"""Routes lead to the firewall, and nobody's announcements change them.

A default route to the internet goes round the firewall; routes announced by a gateway can do the same
without anybody touching the table.

Anti-pattern:

    RouteArgs(address_prefix="0.0.0.0/0", next_hop_type="Internet")

Best practice:

    RouteArgs(address_prefix="0.0.0.0/0", next_hop_type="VirtualAppliance", next_hop_ip_address="10.16.0.4")

Documents: Microsoft Learn, "Virtual network traffic routing".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.addresses import is_private_range
from lakeplane_policies.conditions import NOT_SET, every, must, must_be, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_OWN_ROUTES = must_be("disableBgpRoutePropagation", True)
_APPLIANCE = must("nextHopIpAddress", is_private_range, "a private address")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _OWN_ROUTES(inputs, settings)
    yield from every("routes", _route, absent=NOT_SET)(inputs, settings)


def _route(route: Any, settings: Settings) -> Iterator[Violation]:
    # Outwards lead the default route, and any other to a range that isn't private.
    prefix, hop = read(route, "addressPrefix"), read(route, "nextHopType")
    if State.UNKNOWN in (prefix, hop):
        yield unknown("addressPrefix" if prefix is State.UNKNOWN else "nextHopType")
    elif hop == "VirtualAppliance":
        yield from _APPLIANCE(route, settings)
    elif hop != "None" and not is_private_range(prefix):
        yield Violation(("nextHopType",), NOT_SET if hop is State.ABSENT else show(hop))


RULE = Rule(
    code="NW010",
    title="routes lead to the firewall, and nobody's announcements change them",
    types=("azure-native:network:RouteTable",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="lead routes to a VirtualAppliance, and set disable_bgp_route_propagation=True",
    sources=("MCSB NS-3",),
)
