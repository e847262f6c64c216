"""The public endpoint of storage accounts is as the access mode wants it.

An account's public endpoint is on unless it is told otherwise. In an environment that is reached from inside
alone, it is a door that nobody watches.

Anti-pattern:

    StorageAccount("lake", public_network_access="Enabled")

Best practice:

    StorageAccount("lake", public_network_access="Disabled")

Documents: Microsoft Learn, "Azure Storage network security".
"""

from lakeplane_policies.doors import DOOR_MODES, public_access
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST019",
    title="the public endpoint of storage accounts is as the access mode wants it",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=DOOR_MODES,
    judge=public_access(),
    remedy='set public_network_access="Disabled", or "Enabled" in access mode allow_list',
    sources=(
        "CKV_AZURE_59",
        "MCSB NS-2",
    ),
)
