"""Storage accounts speak TLS 1.2 or later.

Older versions of TLS allow ciphers that are broken. Azure Storage retired them in 2026, and an account that
still names them is one whose clients nobody looked at.

Anti-pattern:

    StorageAccount("lake", minimum_tls_version="TLS1_0")

Best practice:

    StorageAccount("lake", minimum_tls_version="TLS1_2")

Documents: Microsoft Learn, "Enforce a minimum required version of Transport Layer Security (TLS)".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST002",
    title="storage accounts speak TLS 1.2 or later",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("minimumTlsVersion", "TLS1_2", "TLS1_3"),
    remedy='set minimum_tls_version="TLS1_2"',
    remediation={"minimumTlsVersion": "TLS1_2"},
    sources=(
        "CKV_AZURE_44",
        "PSRule Azure.Storage.MinTLS",
        "MCSB DP-3",
    ),
)
