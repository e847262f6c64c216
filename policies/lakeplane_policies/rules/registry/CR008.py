"""Registries in prod outlive a datacentre.

A registry in one datacentre takes every start of a pod with it when that datacentre fails.

Anti-pattern:

    Registry("images", zone_redundancy="Disabled")

Best practice:

    Registry("images", zone_redundancy="Enabled")

Documents: Microsoft Learn, "Zone redundancy in Azure Container Registry".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR008",
    title="registries in prod outlive a datacentre",
    types=(REGISTRY,),
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=must_be("zoneRedundancy", "Enabled"),
    remedy='set zone_redundancy="Enabled", or except the registry where the region has no zones',
    sources=("CKV_AZURE_233",),
)
