"""Containers say what they need, and get no more.

Without requests, pods are put where there is no room; without limits, one of them takes the node from the
others.

Anti-pattern:

    ResourceRequirementsArgs(requests={"cpu": "100m"})

Best practice:

    ResourceRequirementsArgs(requests={"cpu": "500m", "memory": "1Gi"}, limits={"cpu": "2", "memory": "2Gi"})

Documents: Kubernetes documentation, "Resource Management for Pods and Containers".
"""

from typing import Any

from lakeplane_policies.conditions import all_of, must
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = all_of(
    *(must(f"resources.{kind}.{what}", bool) for kind in ("requests", "limits") for what in ("cpu", "memory"))
)


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP011",
    title="containers say what they need, and get no more",
    types=WORKLOADS,
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="set requests and limits of cpu and memory",
    sources=(
        "CKV_K8S_10",
        "CKV_K8S_11",
        "CKV_K8S_12",
        "CKV_K8S_13",
    ),
)
