"""No container is privileged.

A privileged container is the node: it sees all devices and may load into the kernel. It has to be asked for,
so a container that says nothing isn't.

Anti-pattern:

    SecurityContextArgs(privileged=True)

Best practice:

    SecurityContextArgs(privileged=False)

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from typing import Any

from lakeplane_policies.conditions import all_of, must_not_be
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = all_of(
    must_not_be("securityContext.privileged", True),
    must_not_be("securityContext.procMount", "Unmasked"),
    must_not_be("securityContext.windowsOptions.hostProcess", True),
)


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP005",
    title="no container is privileged",
    types=WORKLOADS,
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="remove privileged, an unmasked proc_mount and windows_options.host_process",
    sources=(
        "CKV_K8S_16",
        "CIS 4.2.1",
    ),
)
