"""Locks stop deletions.

A lock of another level, or without one, stops nothing.

Anti-pattern:

    ManagementLockByScope("lake", level="NotSpecified")

Best practice:

    ManagementLockByScope("lake", level="CanNotDelete")

Documents: Microsoft Learn, "Lock your Azure resources to protect your infrastructure".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="RS006",
    title="locks stop deletions",
    types=("azure-native:authorization:ManagementLockByScope",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("level", "CanNotDelete", "ReadOnly"),
    remedy='set level="CanNotDelete"',
    sources=("MCSB BR-2",),
)
