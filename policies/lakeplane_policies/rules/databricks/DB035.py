"""Cluster policies impose an access mode that keeps people apart.

A policy that lets people choose, or leave it out, lets them choose no isolation.

Anti-pattern:

    ClusterPolicy("etl", definition='{"data_security_mode": {"type": "unlimited"}}')

Best practice:

    ClusterPolicy("etl", definition='{"data_security_mode": {"type": "fixed", "value": "USER_ISOLATION"}}')

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

_MODES = (
    "DATA_SECURITY_MODE_AUTO",
    "DATA_SECURITY_MODE_DEDICATED",
    "DATA_SECURITY_MODE_STANDARD",
    "SINGLE_USER",
    "USER_ISOLATION",
)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    document = policy_document(inputs)
    if document is State.UNKNOWN:
        yield unknown("definition")
        return
    kind, limit = limit_of(document, "cluster_type"), limit_of(document, "data_security_mode")
    if kind.get("type") == "fixed" and kind.get("value") == "dlt":
        return  # pipelines choose it themselves
    found = allows_only(limit, lambda mode: mode in _MODES)
    if not found and (limit.get("isOptional") or limit.get("type") == "forbidden"):
        found = "the policy lets people leave it out"
    if found:
        yield Violation(("definition", "data_security_mode"), found)


RULE = Rule(
    code="DB035",
    title="cluster policies impose an access mode that keeps people apart",
    types=(CLUSTER_POLICY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="limit data_security_mode to SINGLE_USER and USER_ISOLATION, not optional",
    sources=("SAT GOV-12",),
)
