"""Machines don't write themselves into zones of private endpoints.

With registration on, every machine of the network writes its name into the zone: one named like a service
answers in the service's place.

Anti-pattern:

    VirtualNetworkLink("blob", registration_enabled=True)

Best practice:

    VirtualNetworkLink("blob", registration_enabled=False)

Documents: Microsoft Learn, "What is a virtual network link subresource of Azure DNS private zones?".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="NW011",
    title="machines don't write themselves into zones of private endpoints",
    types=("azure-native:privatedns:VirtualNetworkLink",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("registrationEnabled", False),
    remedy="set registration_enabled=False",
    remediation={"registrationEnabled": False},
    sources=("MCSB NS-10",),
)
