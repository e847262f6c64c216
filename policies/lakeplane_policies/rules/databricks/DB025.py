"""Local disks of clusters are encrypted.

Shuffles and caches lie on the nodes' disks, with the data that was read. A cluster says so itself, or stands
under policies that say it for it.

Anti-pattern:

    Cluster("adhoc", enable_local_disk_encryption=False)

Best practice:

    Cluster("adhoc", enable_local_disk_encryption=True)

Documents: Microsoft Learn, "Compute configuration reference".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import limit_of, under
from lakeplane_policies.conditions import NOT_SET, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.tokens import CLUSTER, JOB

_NAME = "enableLocalDiskEncryption"


def _judge(cluster: Any, policies: tuple[Any, ...]) -> Iterator[Violation]:
    value = read(cluster, _NAME)
    limits = [limit_of(policy, "enable_local_disk_encryption") for policy in policies]
    fixed = bool(limits) and all(
        limit.get("type") == "fixed" and limit.get("value") is True for limit in limits
    )
    if value is True or (value is State.ABSENT and fixed):
        return
    if value is State.UNKNOWN or State.UNKNOWN in policies:
        yield unknown(_NAME)
    else:
        yield Violation((_NAME,), NOT_SET if value is State.ABSENT else show(value))


RULE = Rule(
    code="DB025",
    title="local disks of clusters are encrypted",
    types=(CLUSTER, JOB),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=under(_judge),
    remedy="set enable_local_disk_encryption=True, or fix it in the cluster's policy",
    sources=(
        "SAT DP-2",
        "MCSB DP-4",
    ),
)
