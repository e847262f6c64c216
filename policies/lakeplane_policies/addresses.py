"""Address ranges, as rules look at them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

__all__ = ["is_private_range", "opens_to_everybody"]

_ANYWHERE = frozenset({"*", "any", "internet"})
_SHORTEST_PREFIX = {4: 8, 6: 16}  # a wider range is nobody's own
_MOST_ADDRESSES = 1 << 24
_RFC_1918 = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def opens_to_everybody(value: Any) -> bool:
    """Tell whether a range or a service tag holds everybody, or too much of the internet to be anybody's.

    What is no range and no such tag (a name, a service tag of one service) holds somebody only.
    """
    text = str(value).strip().casefold()
    first, dash, last = text.partition("-")
    network = _network(first)
    if text in _ANYWHERE or network is None:
        return text in _ANYWHERE
    if dash:  # Azure Firewall takes a range by its two ends, too
        end = _network(last)
        return end is None or int(end.network_address) - int(network.network_address) >= _MOST_ADDRESSES
    return network.prefixlen < _SHORTEST_PREFIX[network.version]


def is_private_range(value: Any) -> bool:
    """Tell whether a value is an IPv4 range of RFC 1918."""
    network = _network(str(value))
    return isinstance(network, IPv4Network) and any(network.subnet_of(block) for block in _RFC_1918)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
