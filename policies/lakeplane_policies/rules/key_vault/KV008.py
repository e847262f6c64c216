"""Secrets in key vaults end on a day.

A secret without an end is one that nobody has to think of again, until it leaks.

Anti-pattern:

    Secret("token", properties=SecretPropertiesArgs(content_type="text/plain"))

Best practice:

    Secret("token", properties=SecretPropertiesArgs(attributes=SecretAttributesArgs(expires=1830297600)))

Documents: Microsoft Learn, "About Azure Key Vault secrets".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="KV008",
    title="secrets in key vaults end on a day",
    types=("azure-native:keyvault:Secret",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must("properties.attributes.expires", lambda end: end > 0, "seconds since 1970"),
    remedy="set properties.attributes.expires",
    sources=("CKV_AZURE_41",),
)
