"""IP access lists let in ranges of somebody, not of everybody.

A list with 0.0.0.0/0 is none. Ranges wider than /8 belong to no organisation.

An address among others that isn't known yet is taken for the one that the environment itself leaves by,
which only exists after its network; a list of which nothing is known is undecidable.

Anti-pattern:

    IpAccessList("all", list_type="ALLOW", ip_addresses=["0.0.0.0/0"])

Best practice:

    IpAccessList("office", list_type="ALLOW", ip_addresses=["203.0.113.0/24"], enabled=True)

Documents: Microsoft Learn, "Configure IP access lists for workspaces".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.addresses import opens_to_everybody
from lakeplane_policies.conditions import NOT_SET, must_be, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import IP_ACCESS_LIST

_ON = must_be("enabled", True)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    kind, addresses = read(inputs, "listType"), read(inputs, "ipAddresses")
    yield from _ON(inputs, settings)
    if kind == "BLOCK":
        return
    if kind != "ALLOW":
        yield unknown("listType") if kind is State.UNKNOWN else Violation(("listType",), NOT_SET)
    if addresses is State.UNKNOWN:
        yield unknown("ipAddresses")
    elif not isinstance(addresses, list) or not addresses:
        yield Violation(("ipAddresses",), NOT_SET)
    elif all(address is State.UNKNOWN for address in addresses):
        yield unknown("ipAddresses")
    else:
        for index, address in enumerate(addresses):
            if address is not State.UNKNOWN and opens_to_everybody(address):
                yield Violation(("ipAddresses", index), f"{show(address)}, which holds everybody")


RULE = Rule(
    code="DB012",
    title="IP access lists let in ranges of somebody, not of everybody",
    types=(IP_ACCESS_LIST,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes="private: judged if there is one; allow_list: every range of the list is judged",
    judge=_judge,
    remedy="name the ranges of your own networks, and enable the list",
    sources=("SAT NS-5",),
)
