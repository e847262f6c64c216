"""Address ranges that a spec may give: a private space for the network, public ranges for its doors."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from lakeplane.spec.refusals import finding

__all__ = ["AllowedAddress", "CidrRange", "PrivateRange"]

_RFC_1918 = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_AKS_RESERVED = tuple(IPv4Network(text) for text in ("172.30.0.0/16", "172.31.0.0/16"))


def _parse_range(value: Any) -> Any:
    if isinstance(value, IPv4Network) or not isinstance(value, str):
        return value
    if ":" in value:
        raise finding(
            "SPC030",
            "an IPv6 range cannot be used",
            allowed="an IPv4 range such as 10.20.0.0/20",
            remedy="give an IPv4 range; the network's services speak IPv4 only",
        )
    address, _, prefix = value.partition("/")
    try:
        # Only a prefix length will do: the library takes netmasks and single addresses as well.
        whole = IPv4Network(value, strict=False) if re.fullmatch(r"[0-9]{1,2}", prefix) else None
    except (AddressValueError, NetmaskValueError):
        whole = None
    if whole is None:
        raise finding(
            "SPC030",
            "not an address range",
            allowed="an IPv4 range in CIDR notation, such as 10.20.0.0/20",
            remedy="write the first address, a slash and the prefix length",
        )
    if str(whole.network_address) != address:
        raise finding(
            "SPC031",
            "address range has host bits set",
            allowed=f"{whole}, the range that holds {address}",
            remedy=f"write {whole}, or choose another prefix length",
        )
    return whole


def _parse_address(value: Any) -> Any:
    """Take a single address for the range of one that it is."""
    single = isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", value)
    return _parse_range(f"{value}/32" if single else value)


def _private(value: IPv4Network) -> IPv4Network:
    if not any(value.subnet_of(block) for block in _RFC_1918):
        raise finding(
            "SPC032",
            "address space is not private",
            allowed=f"a range inside {', '.join(map(str, _RFC_1918))} (RFC 1918)",
            remedy="take a free private range of your organisation",
        )
    return value


def _private_space(value: IPv4Network) -> IPv4Network:
    if not 16 <= value.prefixlen <= 24:
        raise finding(
            "SPC033",
            "address space has the wrong size",
            allowed="a prefix length of 16 to 24, which Databricks asks of its virtual network",
            remedy="take /20 unless clusters of several hundred nodes are planned",
        )
    for block in _AKS_RESERVED:
        if value.overlaps(block):
            raise finding(
                "SPC034",
                f"address space overlaps {block}, which AKS keeps for itself",
                allowed=f"a private range outside {' and '.join(map(str, _AKS_RESERVED))}",
                remedy="take another private range",
            )
    return value


def _allowed_address(value: IPv4Network) -> IPv4Network:
    if value.is_private and not _is_documentation(value):
        raise finding(
            "SPC035",
            "a private address never reaches a public door",
            allowed="public IPv4 ranges, as seen from the internet",
            remedy="give the public address of your network's exit, or use access mode private",
        )
    if value.prefixlen < 8:
        raise finding(
            "SPC035",
            "range opens the door to everybody",
            allowed="ranges of /8 or smaller",
            remedy="name the ranges of your own networks",
        )
    return value


def _is_documentation(value: IPv4Network) -> bool:
    blocks = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")  # RFC 5737: examples and simulations
    return any(value.subnet_of(IPv4Network(block)) for block in blocks)


CidrRange = Annotated[
    IPv4Network,
    BeforeValidator(_parse_range),
    AfterValidator(_private),
    AfterValidator(_private_space),
    WithJsonSchema({"type": "string", "examples": ["10.20.0.0/20"]}),
]
PrivateRange = Annotated[
    IPv4Network,
    BeforeValidator(_parse_range),
    AfterValidator(_private),
    WithJsonSchema({"type": "string", "examples": ["192.168.0.0/22"]}),
]
AllowedAddress = Annotated[
    IPv4Network,
    BeforeValidator(_parse_address),
    AfterValidator(_allowed_address),
    WithJsonSchema({"type": "string", "examples": ["203.0.113.0/24", "203.0.113.7"]}),
]
