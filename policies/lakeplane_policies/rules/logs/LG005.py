"""Telemetry takes Entra identities, not keys.

Whoever has a workspace's key or an instrumentation key writes whatever he likes into the logs that others
trust.

Anti-pattern:

    Workspace("logs", features=WorkspaceFeaturesArgs(disable_local_auth=False))

Best practice:

    Workspace("logs", features=WorkspaceFeaturesArgs(disable_local_auth=True))

Documents: Microsoft Learn, "Microsoft Entra authentication for Azure Monitor Logs" and "... for Application
Insights".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import LOG_WORKSPACE

_INSIGHTS = must_be("disableLocalAuth", True)
_LOGS = must_be("features.disableLocalAuth", True)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    insights = read(inputs, "applicationType") is not State.ABSENT  # every Component has to say it
    yield from (_INSIGHTS if insights else _LOGS)(inputs, settings)


RULE = Rule(
    code="LG005",
    title="telemetry takes Entra identities, not keys",
    types=("azure-native:applicationinsights:Component", LOG_WORKSPACE),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set features.disable_local_auth=True, or disable_local_auth=True of Application Insights",
    sources=(
        "PSRule Azure.AppInsights.LocalAuth",
        "MCSB IM-1",
    ),
)
