"""What an environment will need of a subscription's quota, counted from its resources alone.

Everything is counted at its most and at the same time: pools of AKS at the autoscaler's end with the nodes
that an upgrade adds, jobs with all the runs that may go on at once, instance pools full. Machines that a job
takes from a pool count with the pool. Interactive clusters count once they are resources; how many people
start under a policy is not known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakeplane.costs.assumptions import Assumptions
from lakeplane.costs.billed import Billed, Estate, at, text, whole
from lakeplane.costs.clusters import Cluster, read_cluster
from lakeplane.costs.compute import CLUSTER, INSTANCE_POOL
from lakeplane.costs.jobs import JOB, job_clusters, rest_job
from lakeplane.costs.kubernetes import NodePool, node_pools
from lakeplane.costs.network_quota import (
    AKS_ADDRESSES,
    DATABRICKS_ADDRESSES,
    addresses_a_node,
    count_network,
    databricks_subnets,
)
from lakeplane.costs.quota_model import QuotaNeed, Tally
from lakeplane.provider_models.names import pulumi_to_rest
from lakeplane.render import Resource
from lakeplane.spec.sizes import vm_sizes

__all__ = ["cores_by_family", "count_quota"]

_COMPUTE = "azure-native:machinelearningservices:Compute"
_DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_SPOT = ("SPOT_AZURE", "SPOT_WITH_FALLBACK_AZURE")

_QUOTAS = "MicrosoftDocs/azure-compute-docs, virtual-machines/quotas.md, 2026-01-16"
_ML_QUOTAS = "Microsoft Learn, Manage and increase quotas for resources with Azure Machine Learning"
_OF_ML = ", Azure Machine Learning"
_DEPLOYMENTS = f"{_ML_QUOTAS}; a deployment takes a fifth more (2023-12-07)"


@dataclass(frozen=True, slots=True)
class _Machines:
    """Machines of one size, at their most."""

    size: str
    count: int
    how: str
    spot: bool = False
    aks_subnet: str = ""
    addresses: int = 1
    databricks: bool = False


def count_quota(resources: Iterable[Resource], *, region: str) -> tuple[QuotaNeed, ...]:
    """Count what resources need of each limit, by the limit's name and where it holds.

    Args:
        resources: What the program registers.
        region: Region of resources that name none.
    """
    estate = Estate.of(resources, region, Assumptions())
    tally = Tally()
    for billed in estate.billed():
        for machines in _machines(billed):
            if isinstance(machines, str):
                _miss(tally, billed, machines)
            else:
                _count_machines(tally, billed, machines)
        _count_ml(tally, billed)
        count_network(tally, billed)
    return tally.close()


def cores_by_family(needs: Iterable[QuotaNeed]) -> dict[tuple[str, bool], int]:
    """Return the cores of each quota family, and whether Azure Machine Learning's own quota is meant."""
    families = {facts.quota_family for facts in vm_sizes().values()}
    counted = {(need.name.removesuffix(_OF_ML), need.name.endswith(_OF_ML)): need.needed for need in needs}
    return {key: cores for key, cores in counted.items() if key[0] in families}


def _machines(billed: Billed) -> Iterator[_Machines | str]:
    """Return a resource's machines, or why they are not known."""
    match billed.resource.type:
        case token if token == JOB:
            yield from _of_job(billed)
        case token if token == INSTANCE_POOL:
            yield _of_instance_pool(billed)
        case token if token == CLUSTER:
            properties = tuple(billed.resource.property_dependencies)
            spec = pulumi_to_rest(CLUSTER, billed.inputs)
            yield from _of_cluster(read_cluster(spec, billed, *properties, kind="all-purpose"), 1)
        case _:
            for pool in node_pools(billed):
                yield _of_pool(pool, billed) if isinstance(pool, NodePool) else f"nodes of {pool}"


def _of_job(billed: Billed) -> Iterator[_Machines | str]:
    job = rest_job(billed)
    at_once = whole(job, "max_concurrent_runs", absent=1) or 1
    for _, cluster in job_clusters(job, billed):
        yield from _of_cluster(cluster, at_once)


def _of_cluster(cluster: Cluster | str, at_once: int) -> Iterator[_Machines | str]:
    if isinstance(cluster, str):
        yield cluster
        return
    for group in cluster.groups:
        if not group.from_pool:
            nodes = math.ceil(group.nodes.high)
            runs = f" in each of {at_once} runs at once" if at_once > 1 else ""
            how = f"{_counted(nodes, 'node')}{runs}"
            yield _Machines(group.size, nodes * at_once, how, group.spot, databricks=True)


