"""Whether the address space is free beside the hub's, and whether a network that is brought along fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import ExistingSubnet, Needs
    from lakeplane.azure.sign_in import Caller

__all__ = ["check_hub_network", "check_own_network"]

_AREA = "network"
_API = "2024-05-01"


def check_hub_network(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Compare the address space with the hub's network and with all that are peered with it already."""
    del caller
    if not needs.hub_network_id:
        return ()
    hub = needs.hub_network_id.rpartition("/")[2]
    try:
        network = client.find(needs.hub_network_id, _API)
    except AzureError as error:
        return (not_checked(_AREA, hub, error),)
    if network is None:
        return (
            Result(
                code="PRF070",
                area=_AREA,
                subject=hub,
                state=State.MISSING,
                found="the hub's network isn't there",
                remedy="bring the hub up first: lakeplane up HUB --target azure",
            ),
        )
    clashes = [
        f"{prefix} of {owner}"
        for owner, prefix in _ranges(network, needs)
        if ip_network(prefix, strict=False).overlaps(needs.address_space)
    ]
    return (
        Result(
            code="PRF071",
            area=_AREA,
            subject=str(needs.address_space),
            state=State.MISSING if clashes else State.OK,
            found=f"overlaps {', '.join(clashes)}" if clashes else f"free beside {hub} and its peers",
            remedy="give network.address_space a range that is free there" if clashes else "",
        ),
    )


def _ranges(network: Mapping[str, Any], needs: Needs) -> Iterator[tuple[str, str]]:
    """Yield every IPv4 range that is reached from the hub, but for the environment's own."""
    properties = network.get("properties") or {}
    for prefix in (properties.get("addressSpace") or {}).get("addressPrefixes") or ():
        yield str(network.get("name", "the hub")), prefix
    for peering in properties.get("virtualNetworkPeerings") or ():
        peer = peering.get("properties") or {}
        remote = str((peer.get("remoteVirtualNetwork") or {}).get("id", ""))
        if remote.lower() == needs.network_id.lower():
            continue
        space = peer.get("remoteVirtualNetworkAddressSpace") or peer.get("remoteAddressSpace") or {}
        for prefix in space.get("addressPrefixes") or ():
            if ":" not in prefix:
                yield remote.rpartition("/")[2] or str(peering.get("name")), prefix


def check_own_network(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Look whether the subnets of a network that is brought along are there, large enough and delegated."""
    del caller
    if not needs.existing_subnets:
        return ()
    try:
        network = client.find(needs.network_id, _API)
    except AzureError as error:
        return (not_checked(_AREA, needs.network_id, error),)
    if network is None:
        return (_subnet(needs.network_id, "the network isn't there", "correct network.bring_your_own"),)
    subnets = {
        str(one.get("name", "")).lower(): one.get("properties") or {}
        for one in (network.get("properties") or {}).get("subnets") or ()
    }
    return tuple(
        _judge(wanted, subnets.get(wanted.name.lower()), needs.region, network)
        for wanted in needs.existing_subnets
    )


def _judge(
    wanted: ExistingSubnet, found: Mapping[str, Any] | None, region: str, network: Mapping[str, Any]
) -> Result:
    subject = f"{wanted.name}, {wanted.use}"
    if found is None:
        return _subnet(subject, "no such subnet", "create it, or correct network.bring_your_own.subnets")
    wrong = []
    if str(network.get("location", "")).lower() != region.lower():
        wrong.append(f"in {network.get('location')}, not in {region}")
    delegations = [
        str((one.get("properties") or {}).get("serviceName")) for one in found.get("delegations") or ()
    ]
    if delegations != ([wanted.delegation] if wanted.delegation else []):
        wrong.append(
            f"delegated to {', '.join(delegations) or 'nothing'}, not to {wanted.delegation or 'nothing'}"
        )
    prefix = found.get("addressPrefix") or next(iter(found.get("addressPrefixes") or ()), "")
    if not prefix or ip_network(prefix, strict=False).prefixlen > wanted.longest_prefix:
        wrong.append(f"{prefix or 'without a range'}, where a /{wanted.longest_prefix} is the smallest")
    if wrong:
        return _subnet(subject, "; ".join(wrong), "have the network's owner change the subnet")
    return _subnet(subject, f"{prefix}, as it is needed", "")


def _subnet(subject: str, found: str, remedy: str) -> Result:
    return Result(
        code="PRF072",
        area=_AREA,
        subject=subject,
        state=State.MISSING if remedy else State.OK,
        found=found,
        remedy=remedy,
    )
