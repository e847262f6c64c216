"""Diagnostic settings send what they name, to somewhere.

A setting with a category switched off, or without a destination, looks like a log and is none.

Anti-pattern:

    DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=False)

Best practice:

    DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)

Documents: Microsoft Learn, "Diagnostic settings in Azure Monitor".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import DIAGNOSTIC_SETTING

_TARGETS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")
_ON = must_be("enabled", True)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    logs = read(inputs, "logs")
    if logs in (State.ABSENT, []):
        yield Violation(("logs",), NOT_SET)
    yield from every("logs", _ON)(inputs, settings)
    yield from every("metrics", _ON)(inputs, settings)
    # An id that is known later is one that will be there.
    if all(read(inputs, target) is State.ABSENT for target in _TARGETS):
        yield Violation((_TARGETS[0],), NOT_SET)


RULE = Rule(
    code="LG002",
    title="diagnostic settings send what they name, to somewhere",
    types=(DIAGNOSTIC_SETTING,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="enable each log and metric, and set workspace_id",
    sources=(
        "PSRule Azure.KeyVault.Logs",
        "MCSB LT-3",
        "MCSB LT-5",
    ),
)
