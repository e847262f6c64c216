"""Settings of clusters and jobs refer to secrets instead of holding them.

A secret in a cluster's configuration is read by everybody who may look at the cluster, and lies in Pulumi's
state and the audit log. A reference is resolved when the cluster starts.

Anti-pattern:

    Cluster("adhoc", spark_conf={"fs.azure.account.key": key})

Best practice:

    Cluster("adhoc", spark_conf={"fs.azure.account.key": "{{secrets/lake/key}}"})

Documents: Microsoft Learn, "Secret management", section "Use a secret in a Spark configuration property or
environment variable".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.compute import every_cluster
from lakeplane_policies.conditions import all_of, every, unknown
from lakeplane_policies.credentials import is_reference, looks_like_a_secret, names_a_secret
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import CLUSTER, JOB


def _judge(cluster: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    for name in ("sparkConf", "sparkEnvVars"):
        given = read(cluster, name)
        if given is State.UNKNOWN:
            yield unknown(name)
        for key, value in given.items() if isinstance(given, dict) else ():
            yield from _literal(key, value, (name, key))


def _parameter(parameter: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    default = read(parameter, "default")
    if default is not State.ABSENT:
        yield from _literal(str(read(parameter, "name")), default, ("default",))


def _literal(name: str, value: Any, path: tuple[str | int, ...]) -> Iterator[Violation]:
    if value is State.UNKNOWN and names_a_secret(name):
        yield unknown(*path)
    elif (names_a_secret(name) and not is_reference(value)) or looks_like_a_secret(value):
        yield Violation(path, f"{name} looks like a secret")


RULE = Rule(
    code="DB029",
    title="settings of clusters and jobs refer to secrets instead of holding them",
    types=(CLUSTER, JOB),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(every_cluster(_judge), every("parameters", _parameter)),
    remedy="write {{secrets/SCOPE/KEY}}, or use an identity that needs no secret",
    sources=(
        "SAT DP-1",
        "MCSB IM-8",
    ),
)
