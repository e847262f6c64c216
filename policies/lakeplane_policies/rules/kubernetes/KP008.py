"""Containers take no port of their node.

A host port is open on every node that runs the pod, past services and their network policies.

Anti-pattern:

    ContainerPortArgs(container_port=8080, host_port=8080)

Best practice:

    ContainerPortArgs(container_port=8080)

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from typing import Any

from lakeplane_policies.conditions import every, must
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = every("ports", must("hostPort", lambda port: port == 0, "none", absent=None))


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP008",
    title="containers take no port of their node",
    types=WORKLOADS,
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="remove host_port, and put a Service before the pod",
    sources=(
        "CKV_K8S_26",
        "CIS 4.2.4",
    ),
)
