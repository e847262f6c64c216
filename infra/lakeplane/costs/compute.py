"""Databricks compute beside jobs: pools, SQL warehouses, interactive clusters, policies, model serving."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lakeplane.cluster_policies import witness
from lakeplane.costs.billed import KNOWN_LATER, Billed, Pricer, at, text, whole
from lakeplane.costs.clusters import read_cluster
from lakeplane.costs.jobs import DATABRICKS, charge_cluster
from lakeplane.costs.ledger import HOURS, Ledger, Payer
from lakeplane.costs.machines import charge_machines
from lakeplane.costs.span import Factor, Span
from lakeplane.provider_models.names import pulumi_to_rest

__all__ = ["CLUSTER", "INSTANCE_POOL", "PRICERS"]

CLUSTER = "databricks:index/cluster:Cluster"
INSTANCE_POOL = "databricks:index/instancePool:InstancePool"
_SPOT = ("SPOT_AZURE", "SPOT_WITH_FALLBACK_AZURE")
_BY_CLUSTERS_OWN_HOURS = "it runs while people use it"

# databrickslabs/lakemeter-oss, dbsql-warehouse-config.csv (price notes, 2026-04-10): machines of the
# warehouses that are not serverless, by size: the driver's, and how many workers.
_WORKER = "Standard_E8ds_v4"
_WAREHOUSES = {
    "2X-Small": ("Standard_E8ds_v4", 1),
    "X-Small": ("Standard_E8ds_v4", 2),
    "Small": ("Standard_E16ds_v4", 4),
    "Medium": ("Standard_E32ds_v4", 8),
    "Large": ("Standard_E32ds_v4", 16),
    "X-Large": ("Standard_E64ds_v4", 32),
    "2X-Large": ("Standard_E64ds_v4", 64),
    "3X-Large": ("Standard_E64ds_v4", 128),
    "4X-Large": ("Standard_E64ds_v4", 256),
}
# databricks-sdk 0.156, ServedEntityInput.workload_size: provisioned concurrency from least to most.
_CONCURRENCY = {"Small": (4, 4), "Medium": (8, 16), "Large": (16, 64)}


def _price_pool(ledger: Ledger, billed: Billed) -> None:
    """Enter the machines that wait in a pool, without units; those in use count with their cluster."""
    size, count = text(billed.inputs, "nodeTypeId"), whole(billed.inputs, "minIdleInstances", absent=0)
    if size is None or count is None:
        ledger.leave(billed.payer(), "idle machines of the pool", f"their size or number is {KNOWN_LATER}")
        return
    spot = text(billed.inputs, "azureAttributes", "availability") in _SPOT
    charge_machines(ledger, billed.payer(), size, Factor.of(count, "idle machine"), HOURS, spot=spot)


def _price_warehouse(ledger: Ledger, billed: Billed) -> None:
    inputs, payer = billed.inputs, billed.payer()
    kind, size = _warehouse_kind(inputs), text(inputs, "clusterSize") or ""
    least, most = (whole(inputs, key, absent=1) for key in ("minNumClusters", "maxNumClusters"))
    what = f"SQL warehouse, {size}, {kind or 'of a kind not named'}"
    units = ledger.prices.factor(f"databricks:sql_warehouse_dbu:{kind}:{size}")
    if kind is None or units is None or least is None or most is None or least > most:
        ledger.leave(payer, what, "its kind, its size or its number of clusters is not known")
        return

    def enter(to: Ledger, hours: Factor, clusters: Span) -> None:
        running = (Factor(clusters, "cluster"), hours)
        item = f"databricks:{billed.estate.databricks_tier}:sql_{kind}"
        to.charge(payer, item, *running, Factor.of(units, "DBU/h"), service=DATABRICKS, what=what)
        if kind != "serverless":
            driver, workers = _WAREHOUSES[size]
            charge_machines(to, payer, driver, *running)
            charge_machines(to, payer, _WORKER, *running, Factor.of(workers, "worker"))

    declared = billed.assumptions.sql_warehouse_hours
    if declared is None:
        reason = "nothing declares its hours (cost.sql_warehouse_hours_per_month)"
        at_most = ledger.bound(lambda scratch: enter(scratch, HOURS, Span.of(most)))
        ledger.leave(payer, what, reason, at_most=at_most)
        return
    enter(ledger, Factor.of(declared, "h"), Span(least, least, most))


def _warehouse_kind(inputs: Mapping[str, Any]) -> str | None:
    if at(inputs, "enableServerlessCompute") is True:
        return "serverless"
    kind = text(inputs, "warehouseType")
    return kind.lower() if kind in ("PRO", "CLASSIC") else None


def _price_cluster(ledger: Ledger, billed: Billed) -> None:
    spec = pulumi_to_rest(CLUSTER, billed.inputs)
    properties = tuple(billed.resource.property_dependencies)
    cluster = read_cluster(spec, billed, *properties, kind="all-purpose")
    if isinstance(cluster, str):
        ledger.leave(billed.payer(), "interactive cluster", cluster)
        return
    tier = billed.estate.databricks_tier
    at_most = ledger.bound(
        lambda scratch: charge_cluster(
            scratch, billed.payer(), cluster, (HOURS,), tier=tier, kind="all_purpose"
        )
    )
    ledger.leave(billed.payer(), "interactive cluster", _BY_CLUSTERS_OWN_HOURS, at_most=at_most)


def _price_policy(ledger: Ledger, billed: Billed) -> None:
    """Tell what a cluster that people start under a policy costs in an hour; jobs count by themselves."""
    try:
        definition = json.loads(text(billed.inputs, "definition") or "")
    except ValueError:
        return
    if not isinstance(definition, dict) or at(definition, "cluster_type", "value") != "all-purpose":
        return
    what = f"interactive clusters under {text(billed.inputs, 'name') or billed.resource.name}"
    ledger.leave(billed.payer(), what, f"{_BY_CLUSTERS_OWN_HOURS}{_hourly(ledger, billed, definition)}")


def _hourly(ledger: Ledger, billed: Billed, definition: Mapping[str, Any]) -> str:
    """Say what an hour of the cluster costs that the policy's own values make."""
    made = witness(definition)
    cluster = read_cluster(made, billed, kind="all-purpose") if made is not None else ""
    if isinstance(cluster, str):
        return ""
    scratch = Ledger(ledger.prices)
    hour = (Factor.of(1, "h"),)
    charge_cluster(
        scratch, billed.payer(), cluster, hour, tier=billed.estate.databricks_tier, kind="all_purpose"
    )
    if scratch.not_priced:
        return ""
    low, high = (sum(getattr(line, end) for line in scratch.lines) for end in ("low", "high"))
    sizes = " and ".join(dict.fromkeys(group.size for group in cluster.groups))
    bounds = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    return f"; by its defaults ({sizes}) one costs {bounds} an hour"


