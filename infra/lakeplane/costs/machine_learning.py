"""Azure Machine Learning: compute, online deployments and the managed network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane.costs.billed import KNOWN_LATER, Billed, Pricer, at, text, whole
from lakeplane.costs.ledger import HOURS, Ledger
from lakeplane.costs.machines import charge_machines
from lakeplane.costs.span import Factor, Span
from lakeplane.provider_models.wire import is_unknown

__all__ = ["PRICERS"]

_RULE = "azure-native:machinelearningservices:ManagedNetworkSettingsRule"
_HOURS_A_MONTH = HOURS.amount.high


def _price_compute(ledger: Ledger, billed: Billed) -> None:
    properties = at(billed.inputs, "properties")
    kind = text(properties, "computeType")
    if kind == "AmlCompute":
        _price_cluster(ledger, billed, at(properties, "properties"))
    elif kind == "ComputeInstance":
        _price_instance(ledger, billed, at(properties, "properties"))
    elif kind not in ("Kubernetes", "Databricks", "SynapseSpark", "VirtualMachine"):  # these exist elsewhere
        ledger.leave(
            billed.payer(),
            "compute",
            f"its kind is {KNOWN_LATER}" if kind is None else f"no prices of {kind}",
        )


def _price_cluster(ledger: Ledger, billed: Billed, cluster: Any) -> None:
    payer, name = billed.payer(), text(billed.inputs, "computeName") or billed.resource.name
    size = text(cluster, "vmSize")
    least = whole(cluster, "scaleSettings", "minNodeCount", absent=0)
    most = whole(cluster, "scaleSettings", "maxNodeCount")
    if size is None or least is None or most is None or least > most:
        ledger.leave(payer, f"nodes of {name}", f"their size or number is {KNOWN_LATER}")
        return
    spot = text(cluster, "vmPriority") == "LowPriority"
    hours = billed.assumptions.ml_node_hours.get(name)
    if hours is None and least < most:
        ledger.leave(
            payer,
            f"nodes of {name}, {size}, {least} to {most}",
            f"nothing declares their hours (cost.ml_node_hours_per_month.{name})",
            at_most=ledger.bound(
                lambda scratch: charge_machines(
                    scratch, payer, size, Factor.of(most, "node"), HOURS, spot=spot
                )
            ),
        )
        return
    span = Span.within(least * _HOURS_A_MONTH, hours or 0, most * _HOURS_A_MONTH)
    charge_machines(ledger, payer, size, Factor(span, "node hour"), spot=spot)
    # Disks of the nodes are the service's own and no part of the cluster's definition.
    ledger.leave(payer, f"OS disks of {name}", "the service chooses them")


def _price_instance(ledger: Ledger, billed: Billed, instance: Any) -> None:
    size, payer = text(instance, "vmSize"), billed.payer()
    if size is None:
        ledger.leave(payer, "compute instance", f"its size is {KNOWN_LATER}")
        return
    ledger.leave(
        payer,
        f"compute instance, {size}",
        "it runs until somebody stops it",
        at_most=ledger.bound(lambda scratch: charge_machines(scratch, payer, size, HOURS)),
    )


def _price_deployment(ledger: Ledger, billed: Billed) -> None:
    size = text(billed.inputs, "properties", "instanceType") or "a size not named"
    count = whole(billed.inputs, "sku", "capacity")
    ledger.leave(
        billed.payer(),
        f"online deployment, {'an unknown number of' if count is None else count} x {size}",
        "billed as Managed Model Hosting Service, of which no prices are at hand",
    )


def _price_workspace(ledger: Ledger, billed: Billed) -> None:
    network, payer = at(billed.inputs, "managedNetwork"), billed.payer()
    if text(network, "isolationMode") in (None, "Disabled"):
        return
    # Microsoft Learn, "Workspace managed virtual network isolation", pricing: endpoints, and a firewall once
    # a rule names a host.
    ledger.leave(payer, "private endpoints of the managed network", "the service makes them as it needs them")
    if "FQDN" in _rule_kinds(billed):
        tier = (text(network, "firewallSku") or "Standard").lower()
        ledger.charge(
            payer,
            f"azure_firewall_{tier}_hour",
            HOURS,
            service="Azure Firewall",
            what="firewall of the managed network",
        )
        ledger.leave(payer, "data through the managed network's firewall", "its volume is not known")


def _rule_kinds(billed: Billed) -> Iterator[str | None]:
    """Return the kinds of what the managed network lets out, in the workspace and beside it."""
    rules = at(billed.inputs, "managedNetwork", "outboundRules")
    if isinstance(rules, Mapping):
        yield from (text(rule, "type") for rule in rules.values())
    name = billed.inputs.get("workspaceName")
    for other in billed.others(_RULE):
        owner = other.inputs.get("workspaceName")
        if owner == name or is_unknown(owner):
            yield text(other.inputs, "properties", "type")


PRICERS: Mapping[str, Pricer] = {
    "azure-native:machinelearningservices:Compute": _price_compute,
    "azure-native:machinelearningservices:OnlineDeployment": _price_deployment,
    "azure-native:machinelearningservices:Workspace": _price_workspace,
}
