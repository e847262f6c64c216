"""Storage accounts are of the kind that is still made better.

Older kinds have neither tiers nor all firewalls and endpoints, and are retired one by one.

Anti-pattern:

    StorageAccount("lake", kind="Storage")

Best practice:

    StorageAccount("lake", kind="StorageV2")

Documents: Microsoft Learn, "Storage account overview".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST022",
    title="storage accounts are of the kind that is still made better",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("kind", "StorageV2"),
    remedy='set kind="StorageV2"',
    sources=("MCSB AM-2",),
)
