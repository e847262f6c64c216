"""No variable of a container is a secret itself.

A secret in a manifest lies in the repository, in Pulumi's state and in the cluster's store, for all who read
any of them.

Anti-pattern:

    EnvVarArgs(name="API_KEY", value=key)

Best practice:

    EnvVarArgs(name="API_KEY_FILE", value="/secrets/api-key")

Documents: Kubernetes documentation, "Good practices for Kubernetes Secrets".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import unknown
from lakeplane_policies.credentials import is_reference, looks_like_a_secret, names_a_secret
from lakeplane_policies.pods import every_container, literal_env
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import WORKLOADS


def _judge(pod: Any) -> Condition:
    del pod
    return _no_literals


def _no_literals(container: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    for index, name, value in literal_env(container):
        path = ("env", index, "value")
        if value is State.UNKNOWN and names_a_secret(name):
            yield unknown(*path)
        elif (names_a_secret(name) and not is_reference(value)) or looks_like_a_secret(value):
            yield Violation(path, f"{name} looks like a secret")


RULE = Rule(
    code="KP024",
    title="no variable of a container is a secret itself",
    types=WORKLOADS,
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="mount the secret as a file, or use workload identity",
    sources=(
        "MCSB IM-8",
        "CKV_K8S_35",
    ),
)
