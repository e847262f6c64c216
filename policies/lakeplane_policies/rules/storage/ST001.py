"""Storage accounts take https only.

Over plain http, data and the tokens that open it cross the network in clear; whoever listens reads both.

Anti-pattern:

    StorageAccount("lake", enable_https_traffic_only=False)

Best practice:

    StorageAccount("lake", enable_https_traffic_only=True)

Documents: Microsoft Learn, "Require secure transfer to ensure secure connections".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST001",
    title="storage accounts take https only",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("enableHttpsTrafficOnly", True),
    remedy="set enable_https_traffic_only=True",
    remediation={"enableHttpsTrafficOnly": True},
    sources=(
        "CKV_AZURE_3",
        "PSRule Azure.Storage.SecureTransfer",
        "MCSB DP-3",
    ),
)
