"""Pods ask the kernel for what the runtime thinks fit.

Without a seccomp profile a container may call every one of the kernel's several hundred entries, and with
them its flaws.

Anti-pattern:

    PodSecurityContextArgs(seccomp_profile=SeccompProfileArgs(type="Unconfined"))

Best practice:

    PodSecurityContextArgs(seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"))

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from typing import Any

from lakeplane_policies.pods import either, every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS


def _profiled(pod: Any) -> Condition:
    return either(pod, "seccompProfile.type", lambda kind: kind in ("RuntimeDefault", "Localhost"))


RULE = Rule(
    code="KP004",
    title="pods ask the kernel for what the runtime thinks fit",
    types=WORKLOADS,
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_profiled),
    remedy='set security_context.seccomp_profile.type="RuntimeDefault"',
    sources=(
        "CKV_K8S_31",
        "CIS 4.6.2",
    ),
)
