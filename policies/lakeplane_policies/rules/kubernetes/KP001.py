"""Pods run as somebody who isn't root.

Root in a container is root on the node once it gets out, and may write what the image's author never meant
to be written.

Anti-pattern:

    SecurityContextArgs(run_as_user=0)

Best practice:

    PodSecurityContextArgs(run_as_non_root=True)

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from typing import Any

from lakeplane_policies.conditions import all_of, must_not_be
from lakeplane_policies.pods import either, every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS


def _not_root(pod: Any) -> Condition:
    return all_of(either(pod, "runAsNonRoot", lambda value: value is True), _NOT_USER_ZERO)


_NOT_USER_ZERO = must_not_be("securityContext.runAsUser", 0)


RULE = Rule(
    code="KP001",
    title="pods run as somebody who isn't root",
    types=WORKLOADS,
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_not_root),
    remedy="set security_context.run_as_non_root=True for the pod or for each container",
    sources=(
        "CKV_K8S_23",
        "CIS 4.2.5",
    ),
)
