"""Containers of services tell whether they are ready and alive.

Without probes, traffic goes to pods that aren't ready, and one that hangs is never started again. Jobs end
by themselves and need none.

Anti-pattern:

    ContainerArgs(name="scoring")

Best practice:

    ContainerArgs(name="scoring", readiness_probe=ready, liveness_probe=alive)

Documents: Kubernetes documentation, "Liveness, Readiness, and Startup Probes".
"""

from lakeplane_policies.conditions import NOT_SET, all_of, every, must
from lakeplane_policies.pods import every_pod
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule

_PROBES = all_of(must("readinessProbe", bool), must("livenessProbe", bool))


RULE = Rule(
    code="KP012",
    title="containers of services tell whether they are ready and alive",
    types=(
        "kubernetes:apps/v1:DaemonSet",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:apps/v1:ReplicaSet",
        "kubernetes:apps/v1:StatefulSet",
    ),
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=every_pod(every("containers", _PROBES, absent=NOT_SET)),
    remedy="set readiness_probe and liveness_probe",
    sources=(
        "CKV_K8S_8",
        "CKV_K8S_9",
    ),
)
