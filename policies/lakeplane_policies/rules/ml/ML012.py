"""ML compute and endpoints have an identity.

Without an identity, jobs and deployments read data with the rights of whoever started them, or with keys.

Anti-pattern:

    Compute("cpu", identity=ManagedServiceIdentityArgs(type="None"))

Best practice:

    Compute("cpu", identity=ManagedServiceIdentityArgs(type="SystemAssigned"))

Documents: Microsoft Learn, "Set up authentication between Azure Machine Learning and other services".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_COMPUTE, ML_ENDPOINT

RULE = Rule(
    code="ML012",
    title="ML compute and endpoints have an identity",
    types=(ML_COMPUTE, ML_ENDPOINT),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("identity.type", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"),
    remedy='set identity.type to "SystemAssigned" or "UserAssigned"',
    sources=("MCSB IM-3",),
)
