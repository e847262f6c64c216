"""Containers can't gain rights that they started without.

A set-uid program in the image turns any user into root unless the kernel is told to refuse.

Anti-pattern:

    SecurityContextArgs(allow_privilege_escalation=True)

Best practice:

    SecurityContextArgs(allow_privilege_escalation=False)

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from typing import Any

from lakeplane_policies.conditions import must_be
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = must_be("securityContext.allowPrivilegeEscalation", False)


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP002",
    title="containers can't gain rights that they started without",
    types=WORKLOADS,
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="set allow_privilege_escalation=False",
    sources=(
        "CKV_K8S_20",
        "CIS 4.2.5",
    ),
)
