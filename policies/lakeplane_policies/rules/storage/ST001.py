"""Storage accounts take https only.

Anti-pattern: `enable_https_traffic_only=False`, or left out: data and tokens cross the network in clear.

Best practice: `StorageAccount(..., enable_https_traffic_only=True)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="ST001",
    title="storage accounts take https only",
    types=("azure-native:storage:StorageAccount",),
    judge=must_be("enableHttpsTrafficOnly", True),
    remedy="set enable_https_traffic_only=True",
    sources=("CKV_AZURE_3", "PSRule Azure.Storage.SecureTransfer", "MCSB DP-3"),
)
