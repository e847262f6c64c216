"""Pods keep out of their node's namespaces.

In the node's network, process or IPC namespace a pod reads other pods' traffic and memory, and reaches the
node's own services. It has to be asked for, so a pod that says nothing stays out.

Anti-pattern:

    PodSpecArgs(host_network=True, containers=[service])

Best practice:

    PodSpecArgs(containers=[service])

Documents: Kubernetes documentation, "Pod Security Standards".
"""

from lakeplane_policies.conditions import all_of, must_not_be
from lakeplane_policies.pods import every_pod
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

RULE = Rule(
    code="KP006",
    title="pods keep out of their node's namespaces",
    types=WORKLOADS,
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_pod(
        all_of(must_not_be("hostNetwork", True), must_not_be("hostPID", True), must_not_be("hostIPC", True))
    ),
    remedy="remove host_network, host_pid and host_ipc",
    sources=(
        "CKV_K8S_17",
        "CKV_K8S_18",
        "CKV_K8S_19",
        "CIS 4.2.2",
        "CIS 4.2.3",
        "CIS 4.2.4",
    ),
)
