"""Clusters keep people apart.

In the other access modes people on one cluster read each other's memory and files, and Unity Catalog's
grants don't hold.

Anti-pattern:

    Cluster("shared", data_security_mode="NONE")

Best practice:

    Cluster("shared", data_security_mode="USER_ISOLATION")

Documents: Microsoft Learn, "Access modes".
"""

from lakeplane_policies.compute import every_cluster
from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import CLUSTER, JOB

_MODES = (
    "DATA_SECURITY_MODE_AUTO",
    "DATA_SECURITY_MODE_DEDICATED",
    "DATA_SECURITY_MODE_STANDARD",
    "SINGLE_USER",
    "USER_ISOLATION",
)


RULE = Rule(
    code="DB024",
    title="clusters keep people apart",
    types=(CLUSTER, JOB),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_cluster(must_be("dataSecurityMode", *_MODES)),
    remedy='set data_security_mode to "SINGLE_USER" or "USER_ISOLATION"',
    sources=(
        "SAT GOV-12",
        "ucx assessment/clusters.py",
    ),
)
