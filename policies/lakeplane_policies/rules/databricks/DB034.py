"""Policies of notebooks stop clusters by themselves.

A range that begins at 0 lets people say never, and a policy that says nothing lets them say nothing.
Clusters of jobs and pipelines end with their run.

Anti-pattern:

    ClusterPolicy("notebooks", definition='{"cluster_type": {"type": "fixed", "value": "all-purpose"}}')

Best practice:

    dict(definition='{"autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60}}')

Documents: Microsoft Learn, "Compute policy reference".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import allows_only, limit_of, policy_document
from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER_POLICY


def _stops(minutes: Any) -> bool:
    return isinstance(minutes, int | float) and 1 <= minutes <= 240


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    document = policy_document(inputs)
    if document is State.UNKNOWN:
        yield unknown("definition")
        return
    kind = limit_of(document, "cluster_type")
    if kind.get("type") == "fixed" and kind.get("value") in ("job", "dlt"):
        return
    limit = limit_of(document, "autotermination_minutes")
    found = allows_only(limit, _stops, most=_stops)
    if not found and limit.get("type") == "range" and not _stops(limit.get("minValue")):
        found = "the range lets people say never"
    if not found and (limit.get("isOptional") or limit.get("type") == "forbidden"):
        found = "the policy lets people leave it out"
    if found:
        yield Violation(("definition", "autotermination_minutes"), found)


RULE = Rule(
    code="DB034",
    title="policies of notebooks stop clusters by themselves",
    types=(CLUSTER_POLICY,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="limit autotermination_minutes to a range from 10 to 240, not optional",
    sources=("SAT GOV-4",),
)
