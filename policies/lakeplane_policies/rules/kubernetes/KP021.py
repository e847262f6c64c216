"""No role in a cluster reads all secrets.

A role that lists secrets is all accounts whose tokens lie in them.

Anti-pattern:

    PolicyRuleArgs(resources=["secrets"], verbs=["list"])

Best practice:

    PolicyRuleArgs(resources=["secrets"], resource_names=["scoring-tls"], verbs=["get"])

Documents: Kubernetes documentation, "Role Based Access Control Good Practices".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import every, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_READS = {"get", "list", "watch", "*"}


def _judge(rule: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    resources, verbs = read(rule, "resources"), read(rule, "verbs")
    if State.UNKNOWN in (resources, verbs):
        yield unknown("resources" if resources is State.UNKNOWN else "verbs")
    elif isinstance(resources, list) and isinstance(verbs, list):
        named = read(rule, "resourceNames") not in (State.ABSENT, [])
        if {"secrets", "*"} & set(map(str, resources)) and _READS & set(map(str, verbs)) and not named:
            yield Violation(("resources",), show(resources))


RULE = Rule(
    code="KP021",
    title="no role in a cluster reads all secrets",
    types=(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
    ),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every("rules", _judge),
    remedy="name the secrets by resource_names, or leave secrets out",
    sources=(
        "CKV2_K8S_5",
        "CIS 4.1.2",
    ),
)
