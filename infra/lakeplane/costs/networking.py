"""Networks: addresses, gateways, firewalls, private endpoints, names and what crosses from one to another."""

from __future__ import annotations

from collections.abc import Mapping

from lakeplane.costs.billed import Billed, Pricer, text, whole
from lakeplane.costs.ledger import HOURS, Ledger
from lakeplane.costs.span import Factor

__all__ = ["PRICERS"]

_NETWORK = "Virtual Network"
_VOLUME = "its volume is not known"


def _price_address(ledger: Ledger, billed: Billed) -> None:
    if text(billed.inputs, "publicIPAddressVersion") == "IPv6":  # Microsoft: no charge
        return
    where = "global" if text(billed.inputs, "sku", "tier") == "Global" else "regional"
    item = "public_ip_global_hour" if where == "global" else "public_ip_hour"
    ledger.charge(billed.payer(), item, HOURS, service=_NETWORK, what=f"public address, {where}")


def _price_prefix(ledger: Ledger, billed: Billed) -> None:
    length = whole(billed.inputs, "prefixLength")
    if length is None or length > 32:
        ledger.leave(billed.payer(), "public address prefix", "its length is not known")
        return
    addresses = Factor.of(2 ** (32 - length), "address")
    ledger.charge(
        billed.payer(),
        "public_ip_prefix_hour",
        addresses,
        HOURS,
        service=_NETWORK,
        what="public address prefix",
    )


def _price_gateway(ledger: Ledger, billed: Billed) -> None:
    ledger.charge(billed.payer(), "nat_gateway_hour", HOURS, service="NAT Gateway", what="gateway")
    _price_outbound(ledger, billed, "nat_gateway_gb", "NAT Gateway")


def _price_firewall(ledger: Ledger, billed: Billed) -> None:
    tier = (text(billed.inputs, "sku", "tier") or "Standard").lower()
    ledger.charge(
        billed.payer(),
        f"azure_firewall_{tier}_hour",
        HOURS,
        service="Azure Firewall",
        what=f"firewall, {tier}",
    )
    _price_outbound(ledger, billed, "azure_firewall_gb", "Azure Firewall")


def _price_outbound(ledger: Ledger, billed: Billed, item: str, service: str) -> None:
    gigabytes = billed.assumptions.outbound_gb
    if gigabytes is None:
        reason = "nothing declares its volume (cost.outbound_gb_per_month)"
        ledger.leave(billed.payer(), f"{service}, data processed", reason)
        return
    ledger.charge(billed.payer(), item, Factor.of(gigabytes, "GB"), service=service, what="data processed")


def _price_endpoint(ledger: Ledger, billed: Billed) -> None:
    service = "Azure Private Link"
    ledger.charge(billed.payer(), "private_endpoint_hour", HOURS, service=service, what="private endpoint")
    ledger.leave(billed.payer(), "private endpoint, data processed", _VOLUME)


def _price_peering(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), "peering, data in and out", _VOLUME)


def _price_zone(ledger: Ledger, billed: Billed) -> None:
    zone = Factor.of(1, "zone")
    ledger.charge(billed.payer(), "private_dns_zone_month", zone, service="Azure DNS", what="private zone")
    ledger.leave(billed.payer(), "DNS queries", "their number is not known")


def _price_balancer(ledger: Ledger, billed: Billed) -> None:
    service = "Load Balancer"
    ledger.charge(billed.payer(), "load_balancer_hour", HOURS, service=service, what="load balancer, base")
    ledger.leave(billed.payer(), "data and rules beyond five", _VOLUME)


PRICERS: Mapping[str, Pricer] = {
    "azure-native:network:AzureFirewall": _price_firewall,
    "azure-native:network:LoadBalancer": _price_balancer,
    "azure-native:network:NatGateway": _price_gateway,
    "azure-native:network:PrivateEndpoint": _price_endpoint,
    "azure-native:network:PublicIPAddress": _price_address,
    "azure-native:network:PublicIPPrefix": _price_prefix,
    "azure-native:network:VirtualNetworkPeering": _price_peering,
    "azure-native:privatedns:PrivateZone": _price_zone,
}
