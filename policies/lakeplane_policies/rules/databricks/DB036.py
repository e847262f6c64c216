"""Cluster policies shut the ways round the catalog.

Scripts and logs in DBFS, SSH keys, other images and passthrough go past Unity Catalog and its audit; a
policy that doesn't forbid them allows them. Pipelines take no image.

Anti-pattern:

    ClusterPolicy("etl", definition='{}')

Best practice:

    ClusterPolicy("etl", definition='{"init_scripts.*.dbfs.destination": {"type": "forbidden"}}')

Documents: Microsoft Learn, "Compute policy reference".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane_policies.compute import allows_only, limit_of, policy_document
from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER_POLICY

_FORBIDDEN = (
    "init_scripts.*.dbfs.destination",
    "ssh_public_keys.*",
    "spark_conf.spark.databricks.passthrough.enabled",
)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    document = policy_document(inputs)
    if document is State.UNKNOWN:
        yield unknown("definition")
        return
    pipelines = limit_of(document, "cluster_type").get("value") == "dlt"
    for attribute in (*_FORBIDDEN, *(() if pipelines else ("docker_image.url",))):
        if limit_of(document, attribute).get("type") != "forbidden":
            yield Violation(("definition", attribute), "the policy doesn't forbid it")
    if not _keeps_logs_off_dbfs(limit_of(document, "cluster_log_conf.type")):
        yield Violation(("definition", "cluster_log_conf.type"), "the policy lets logs go to DBFS")
    place = limit_of(document, "cluster_log_conf.path")
    if place.get("type") not in ("regex", "fixed", "allowlist", "forbidden"):
        yield Violation(("definition", "cluster_log_conf.path"), "the policy lets logs go anywhere")
    disks = limit_of(document, "enable_local_disk_encryption")
    if disks.get("type") != "fixed" or disks.get("value") is not True:
        yield Violation(("definition", "enable_local_disk_encryption"), "the policy doesn't fix it to true")


def _keeps_logs_off_dbfs(limit: Mapping[str, Any]) -> bool:
    values = limit.get("values")
    if limit.get("type") == "blocklist":
        return isinstance(values, list) and "DBFS" in values
    return not allows_only(limit, lambda kind: kind != "DBFS")


RULE = Rule(
    code="DB036",
    title="cluster policies shut the ways round the catalog",
    types=(CLUSTER_POLICY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="forbid DBFS scripts, SSH keys, images and passthrough; keep logs off DBFS; encrypt local disks",
    sources=(
        "SAT GOV-25",
        "SAT NS-1",
        "SAT DP-2",
    ),
)
