"""Secrets reach containers as files, not as variables.

Variables show in crash dumps, in `describe` and to every child process, and don't change when the secret
does.

Anti-pattern:

    EnvVarArgs(name="TOKEN", value_from=EnvVarSourceArgs(secret_key_ref=token))

Best practice:

    VolumeArgs(name="token", csi=CSIVolumeSourceArgs(driver="secrets-store.csi.k8s.io", read_only=True))

Documents: Kubernetes documentation, "Good practices for Kubernetes Secrets".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import all_of, every, unknown
from lakeplane_policies.pods import every_container
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import WORKLOADS


def _judge(pod: Any) -> Condition:
    del pod
    return all_of(
        every("env", _no_secret("valueFrom.secretKeyRef")), every("envFrom", _no_secret("secretRef"))
    )


def _no_secret(path: str) -> Condition:
    where = tuple(path.split("."))

    def condition(item: Any, settings: Settings) -> Iterator[Violation]:
        del settings
        found = read(item, path)
        if found is State.UNKNOWN:
            yield unknown(*where)
        elif found is not State.ABSENT:
            yield Violation(where, "it is a secret's")

    return condition


RULE = Rule(
    code="KP023",
    title="secrets reach containers as files, not as variables",
    types=WORKLOADS,
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="mount the secret by the Secrets Store CSI driver, or use workload identity",
    sources=(
        "CKV_K8S_35",
        "CIS 4.5.1",
    ),
)
