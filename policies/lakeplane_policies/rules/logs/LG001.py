"""What holds data or opens doors writes its logs somewhere.

Azure keeps no resource log by itself. What nobody asked to be logged can't be told after an incident: who
read the lake, who fetched the secret, which job ran.

Anti-pattern:

    Vault("secrets")

Best practice:

    DiagnosticSetting(
        "secrets-log",
        resource_uri=vault.id,
        workspace_id=logs.id,
        logs=[DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
    )

Documents: Microsoft Learn, "Diagnostic settings in Azure Monitor".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import (
    DATABRICKS_WORKSPACE,
    DIAGNOSTIC_SETTING,
    FIREWALL,
    MANAGED_CLUSTER,
    ML_ENDPOINT,
    ML_WORKSPACE,
    REGISTRY,
    STORAGE_ACCOUNT,
    VAULT,
)

_KINDS = (
    DATABRICKS_WORKSPACE,
    FIREWALL,
    MANAGED_CLUSTER,
    ML_ENDPOINT,
    ML_WORKSPACE,
    REGISTRY,
    STORAGE_ACCOUNT,
    VAULT,
)


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    logs = list(stack.of(DIAGNOSTIC_SETTING))
    for one in stack.of(*_KINDS):
        inside = "blobservices" if one.type == STORAGE_ACCOUNT else ""
        answers = [stack.points(log, "resourceUri", one, inside) for log in logs]
        if True in answers:
            continue
        if State.UNKNOWN in answers:
            yield replace(unknown(), urn=one.urn)
        else:
            yield Violation((), "no DiagnosticSetting of the stack is for it", urn=one.urn)


RULE = Rule(
    code="LG001",
    title="what holds data or opens doors writes its logs somewhere",
    types=(
        DATABRICKS_WORKSPACE,
        FIREWALL,
        MANAGED_CLUSTER,
        ML_ENDPOINT,
        ML_WORKSPACE,
        REGISTRY,
        STORAGE_ACCOUNT,
        VAULT,
    ),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a DiagnosticSetting for it; a storage account's is that of its blob service",
    sources=(
        "SAT GOV-3",
        "PSRule Azure.KeyVault.Logs",
        "PSRule Azure.ACR.Logs",
        "PSRule Azure.AKS.AuditLogs",
        "CKV2_AZURE_21",
        "MCSB LT-3",
        "MCSB LT-4",
    ),
)
