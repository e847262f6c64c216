"""Nobody is bound to the cluster's administrator.

cluster-admin is root of the cluster; bound to a service account, it is root for whoever reads a token.

Anti-pattern:

    ClusterRoleBinding("jobs", role_ref=RoleRefArgs(kind="ClusterRole", name="cluster-admin"))

Best practice:

    RoleBinding("jobs", role_ref=RoleRefArgs(kind="Role", name="jobs"))

Documents: Kubernetes documentation, "Role Based Access Control Good Practices".
"""

from lakeplane_policies.conditions import all_of, every, must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

_STRANGERS = ("system:anonymous", "system:authenticated", "system:unauthenticated", "system:masters")
_KNOWN = must("name", lambda name: name not in _STRANGERS, "an account that signs in")


RULE = Rule(
    code="KP022",
    title="nobody is bound to the cluster's administrator",
    types=(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    ),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(must("roleRef.name", lambda name: name != "cluster-admin"), every("subjects", _KNOWN)),
    remedy="bind a role that names what is needed, to accounts that sign in",
    sources=(
        "CKV_K8S_49",
        "CIS 4.1.1",
    ),
)
