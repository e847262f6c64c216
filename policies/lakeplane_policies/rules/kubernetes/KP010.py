"""Pods run as users that no node has.

A container that breaks out has its user's rights on the node; numbers of 10,000 and more belong to nobody
there.

Anti-pattern:

    PodSecurityContextArgs(run_as_user=1000)

Best practice:

    PodSecurityContextArgs(run_as_user=10001)

Documents: Kubernetes documentation, "Configure a Security Context for a Pod or Container".
"""

from typing import Any

from lakeplane_policies.pods import either, every_container
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS


def _high(pod: Any) -> Condition:
    return either(pod, "runAsUser", lambda user: isinstance(user, int) and user >= 10_000)


RULE = Rule(
    code="KP010",
    title="pods run as users that no node has",
    types=WORKLOADS,
    impact=Impact.LOW,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=every_container(_high),
    remedy="set run_as_user to 10000 or more",
    sources=("CKV_K8S_40",),
)
