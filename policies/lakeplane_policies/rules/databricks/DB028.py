"""Clusters start no scripts and keep no logs in DBFS, and take nobody's SSH key.

Everybody in the workspace may change a script in DBFS, and so becomes root on whoever starts it next; logs
there are read by all. An SSH key is a way in past the audit log.

Anti-pattern:

    ClusterInitScriptArgs(dbfs=ClusterInitScriptDbfsArgs(destination="dbfs:/init.sh"))

Best practice:

    ClusterInitScriptArgs(volumes=ClusterInitScriptVolumesArgs(destination="/Volumes/dev/ml/scripts/init.sh"))

Documents: Microsoft Learn, "What are init scripts?".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import every_cluster
from lakeplane_policies.conditions import every, must, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER, JOB


def _judge(cluster: Any, settings: Settings) -> Iterator[Violation]:
    yield from every("initScripts", _nothing_at("dbfs"))(cluster, settings)
    yield from _nothing_at("clusterLogConf.dbfs")(cluster, settings)
    yield from must("sshPublicKeys", lambda keys: not keys, "none", absent=None)(cluster, settings)


def _nothing_at(path: str) -> Condition:
    where = tuple(path.split("."))

    def condition(inputs: Any, settings: Settings) -> Iterator[Violation]:
        del settings
        found = read(inputs, path)
        if found is State.UNKNOWN:
            yield unknown(*where)
        elif found is not State.ABSENT:
            yield Violation(where, "it is in DBFS")

    return condition


RULE = Rule(
    code="DB028",
    title="clusters start no scripts and keep no logs in DBFS, and take nobody's SSH key",
    types=(CLUSTER, JOB),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_cluster(_judge),
    remedy="keep scripts and logs in volumes, and remove ssh_public_keys",
    sources=(
        "SAT GOV-25",
        "SAT GOV-26",
        "SAT NS-1",
        "SAT NS-2",
    ),
)
