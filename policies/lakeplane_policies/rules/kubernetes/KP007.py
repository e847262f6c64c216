"""Pods mount nothing of their node.

A path of the node in a pod is the node's: its logs, its sockets, other pods' secrets.

Anti-pattern:

    VolumeArgs(name="logs", host_path=HostPathVolumeSourceArgs(path="/var/log"))

Best practice:

    VolumeArgs(name="scratch", empty_dir=EmptyDirVolumeSourceArgs(size_limit="1Gi"))

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import every, unknown
from lakeplane_policies.pods import every_pod
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import WORKLOADS


def _own(volume: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    path = read(volume, "hostPath")
    if path is State.UNKNOWN:
        yield unknown("hostPath")
    elif path is not State.ABSENT:
        yield Violation(("hostPath",), "it is a path of the node")


RULE = Rule(
    code="KP007",
    title="pods mount nothing of their node",
    types=WORKLOADS,
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_pod(every("volumes", _own)),
    remedy="use emptyDir, a CSI volume or a projected volume",
    sources=(
        "CKV_K8S_27",
        "CIS 4.2.4",
    ),
)
