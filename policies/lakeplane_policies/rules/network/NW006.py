"""Public addresses are shut until a rule opens them.

Basic addresses are open by default and retired; standard ones let nothing in until a security group does. A
dynamic one changes under every allow list that names it.

Anti-pattern:

    PublicIPAddress("egress", sku=PublicIPAddressSkuArgs(name="Basic"))

Best practice:

    PublicIPAddress(
        "egress",
        sku=PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
        public_ip_allocation_method="Static",
    )

Documents: Microsoft Learn, "Public IP addresses".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="NW006",
    title="public addresses are shut until a rule opens them",
    types=("azure-native:network:PublicIPAddress",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("sku.name", "Standard", "StandardV2"), must_be("publicIPAllocationMethod", "Static")
    ),
    remedy='set sku.name="Standard" and public_ip_allocation_method="Static"',
    sources=(
        "PSRule Azure.PublicIP.StandardSKU",
        "MCSB NS-1",
    ),
)
