"""Runtimes are supported.

A runtime past its end gets no fixes, and no cluster starts with it some months later.

Anti-pattern:

    Cluster("adhoc", spark_version="12.2.x-scala2.12")

Best practice:

    Cluster("adhoc", spark_version="17.3.x-scala2.13")

Documents: Databricks, "Databricks Runtime release notes versions and compatibility", read 2026-11-25.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from lakeplane_policies.compute import clusters_in, limit_of, policy_document
from lakeplane_policies.conditions import NOT_SET, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER, CLUSTER_POLICY, INSTANCE_POOL, JOB

# Ends of support of the long-term versions; shorter ones end half a year after they come.
_ENDS = {
    (13, 3): date(2026, 8, 22),
    (14, 3): date(2027, 2, 1),
    (15, 4): date(2027, 8, 19),
    (16, 4): date(2028, 5, 9),
    (17, 3): date(2028, 10, 22),
    (18, None): date(2029, 6, 10),
}
_KEY = re.compile(r"(\d+)(?:\.(\d+))?\.x-.*")
_NEWEST = max(major for major, _ in _ENDS)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    for path, cluster in clusters_in(inputs):
        version = read(cluster, "sparkVersion")
        if version is State.UNKNOWN:
            yield unknown(*path, "sparkVersion")
        elif version is State.ABSENT and read(cluster, "policyId") is State.ABSENT:
            yield Violation((*path, "sparkVersion"), NOT_SET)
        elif version is not State.ABSENT:
            yield from _ended(version, (*path, "sparkVersion"), settings)
    limit = limit_of(policy_document(inputs), "spark_version")
    for version in (*_several(limit.get("values")), *_several([limit["value"]] if "value" in limit else [])):
        yield from _ended(version, ("definition",), settings)
    for index, version in enumerate(_several(read(inputs, "preloadedSparkVersions"))):
        yield from _ended(version, ("preloadedSparkVersions", index), settings)


def _several(values: Any) -> list[Any]:
    return values if isinstance(values, list) else []


def _ended(version: Any, path: tuple[str | int, ...], settings: Settings) -> Iterator[Violation]:
    if version is State.UNKNOWN:
        yield unknown(*path)
        return
    found = _KEY.fullmatch(str(version))
    if str(version).startswith("auto:latest-lts") or (found and int(found[1]) > _NEWEST):
        return
    key = (int(found[1]), int(found[2]) if found[2] else None) if found else (0, None)
    end = _ENDS.get(key, _ENDS.get((key[0], None)))
    if end is None or end < settings.today:
        yield Violation(
            path, f"{show(version)}, " + (f"supported until {end}" if end else "no long-term version")
        )


RULE = Rule(
    code="DB027",
    title="runtimes are supported",
    types=(CLUSTER, CLUSTER_POLICY, INSTANCE_POOL, JOB),
    impact=Impact.HIGH,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=_judge,
    remedy="take a long-term runtime that is supported",
    sources=("SAT GOV-5",),
)
