"""Objects stand in a namespace of their own.

The default namespace has no owner, no policy and everybody in it.

Anti-pattern:

    Service("scoring", metadata=ObjectMetaArgs(name="scoring"))

Best practice:

    Service("scoring", metadata=ObjectMetaArgs(name="scoring", namespace="serving"))

Documents: Kubernetes documentation, "Namespaces".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import NETWORK_POLICY, WORKLOADS

RULE = Rule(
    code="KP015",
    title="objects stand in a namespace of their own",
    types=(
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:core/v1:Service",
        "kubernetes:core/v1:ServiceAccount",
        NETWORK_POLICY,
        *WORKLOADS,
    ),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must("metadata.namespace", lambda name: name not in ("default", "kube-public", "kube-system")),
    remedy="set metadata.namespace to a namespace that isn't default",
    sources=(
        "CKV_K8S_21",
        "CIS 4.6.1",
    ),
)
