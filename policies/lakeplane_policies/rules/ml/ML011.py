"""ML workspaces read their storage as an identity, not with its key.

A datastore with the account's key hands that key to every job. It also fails once shared keys are off.

Anti-pattern:

    Workspace("ml", system_datastores_auth_mode="AccessKey")

Best practice:

    Workspace("ml", system_datastores_auth_mode="Identity")

Documents: Microsoft Learn, "Disable shared key access for your workspace's storage account".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_WORKSPACE

RULE = Rule(
    code="ML011",
    title="ML workspaces read their storage as an identity, not with its key",
    types=(ML_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("systemDatastoresAuthMode", "Identity"),
    remedy='set system_datastores_auth_mode="Identity"',
    sources=(
        "CKV2_AZURE_50",
        "MCSB IM-1",
    ),
)
