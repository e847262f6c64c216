"""Storage accounts copy nothing into another tenant.

Object replication to an account of another tenant is a quiet way out for data: it needs no reader, and no
network rule stops it.

Anti-pattern:

    StorageAccount("lake", allow_cross_tenant_replication=True)

Best practice:

    StorageAccount("lake", allow_cross_tenant_replication=False)

Documents: Microsoft Learn, "Prevent object replication across Microsoft Entra tenants".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST015",
    title="storage accounts copy nothing into another tenant",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("allowCrossTenantReplication", False),
    remedy="set allow_cross_tenant_replication=False",
    remediation={"allowCrossTenantReplication": False},
    sources=("MCSB DP-2",),
)
