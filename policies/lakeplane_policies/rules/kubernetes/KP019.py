"""Roles in clusters name verbs and resources.

A wildcard takes in what the next version of Kubernetes, or the next operator, adds.

Anti-pattern:

    PolicyRuleArgs(api_groups=["*"], resources=["*"], verbs=["*"])

Best practice:

    PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["get", "list"])

Documents: Kubernetes documentation, "Role Based Access Control Good Practices".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import every, must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings


def _judge(rule: Any, settings: Settings) -> Iterator[Violation]:
    for name in ("verbs", "resources"):
        yield from must(name, lambda given: "*" not in given, absent=None)(rule, settings)


RULE = Rule(
    code="KP019",
    title="roles in clusters name verbs and resources",
    types=(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
    ),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every("rules", _judge),
    remedy="name api_groups, resources and verbs",
    sources=(
        "CKV_K8S_49",
        "CIS 4.1.3",
    ),
)
