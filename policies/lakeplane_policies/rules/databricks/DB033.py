"""Cluster policies limit workers and what an hour costs.

An attribute that a policy doesn't name is unlimited: under it a cluster may have two thousand workers.

Anti-pattern:

    ClusterPolicy("etl", definition='{"spark_version": {"type": "unlimited"}}')

Best practice:

    ClusterPolicy("etl", definition='{"num_workers": {"type": "range", "maxValue": 8}}')

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

_ATTRIBUTES = ("num_workers", "autoscale.max_workers", "dbus_per_hour")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    document = policy_document(inputs)
    if document is State.UNKNOWN:
        yield unknown("definition")
        return
    for attribute in _ATTRIBUTES:
        if found := allows_only(limit_of(document, attribute), _is_number, most=_is_number):
            yield Violation(("definition", attribute), found)


RULE = Rule(
    code="DB033",
    title="cluster policies limit workers and what an hour costs",
    types=(CLUSTER_POLICY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="limit num_workers, autoscale.max_workers and dbus_per_hour with a maxValue, or forbid them",
    sources=(
        "SAT GOV-1",
        "Databricks, compute policy reference",
    ),
)
