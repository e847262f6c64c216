"""What holds data or opens doors writes its logs somewhere.

Azure keeps no resource log by itself. What nobody asked to be logged can't be told after an incident: who
read the lake, who fetched the secret, which job ran.

A storage account has no log of its own, its services have: blobs always, or files where the account
has nothing else; files, queues and tables where the stack puts something there or leads a private endpoint to
them.

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
from lakeplane_policies.endpoints import served_groups
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
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

_PLACED_IN = {
    "file": ("azure-native:storage:FileServiceProperties", "azure-native:storage:FileShare"),
    "queue": ("azure-native:storage:Queue", "azure-native:storage:QueueServiceProperties"),
    "table": ("azure-native:storage:Table", "azure-native:storage:TableServiceProperties"),
}


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for one in stack.of(*_KINDS):
        if one.type == STORAGE_ACCOUNT:
            yield from _judge_account(stack, one)
        else:
            yield from _logged(stack, one)


def _judge_account(stack: Stack, account: Resource) -> Iterator[Violation]:
    # An account of this kind has files and nothing else.
    always = "file" if read(account.inputs, "kind") == "FileStorage" else "blob"
    used, _ = served_groups(stack, account)
    if always == "blob":
        yield from _logged(stack, account, always)
    for service, types in _PLACED_IN.items():
        placed = [stack.names(one, "accountName", account) for one in stack.of(*types)]
        if service == always or service in used or True in placed:
            yield from _logged(stack, account, service)
        elif State.UNKNOWN in placed and any(_logged(stack, account, service)):
            yield replace(unknown(), urn=account.urn)


def _logged(stack: Stack, one: Resource, service: str = "") -> Iterator[Violation]:
    inside = f"{service}services" if service else ""
    answers = [stack.points(log, "resourceUri", one, inside) for log in stack.of(DIAGNOSTIC_SETTING)]
    if True in answers:
        return
    what = f"its {service} service" if service else "it"
    if State.UNKNOWN in answers:
        yield replace(unknown(), urn=one.urn)
    else:
        yield Violation((), f"no DiagnosticSetting of the stack is for {what}", urn=one.urn)


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
    remedy="add a DiagnosticSetting for it; a storage account has one for each of its services",
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
