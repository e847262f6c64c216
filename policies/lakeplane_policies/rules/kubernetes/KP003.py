"""Containers give up all capabilities of root.

Docker's default set of capabilities lets a container forge packets and own files of others; a service needs
none of it.

Anti-pattern:

    CapabilitiesArgs(add=["NET_ADMIN"])

Best practice:

    CapabilitiesArgs(drop=["ALL"])

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from typing import Any

from lakeplane_policies.conditions import all_of, must
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = all_of(
    must("securityContext.capabilities.drop", lambda dropped: "ALL" in dropped, "ALL"),
    must("securityContext.capabilities.add", lambda added: set(added) <= {"NET_BIND_SERVICE"}, absent=None),
)


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP003",
    title="containers give up all capabilities of root",
    types=WORKLOADS,
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy='set capabilities.drop=["ALL"], and add NET_BIND_SERVICE at most',
    sources=(
        "CKV_K8S_28",
        "CKV_K8S_37",
        "CIS 4.2.5",
    ),
)
