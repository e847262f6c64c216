"""Secrets come from a vault, and change with it.

Without the driver, secrets are copied into the cluster by hand; without rotation a pod keeps yesterday's for
ever.

Anti-pattern:

    {"azureKeyvaultSecretsProvider": ManagedClusterAddonProfileArgs(enabled=False)}

Best practice:

    {
        "azureKeyvaultSecretsProvider": ManagedClusterAddonProfileArgs(
            enabled=True, config={"enableSecretRotation": "true"}
        )
    }

Documents: Microsoft Learn, "Use the Azure Key Vault provider for Secrets Store CSI Driver in an AKS
cluster".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK007",
    title="secrets come from a vault, and change with it",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("addonProfiles.azureKeyvaultSecretsProvider.enabled", True),
        # The add-on's configuration is a map of texts.
        must_be("addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation", "true"),
    ),
    remedy='enable addon_profiles["azureKeyvaultSecretsProvider"] with enableSecretRotation "true"',
    sources=(
        "CKV_AZURE_172",
        "PSRule Azure.AKS.SecretStore",
        "PSRule Azure.AKS.SecretStoreRotation",
        "CIS 4.5.2",
    ),
)
