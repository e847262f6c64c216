"""Secrets of clusters in prod are encrypted with a key of one's own.

Kubernetes keeps secrets in its store, which Azure encrypts with a key of its own. A key service adds one
that can be taken away; who has to prove that needs it, so prod is told and nobody is stopped.

Anti-pattern:

    AzureKeyVaultKmsArgs(enabled=False)

Best practice:

    AzureKeyVaultKmsArgs(enabled=True, key_id=key.key_uri_with_version, key_vault_network_access="Private")

Documents: Microsoft Learn, "Add KMS etcd encryption to an AKS cluster".
"""

from lakeplane_policies.conditions import in_turn, must_be
from lakeplane_policies.rule import ADVISED_IN_PROD, ALIKE, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK016",
    title="secrets of clusters in prod are encrypted with a key of one's own",
    types=(MANAGED_CLUSTER,),
    impact=Impact.LOW,
    tiers=ADVISED_IN_PROD,
    modes=ALIKE,
    judge=in_turn(
        must_be("securityProfile.azureKeyVaultKms.enabled", True),
        must_be("securityProfile.azureKeyVaultKms.keyVaultNetworkAccess", "Private"),
    ),
    remedy="set encryption mode customer_managed in the spec",
    sources=(
        "CIS 5.3.1",
        "MCSB DP-5",
    ),
)
