"""Alerts are on, and tell somebody.

An alert that is switched off, or tells nobody, is worse than none: it is counted as one.

Anti-pattern:

    ScheduledQueryRule("job-failed", enabled=False)

Best practice:

    ScheduledQueryRule("job-failed", enabled=True, actions=ActionsArgs(action_groups=[group.id]))

Documents: Microsoft Learn, "Create or edit a log search alert rule" and "Action groups".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_ON = must_be("enabled", True)
_RECEIVERS = (
    "armRoleReceivers",
    "azureAppPushReceivers",
    "azureFunctionReceivers",
    "emailReceivers",
    "eventHubReceivers",
    "itsmReceivers",
    "logicAppReceivers",
    "smsReceivers",
    "voiceReceivers",
    "webhookReceivers",
)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _ON(inputs, settings)
    if read(inputs, "groupShortName") is not State.ABSENT:  # every action group has to say it
        if all(read(inputs, kind) in (State.ABSENT, []) for kind in _RECEIVERS):
            yield Violation(("emailReceivers",), NOT_SET)
    elif read(inputs, "actions.actionGroups") in (State.ABSENT, []):
        yield Violation(("actions", "actionGroups"), NOT_SET)


RULE = Rule(
    code="LG006",
    title="alerts are on, and tell somebody",
    types=("azure-native:monitor:ActionGroup", "azure-native:monitor:ScheduledQueryRule"),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set enabled=True, and name action groups or receivers",
    sources=(
        "MCSB IR-2",
        "MCSB LT-1",
    ),
)
