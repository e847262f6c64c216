"""Roles in clusters don't give rights that their holder lacks.

Whoever may bind, escalate or impersonate has every right in the cluster, one step later.

Anti-pattern:

    PolicyRuleArgs(resources=["clusterroles"], verbs=["bind", "escalate"])

Best practice:

    PolicyRuleArgs(resources=["clusterroles"], verbs=["get", "list"])

Documents: Kubernetes documentation, "Role Based Access Control Good Practices".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import every, must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_GIVES = {"bind", "escalate", "impersonate"}


def _judge(rule: Any, settings: Settings) -> Iterator[Violation]:
    yield from must("verbs", lambda verbs: not _GIVES & set(verbs), absent=None)(rule, settings)


RULE = Rule(
    code="KP020",
    title="roles in clusters don't give rights that their holder lacks",
    types=(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
    ),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every("rules", _judge),
    remedy="remove bind, escalate and impersonate",
    sources=(
        "CKV_K8S_157",
        "CKV_K8S_158",
        "CKV2_K8S_3",
        "CIS 4.1.7",
    ),
)
