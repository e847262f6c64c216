"""Firewalls stop what Microsoft knows to be hostile.

Threat intelligence that only alerts lets machines talk to known command servers while somebody reads the
alert. Basic firewalls can't do more than alert.

Anti-pattern:

    FirewallPolicy("egress", threat_intel_mode="Alert")

Best practice:

    FirewallPolicy("egress", threat_intel_mode="Deny", sku=FirewallPolicySkuArgs(tier="Standard"))

Documents: Microsoft Learn, "Azure Firewall threat intelligence-based filtering".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="NW007",
    title="firewalls stop what Microsoft knows to be hostile",
    types=("azure-native:network:FirewallPolicy",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("threatIntelMode", "Deny"),
        must_be("sku.tier", "Standard", "Premium"),
        # Without the proxy, firewall and machines may resolve names differently.
        must_be("dnsSettings.enableProxy", True),
    ),
    remedy='set threat_intel_mode="Deny", sku.tier="Standard" and dns_settings.enable_proxy=True',
    sources=(
        "CKV_AZURE_216",
        "PSRule Azure.Firewall.PolicyMode",
        "PSRule Azure.Firewall.Mode",
    ),
)
