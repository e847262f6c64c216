"""Registries have no admin user.

The admin user is one password for everybody: it pushes and pulls everything, and the log shows no name.

Anti-pattern:

    Registry("images", admin_user_enabled=True)

Best practice:

    Registry("images", admin_user_enabled=False)

Documents: Microsoft Learn, "Azure Container Registry authentication options", section "Admin account".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR001",
    title="registries have no admin user",
    types=(REGISTRY,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("adminUserEnabled", False),
    remedy="set admin_user_enabled=False, and give identities AcrPull or AcrPush",
    remediation={"adminUserEnabled": False},
    sources=(
        "CKV_AZURE_137",
        "PSRule Azure.ACR.AdminUser",
        "MCSB IM-1",
    ),
)
