"""System pools are for the system alone, and in prod of three nodes.

Pods of workloads on system nodes starve what keeps the cluster alive. Three nodes let one zone fail while
another node is drained.

Anti-pattern:

    ManagedClusterAgentPoolProfileArgs(mode="System", count=1)

Best practice:

    ManagedClusterAgentPoolProfileArgs(
        mode="System",
        min_count=3,
        node_taints=["CriticalAddonsOnly=true:NoSchedule"],
    )

Documents: Microsoft Learn, "Manage system node pools in AKS".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import every, must, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import MANAGED_CLUSTER

_POOLS = "agentPoolProfiles"
_TAINT = "CriticalAddonsOnly=true:NoSchedule"
_TAINTED = must("nodeTaints", lambda taints: _TAINT in taints, _TAINT)
_THREE = must("count", lambda count: count >= 3, "at least 3")
_THREE_AT_LEAST = must("minCount", lambda count: count >= 3, "at least 3")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    pools = read(inputs, _POOLS)
    modes = [read(pool, "mode") for pool in pools] if isinstance(pools, list) else [pools]
    if "System" not in modes:
        yield unknown(_POOLS) if State.UNKNOWN in modes else Violation((_POOLS,), "none is of mode System")
    yield from every(_POOLS, _system_pool)(inputs, settings) if isinstance(pools, list) else ()


def _system_pool(pool: Any, settings: Settings) -> Iterator[Violation]:
    if read(pool, "mode") == "System":
        yield from _TAINTED(pool, settings)
        if settings.tier == "prod":
            scales = read(pool, "enableAutoScaling") is True
            yield from (_THREE_AT_LEAST if scales else _THREE)(pool, settings)


RULE = Rule(
    code="AK017",
    title="system pools are for the system alone, and in prod of three nodes",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=_judge,
    remedy="taint a pool of mode System with CriticalAddonsOnly=true:NoSchedule, and give it min_count=3",
    sources=(
        "CKV_AZURE_232",
        "PSRule Azure.AKS.MinNodeCount",
    ),
)
