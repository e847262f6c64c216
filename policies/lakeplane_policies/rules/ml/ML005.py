"""ML compute has no local accounts.

A local account on a node is a password or a key past Entra, and whoever has it reads all that runs there.

Anti-pattern:

    AmlComputeArgs(compute_type="AmlCompute", disable_local_auth=False)

Best practice:

    AmlComputeArgs(compute_type="AmlCompute", disable_local_auth=True)

Documents: Microsoft Learn, "Azure Policy built-in definitions for Azure Machine Learning".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_COMPUTE

RULE = Rule(
    code="ML005",
    title="ML compute has no local accounts",
    types=(ML_COMPUTE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("properties.disableLocalAuth", True),
    remedy="set properties.disable_local_auth=True",
    sources=(
        "CKV_AZURE_142",
        "PSRule Azure.ML.DisableLocalAuth",
    ),
)
