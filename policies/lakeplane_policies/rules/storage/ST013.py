"""Storage in prod is encrypted with a key of one's own.

Microsoft's keys encrypt as well. A key of one's own can be taken away, and its use is logged; who has to
prove either needs it, so prod is told and nobody is stopped.

Anti-pattern:

    StorageAccount("lake", encryption=EncryptionArgs(key_source="Microsoft.Storage"))

Best practice:

    StorageAccount(
        "lake",
        encryption=EncryptionArgs(
            key_source="Microsoft.Keyvault",
            key_vault_properties=KeyVaultPropertiesArgs(key_name="lake", key_vault_uri=vault_uri),
        ),
    )

Documents: Microsoft Learn, "Customer-managed keys for Azure Storage encryption".
"""

from lakeplane_policies.conditions import in_turn, must, must_be
from lakeplane_policies.rule import ADVISED_IN_PROD, ALIKE, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST013",
    title="storage in prod is encrypted with a key of one's own",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.LOW,
    tiers=ADVISED_IN_PROD,
    modes=ALIKE,
    judge=in_turn(
        must_be("encryption.keySource", "Microsoft.Keyvault"),
        must("encryption.keyVaultProperties.keyName", bool, "the key's name"),
    ),
    remedy="set encryption mode customer_managed in the spec",
    sources=(
        "CKV2_AZURE_1",
        "MCSB DP-5",
    ),
)
