"""Registries are of the tier that has private endpoints.

Only the Premium tier has private endpoints, firewalls and zones; a registry of another tier is open to the
internet and can't be shut.

Anti-pattern:

    Registry("images", sku=SkuArgs(name="Basic"))

Best practice:

    Registry("images", sku=SkuArgs(name="Premium"))

Documents: Microsoft Learn, "Azure Container Registry SKU features and limits".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR006",
    title="registries are of the tier that has private endpoints",
    types=(REGISTRY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("sku.name", "Premium"),
    remedy='set sku.name="Premium"',
    sources=(
        "PSRule Azure.ACR.MinSku",
        "MCSB NS-2",
    ),
)
