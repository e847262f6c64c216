"""Registries serve layers under names of their own.

Without dedicated data endpoints, layers come from a storage address that all registries of the region share:
a firewall that lets it out lets out to any of them.

Anti-pattern:

    Registry("images", data_endpoint_enabled=False)

Best practice:

    Registry("images", data_endpoint_enabled=True)

Documents: Microsoft Learn, "Azure Container Registry mitigating data exfiltration with dedicated data
endpoints".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR007",
    title="registries serve layers under names of their own",
    types=(REGISTRY,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("dataEndpointEnabled", True),
    remedy="set data_endpoint_enabled=True",
    sources=("CKV_AZURE_237",),
)
