"""Compute stops when nobody uses it.

0, or nothing, means never: a forgotten cluster costs until somebody reads the bill.

Anti-pattern:

    Cluster("adhoc", autotermination_minutes=0)

Best practice:

    Cluster("adhoc", autotermination_minutes=30)

Documents: Microsoft Learn, "Compute configuration reference".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane_policies.conditions import must
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER, INSTANCE_POOL

_STOPS: Mapping[str, str] = {
    "sparkVersion": "autoterminationMinutes",
    "instancePoolName": "idleInstanceAutoterminationMinutes",
    "clusterSize": "autoStopMins",
}


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    # Each kind is told by an input that it has to have; only a cluster's runtime may come from its policy.
    name = next(
        (stop for sign, stop in _STOPS.items() if read(inputs, sign) is not State.ABSENT),
        _STOPS["sparkVersion"],
    )
    least = 0 if name == "idleInstanceAutoterminationMinutes" else 1
    yield from must(name, lambda minutes: least <= minutes <= 240, f"{least} to 240")(inputs, settings)


RULE = Rule(
    code="DB026",
    title="compute stops when nobody uses it",
    types=(CLUSTER, INSTANCE_POOL, "databricks:index/sqlEndpoint:SqlEndpoint"),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set the minutes after which it stops, from 10 to 240",
    sources=("SAT GOV-4",),
)
