"""Storage accounts speak TLS 1.2 or later.

Anti-pattern: `minimum_tls_version="TLS1_0"`, or left out: old clients bring old ciphers.

Best practice: `StorageAccount(..., minimum_tls_version="TLS1_2")`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="ST002",
    title="storage accounts speak TLS 1.2 or later",
    types=("azure-native:storage:StorageAccount",),
    judge=must_be("minimumTlsVersion", "TLS1_2", "TLS1_3"),
    remedy='set minimum_tls_version="TLS1_2"',
    sources=("CKV_AZURE_44", "PSRule Azure.Storage.MinTLS"),
)
