"""Clusters of one node are wholly so.

A cluster of no workers that isn't set up as single-node starts, waits for executors that never come, and
costs. A cluster says all of it itself, or stands under policies that impose it.

Anti-pattern:

    Cluster("small", num_workers=0)

Best practice:

    Cluster(
        "small",
        num_workers=0,
        spark_conf={"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
        custom_tags={"ResourceClass": "SingleNode"},
    )

Documents: databricks/cli, bundle/config/validate/single_node_cluster.go; Microsoft Learn, "Compute
configuration reference", section "Single-node compute".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import limit_of, under
from lakeplane_policies.conditions import NOT_SET, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.tokens import CLUSTER, JOB

_WANTED = {
    "spark_conf.spark.databricks.cluster.profile": (
        "sparkConf",
        "spark.databricks.cluster.profile",
        "singleNode",
    ),
    "spark_conf.spark.master": ("sparkConf", "spark.master", "local[*]"),
    "custom_tags.ResourceClass": ("customTags", "ResourceClass", "SingleNode"),
}


def _judge(cluster: Any, policies: tuple[Any, ...]) -> Iterator[Violation]:
    workers = read(cluster, "numWorkers")
    if workers is State.UNKNOWN:
        yield unknown("numWorkers")
    scales = read(cluster, "autoscale") is not State.ABSENT
    if scales or workers not in (0, State.ABSENT) or (workers is State.ABSENT and policies):
        return
    if read(cluster, "isSingleNode") is True and read(cluster, "kind") == "CLASSIC_PREVIEW":
        return
    for attribute, (place, key, value) in _WANTED.items():
        given = read(cluster, place)
        found = given.get(key, State.ABSENT) if isinstance(given, dict) else given
        imposed = [limit_of(policy, attribute) for policy in policies]
        if found == value or (
            imposed and all(one.get("type") == "fixed" and one.get("value") == value for one in imposed)
        ):
            continue
        if found is State.UNKNOWN or State.UNKNOWN in policies:
            yield unknown(place, key)
        else:
            yield Violation((place, key), NOT_SET if found is State.ABSENT else show(found))


RULE = Rule(
    code="DB030",
    title="clusters of one node are wholly so",
    types=(CLUSTER, JOB),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=under(_judge),
    remedy="set profile, master and tag, or let a policy impose them",
    sources=("databricks/cli#1546",),
)
