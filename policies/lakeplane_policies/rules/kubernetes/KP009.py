"""Containers can't write their own file system.

Whoever breaks in wants to leave something behind; on a read-only file system nothing stays but in volumes
that the pod names.

Anti-pattern:

    SecurityContextArgs(read_only_root_filesystem=False)

Best practice:

    SecurityContextArgs(read_only_root_filesystem=True)

Documents: Kubernetes documentation, "Configure a Security Context for a Pod or Container".
"""

from typing import Any

from lakeplane_policies.conditions import must_be
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = must_be("securityContext.readOnlyRootFilesystem", True)


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP009",
    title="containers can't write their own file system",
    types=WORKLOADS,
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="set read_only_root_filesystem=True, and mount emptyDir where it has to write",
    sources=("CKV_K8S_22",),
)
