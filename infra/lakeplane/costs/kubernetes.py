"""AKS: the nodes of all pools, the uptime tier and what the cluster makes by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.costs.billed import KNOWN_LATER, Billed, Pricer, at, is_later, text, whole
from lakeplane.costs.ledger import HOURS, Ledger, Payer
from lakeplane.costs.machines import charge_machines, charge_managed_disks
from lakeplane.costs.span import Factor, Span

__all__ = ["PRICERS", "NodePool", "node_pools"]

_AKS = "Azure Kubernetes Service"
_CLUSTER = "azure-native:containerservice:ManagedCluster"
_POOL = "azure-native:containerservice:AgentPool"


@dataclass(frozen=True, slots=True)
class NodePool:
    """One node pool.

    Attributes:
        name: Its name.
        size: Azure size of its nodes.
        nodes: Least, first and most nodes: the autoscaler's bounds and the number it starts from.
        spot: Whether its nodes are spot machines.
        max_surge: Nodes that an upgrade adds, as AKS takes it: a number or a percentage.
        profile: The pool as the service takes it.
    """

    name: str
    size: str
    nodes: Span
    spot: bool
    max_surge: str
    profile: Mapping[str, Any]


def node_pools(billed: Billed) -> Iterator[NodePool | str]:
    """Return a resource's node pools; a pool's name alone where its size or number is not known."""
    if billed.resource.type == _POOL:
        yield _read(billed.inputs, text(billed.inputs, "agentPoolName") or billed.resource.name)
    elif billed.resource.type == _CLUSTER:
        profiles = at(billed.inputs, "agentPoolProfiles")
        if not isinstance(profiles, list):
            yield "its pools"
            return
        for profile in profiles:
            yield _read(profile, text(profile, "name") or "a pool")


def _read(profile: Mapping[str, Any], name: str) -> NodePool | str:
    size, count = text(profile, "vmSize"), whole(profile, "count")
    least, most = whole(profile, "minCount"), whole(profile, "maxCount")
    nodes: Span | None = None
    if at(profile, "enableAutoScaling") is True:
        if least is not None and most is not None and least <= most and not is_later(profile, "count"):
            nodes = Span.within(least, least if count is None else count, most)
    elif count is not None:
        nodes = Span.of(count)
    if size is None or nodes is None:
        return name
    # AKS API: "If not specified, the default is 10%" (NewOrUpdateAgentPoolBase.MaxSurge, Microsoft Learn).
    surge = at(profile, "upgradeSettings", "maxSurge")
    return NodePool(
        name=name,
        size=size,
        nodes=nodes,
        spot=text(profile, "scaleSetPriority") == "Spot",
        max_surge=str(surge) if isinstance(surge, str | int) else "10%",
        profile=profile,
    )


def _price_pools(ledger: Ledger, billed: Billed) -> None:
    payer = billed.payer()
    for pool in node_pools(billed):
        if isinstance(pool, str):
            ledger.leave(payer, f"nodes of {pool}", f"their size or number is {KNOWN_LATER}")
            continue
        if text(pool.profile, "osType") == "Windows":
            ledger.leave(payer, f"nodes of {pool.name}", "prices of machines with Windows are not at hand")
            continue
        charge_machines(ledger, payer, pool.size, Factor(pool.nodes, "node"), HOURS, spot=pool.spot)
        _price_disks(ledger, payer, pool)


def _price_disks(ledger: Ledger, payer: Payer, pool: NodePool) -> None:
    kind, gigabytes = text(pool.profile, "osDiskType"), whole(pool.profile, "osDiskSizeGB")
    if kind == "Ephemeral":  # it lies on the machine's own disk
        return
    if kind == "Managed" and gigabytes:
        charge_managed_disks(ledger, payer, gigabytes, Factor(pool.nodes, "node"))
        return
    ledger.leave(payer, f"OS disks of {pool.name}", "kind or size of the disks is not named")


def _price_cluster(ledger: Ledger, billed: Billed) -> None:
    _price_pools(ledger, billed)
    payer, inputs = billed.payer(), billed.inputs
    # ManagedClusterSKU, Microsoft Learn: "If not specified, the default is 'Free'."
    tier = text(inputs, "sku", "tier") or "Free"
    if tier in ("Standard", "Premium"):
        ledger.charge(payer, "aks_standard_uptime_hour", HOURS, service=_AKS, what=f"uptime tier {tier}")
    if tier == "Premium":
        ledger.leave(payer, "long-term support", "no price at hand")
    if at(inputs, "networkProfile", "outboundType") in (None, "loadBalancer"):
        ledger.charge(
            payer,
            "public_ip_hour",
            Factor.of(1, "address"),
            HOURS,
            service="Virtual Network",
            what="outbound address",
        )
        ledger.charge(payer, "load_balancer_hour", HOURS, service="Load Balancer", what="load balancer, base")
        ledger.leave(payer, "data through the load balancer", "its volume is not known")
    if at(inputs, "securityProfile", "defender", "securityMonitoring", "enabled") is True:
        ledger.leave(
            payer, "Defender for Containers, by core", "no price at hand; the subscription's plan decides"
        )


def _price_service(ledger: Ledger, billed: Billed) -> None:
    if text(billed.inputs, "spec", "type") == "LoadBalancer":
        ledger.leave(
            billed.payer(), "load balancer rules and data", "no price at hand, and traffic is not known"
        )


def _price_claim(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(
        billed.payer(), "disk of a persistent volume", "its storage class decides, which is the cluster's"
    )


PRICERS: Mapping[str, Pricer] = {
    _CLUSTER: _price_cluster,
    _POOL: _price_pools,
    "kubernetes:core/v1:Service": _price_service,
    "kubernetes:core/v1:PersistentVolumeClaim": _price_claim,
}
