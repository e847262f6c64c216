"""Logs are kept as long as an investigation looks back.

Intrusions are found after weeks. Logs of 30 days end before anybody asks; in prod they are kept for 90 at
least.

Anti-pattern:

    Workspace("logs", retention_in_days=30)

Best practice:

    Workspace("logs", retention_in_days=90)

Documents: Microsoft Learn, "Manage data retention in a Log Analytics workspace".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import LOG_WORKSPACE


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    least = 90 if settings.tier == "prod" else 30
    yield from must("retentionInDays", lambda days: days >= least, f"at least {least}")(inputs, settings)


RULE = Rule(
    code="LG004",
    title="logs are kept as long as an investigation looks back",
    types=(LOG_WORKSPACE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set retention_in_days to 90 or more, or to 30 or more before prod",
    sources=("MCSB LT-6",),
)
