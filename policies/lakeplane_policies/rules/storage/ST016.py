"""Portals ask storage accounts with Entra identities.

The Azure portal asks with the account's shared key unless it is told otherwise, so that people get used to a
right that nobody should have.

Anti-pattern:

    StorageAccount("lake", default_to_o_auth_authentication=False)

Best practice:

    StorageAccount("lake", default_to_o_auth_authentication=True)

Documents: Microsoft Learn, "Default to Microsoft Entra authorization in the Azure portal".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST016",
    title="portals ask storage accounts with Entra identities",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("defaultToOAuthAuthentication", True),
    remedy="set default_to_o_auth_authentication=True",
    remediation={"defaultToOAuthAuthentication": True},
    sources=(
        "PSRule Azure.Storage.LocalAuth",
        "MCSB IM-1",
    ),
)