def _price_serving(ledger: Ledger, billed: Billed) -> None:
    config = at(billed.inputs, "config")
    entities = [one for key in ("servedEntities", "servedModels") for one in at(config, key) or []]
    if not entities:
        ledger.leave(billed.payer(), "model serving", "what it serves is not known")
    for entity in entities:
        _price_entity(ledger, billed.payer(), entity)


def _price_entity(ledger: Ledger, payer: Payer, entity: Mapping[str, Any]) -> None:
    kind, size = text(entity, "workloadType") or "CPU", text(entity, "workloadSize") or ""
    what = f"model serving, {kind}, {size or 'of a size not named'}"
    units = ledger.prices.factor("databricks:model_serving_dbu:cpu")
    if kind != "CPU" or size not in _CONCURRENCY or units is None:
        ledger.leave(payer, what, "no source tells its Databricks units")
        return
    least, most = _CONCURRENCY[size]

    def enter(to: Ledger, concurrency: Span) -> None:
        factors = (Factor(concurrency, "concurrent request"), HOURS, Factor.of(units, "DBU/h"))
        to.charge(payer, "databricks:premium:model_serving", *factors, service=DATABRICKS, what=what)

    if at(entity, "scaleToZeroEnabled") is not False:
        at_most = ledger.bound(lambda scratch: enter(scratch, Span.of(most)))
        ledger.leave(payer, what, "it runs while it is asked", at_most=at_most)
        return
    enter(ledger, Span(least, least, most))


def _price_pipeline(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), "declarative pipeline", "how long its updates take is not known")


def _price_workspace(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), "workspace's own storage account", "how much it holds is not known")
    profile = at(billed.inputs, "enhancedSecurityCompliance")
    if profile is not None:
        ledger.leave(
            billed.payer(), "enhanced security and compliance", "10 % of what Databricks bills at list price"
        )


def _price_rule(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(
        billed.payer(), "private endpoint of serverless compute", "no price of Databricks' own at hand"
    )


PRICERS: Mapping[str, Pricer] = {
    "azure-native:databricks:Workspace": _price_workspace,
    "databricks:index/clusterPolicy:ClusterPolicy": _price_policy,
    CLUSTER: _price_cluster,
    INSTANCE_POOL: _price_pool,
    "databricks:index/modelServing:ModelServing": _price_serving,
    "databricks:index/mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule": _price_rule,
    "databricks:index/pipeline:Pipeline": _price_pipeline,
    "databricks:index/sqlEndpoint:SqlEndpoint": _price_warehouse,
}
