"""Policies of one node make clusters that are wholly so.

Where a policy is set, the service doesn't check that a cluster without workers is set up as single-node; so
the policy has to impose it.

Anti-pattern:

    ClusterPolicy("small", definition='{"num_workers": {"type": "fixed", "value": 0}}')

Best practice:

    SINGLE_NODE = {
        "num_workers": {"type": "fixed", "value": 0},
        "spark_conf.spark.databricks.cluster.profile": {"type": "fixed", "value": "singleNode"},
        "spark_conf.spark.master": {"type": "fixed", "value": "local[*]"},
        "custom_tags.ResourceClass": {"type": "fixed", "value": "SingleNode"},
    }

Documents: Microsoft Learn, "Compute policy reference"; databricks/cli,
bundle/config/validate/single_node_cluster.go.
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import limit_of, policy_document
from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER_POLICY

_WANTED = {
    "spark_conf.spark.databricks.cluster.profile": "singleNode",
    "spark_conf.spark.master": "local[*]",
    "custom_tags.ResourceClass": "SingleNode",
}


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    document = policy_document(inputs)
    if document is State.UNKNOWN:
        yield unknown("definition")
        return
    workers = limit_of(document, "num_workers")
    if workers.get("type") == "fixed" and workers.get("value") == 0:
        for attribute, value in _WANTED.items():
            limit = limit_of(document, attribute)
            if limit.get("type") != "fixed" or limit.get("value") != value:
                yield Violation(("definition", attribute), f"the policy doesn't fix it to {value!r}")


RULE = Rule(
    code="DB046",
    title="policies of one node make clusters that are wholly so",
    types=(CLUSTER_POLICY,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="fix profile, master and the tag ResourceClass too",
    sources=("databricks/cli#1546",),
)
