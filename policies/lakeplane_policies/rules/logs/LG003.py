"""The audit log of clusters tells who did what.

Without the audit categories, nobody can tell who changed or read an object of the cluster, or who tried to
sign in.

Anti-pattern:

    DiagnosticsLogSettingsArgs(category="kube-scheduler", enabled=True)

Best practice:

    [
        DiagnosticsLogSettingsArgs(category="kube-audit-admin", enabled=True),
        DiagnosticsLogSettingsArgs(category="guard", enabled=True),
    ]

Documents: Microsoft Learn, "Monitoring data reference for Azure Kubernetes Service", section "Resource
logs".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, read, word
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import DIAGNOSTIC_SETTING, MANAGED_CLUSTER

_ALL = frozenset({"allLogs", "audit"})
_AUDIT = frozenset({"kube-audit", "kube-audit-admin"})


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for cluster in stack.of(MANAGED_CLUSTER):
        told: set[str | State] = set()
        for log in stack.of(DIAGNOSTIC_SETTING):
            about = stack.points(log, "resourceUri", cluster)
            told |= _categories(log) if about is True else {State.UNKNOWN} if about else set()
        if told & _ALL or (told & _AUDIT and "guard" in told):
            continue
        if State.UNKNOWN in told:
            yield replace(unknown(), urn=cluster.urn)
        else:
            yield Violation((), "no DiagnosticSetting tells of audit and sign-ins", urn=cluster.urn)


def _categories(log: Resource) -> set[str | State]:
    logs = read(log.inputs, "logs")
    if not isinstance(logs, list):
        return {word(log.inputs, "logs")}
    return {word(one, name) for one in logs for name in ("category", "categoryGroup")}


RULE = Rule(
    code="LG003",
    title="the audit log of clusters tells who did what",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add kube-audit-admin (or kube-audit) and guard to its DiagnosticSetting",
    sources=(
        "PSRule Azure.AKS.AuditLogs",
        "PSRule Azure.AKS.AuditAdmin",
        "MCSB LT-3",
    ),
)
