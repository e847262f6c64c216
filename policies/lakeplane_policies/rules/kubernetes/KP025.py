"""Services are reached from inside.

A load balancer is public unless it is told otherwise, and a node port opens every node. Without a type, a
service is for the cluster alone.

Anti-pattern:

    ServiceSpecArgs(type="LoadBalancer")

Best practice:

    ServiceSpecArgs(type="ClusterIP")

Documents: Microsoft Learn, "Use an internal load balancer with Azure Kubernetes Service".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_INTERNAL = "service.beta.kubernetes.io/azure-load-balancer-internal"


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from must("spec.externalIPs", lambda addresses: not addresses, "none", absent=None)(
        inputs, settings
    )
    kind, annotations = read(inputs, "spec.type"), read(inputs, "metadata.annotations")
    internal = annotations.get(_INTERNAL) if isinstance(annotations, dict) else annotations
    if kind is State.UNKNOWN or (kind == "LoadBalancer" and internal is State.UNKNOWN):
        yield unknown("spec", "type")
    elif kind not in (State.ABSENT, "ClusterIP") and not (kind == "LoadBalancer" and internal == "true"):
        yield Violation(("spec", "type"), show(kind))


RULE = Rule(
    code="KP025",
    title="services are reached from inside",
    types=("kubernetes:core/v1:Service",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="alike in both: no access mode opens services of a cluster",
    judge=_judge,
    remedy="use type ClusterIP, or annotate a load balancer as internal",
    sources=(
        "CIS 5.4.3",
        "MCSB NS-2",
    ),
)