def _of_instance_pool(billed: Billed) -> _Machines | str:
    size, most = text(billed.inputs, "nodeTypeId"), whole(billed.inputs, "maxCapacity")
    if size is None or most is None:
        return "machines of the pool, which nothing limits or names"
    spot = text(billed.inputs, "azureAttributes", "availability") in _SPOT
    return _Machines(size, most, f"{_counted(most, 'machine')} of the full pool", spot, databricks=True)


def _of_pool(pool: NodePool, billed: Billed) -> _Machines:
    most = math.ceil(pool.nodes.high)
    surge = _surge(pool.max_surge, most)
    return _Machines(
        size=pool.size,
        count=most + surge,
        how=f"{_counted(most, 'node')} + {surge} while it is upgraded",
        spot=pool.spot,
        aks_subnet=text(pool.profile, "vnetSubnetID") or "",
        addresses=addresses_a_node(pool.profile, billed.estate),
    )


def _surge(surge: str, nodes: int) -> int:
    """Return the nodes that an upgrade adds; fractions are rounded up (AKS API, `maxSurge`)."""
    number = surge.removesuffix("%")
    if not number.isdigit():
        return nodes
    return math.ceil(nodes * int(number) / 100) if surge.endswith("%") else int(number)


def _count_machines(tally: Tally, billed: Billed, machines: _Machines) -> None:
    facts = vm_sizes().get(machines.size)
    urn, region = billed.resource.urn, billed.region
    if facts is None:
        name, cores = f"family of {machines.size}, which is not known", machines.count
        tally.add(name, region, urn, cores, unit="machines", how=machines.how, source=_QUOTAS)
    else:
        cores, how = machines.count * facts.vcpus, f"{machines.how}, {facts.vcpus} vCPUs each"
        names = ("lowPriorityCores",) if machines.spot else ("cores", facts.quota_family)
        for name in names:
            tally.add(name, region, urn, cores, unit="vCPUs", how=how, source=_QUOTAS)
    tally.add(
        "virtualMachines", region, urn, machines.count, unit="machines", how=machines.how, source=_QUOTAS
    )
    if machines.aks_subnet:
        each = f", {machines.addresses} addresses each" if machines.addresses > 1 else ""
        addresses = machines.count * machines.addresses
        AKS_ADDRESSES.count(tally, billed, machines.aks_subnet, addresses, f"{machines.how}{each}")
    if machines.databricks:
        for subnet in databricks_subnets(billed.estate):
            DATABRICKS_ADDRESSES.count(tally, billed, subnet, machines.count, machines.how)


def _count_ml(tally: Tally, billed: Billed) -> None:
    """Count Azure Machine Learning's cores, of which it has a quota of its own."""
    source, spot = _ML_QUOTAS, False
    if billed.resource.type == _COMPUTE:
        properties = at(billed.inputs, "properties", "properties")
        size, count = text(properties, "vmSize"), whole(properties, "scaleSettings", "maxNodeCount", absent=1)
        spot = text(properties, "vmPriority") == "LowPriority"
        how = _counted(count or 0, "node")
        if text(billed.inputs, "properties", "computeType") not in ("AmlCompute", "ComputeInstance"):
            return
    elif billed.resource.type == _DEPLOYMENT:
        size, instances = (
            text(billed.inputs, "properties", "instanceType"),
            whole(billed.inputs, "sku", "capacity"),
        )
        count = None if instances is None else math.ceil(instances * 12 / 10)
        how, source = f"{_counted(instances or 0, 'instance')} and a fifth more", _DEPLOYMENTS
    else:
        return
    facts = vm_sizes().get(size or "")
    if facts is None or count is None:
        _miss(tally, billed, f"machines of {size or 'a size not named'}")
        return
    names = (
        ("TotalLowPriorityCores",) if spot else ("Total Cluster Dedicated Regional vCPUs", facts.quota_family)
    )
    for name in names:
        shown = name if name.startswith("Total") else f"{name}{_OF_ML}"
        how_each = f"{how}, {facts.vcpus} vCPUs each"
        tally.add(
            shown,
            billed.region,
            billed.resource.urn,
            count * facts.vcpus,
            unit="vCPUs",
            how=how_each,
            source=source,
        )


def _miss(tally: Tally, billed: Billed, what: str) -> None:
    """Count a resource among those whose machines are not known; unknown never counts as none."""
    urn = billed.resource.urn
    tally.add("not counted", billed.region, urn, 1, unit="resources", how=what, source="the program itself")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
