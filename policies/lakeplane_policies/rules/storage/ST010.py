"""Storage in prod outlives a datacentre.

Locally redundant storage keeps all copies in one datacentre: a fire or a flood there takes data with it.

Anti-pattern:

    StorageAccount("lake", sku=SkuArgs(name="Standard_LRS"))

Best practice:

    StorageAccount("lake", sku=SkuArgs(name="Standard_ZRS"))

Documents: Microsoft Learn, "Azure Storage redundancy".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, IN_PROD, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST010",
    title="storage in prod outlives a datacentre",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.MEDIUM,
    tiers=IN_PROD,
    modes=ALIKE,
    judge=must("sku.name", lambda name: not str(name).endswith("_LRS"), "a redundancy beyond one datacentre"),
    remedy="set sku to Standard_ZRS or Standard_GZRS, or Standard_GRS in regions without zones",
    sources=(
        "CKV_AZURE_206",
        "PSRule Azure.Storage.UseReplication",
    ),
)
