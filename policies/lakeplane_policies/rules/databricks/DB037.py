"""Cluster policies say which runtimes, machines and tags clusters have.

A free choice of runtime brings old ones, of machines dear ones; without fixed tags nobody knows who pays.

Anti-pattern:

    ClusterPolicy("etl", definition='{"node_type_id": {"type": "unlimited"}}')

Best practice:

    ClusterPolicy("etl", definition='{"node_type_id": {"type": "allowlist", "values": ["Standard_D4ds_v5"]}}')

Documents: Microsoft Learn, "Compute policy reference".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import allows_only, limit_of, policy_document
from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER_POLICY

_TAGS = ("custom_tags.cost-centre", "custom_tags.owner")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    document = policy_document(inputs)
    if document is State.UNKNOWN:
        yield unknown("definition")
        return
    pipelines = limit_of(document, "cluster_type").get("value") == "dlt"
    for attribute in ("node_type_id", "driver_node_type_id", *(() if pipelines else ("spark_version",))):
        if found := allows_only(limit_of(document, attribute), lambda value: isinstance(value, str)):
            yield Violation(("definition", attribute), found)
    tags = {attribute for attribute in document if attribute.startswith("custom_tags.")}
    for attribute in sorted({*_TAGS, *tags}):
        if limit_of(document, attribute).get("type") != "fixed":
            yield Violation(("definition", attribute), "the policy doesn't fix it")


RULE = Rule(
    code="DB037",
    title="cluster policies say which runtimes, machines and tags clusters have",
    types=(CLUSTER_POLICY,),
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=_judge,
    remedy="limit spark_version, node_type_id and driver_node_type_id by lists, and fix custom_tags",
    sources=(
        "SAT GOV-5",
        "SAT GOV-6",
        "SAT GOV-7",
    ),
)
