"""The public endpoint of registries is as the access mode wants it.

A registry's public endpoint is on unless it is told otherwise.

Anti-pattern:

    Registry("images", public_network_access="Enabled")

Best practice:

    Registry("images", public_network_access="Disabled")

Documents: Microsoft Learn, "Connect privately to an Azure container registry using Azure Private Link".
"""

from lakeplane_policies.doors import DOOR_MODES, public_access
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR003",
    title="the public endpoint of registries is as the access mode wants it",
    types=(REGISTRY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=DOOR_MODES,
    judge=public_access(),
    remedy='set public_network_access="Disabled", or "Enabled" in access mode allow_list',
    sources=(
        "CKV_AZURE_139",
        "MCSB NS-2",
    ),
)
