"""Managed networks let out to hosts that somebody named.

A rule for every host makes the approved list of a managed network worthless.

Anti-pattern:

    FqdnOutboundRuleArgs(type="FQDN", destination="*")

Best practice:

    FqdnOutboundRuleArgs(type="FQDN", destination="pypi.example.com")

Documents: Microsoft Learn, "Workspace managed virtual network isolation", section "Manage outbound rules".
"""

import re
from typing import Any

from lakeplane_policies.addresses import opens_to_everybody
from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule


def _named(destination: Any) -> bool:
    """Tell whether a destination (a host, or an object about a service tag or a resource) is somebody's."""
    if isinstance(destination, dict):
        return not opens_to_everybody(destination.get("serviceTag", ""))
    return bool(re.fullmatch(r"(\*\.)?([\w-]+\.)+[\w-]+", str(destination)))


RULE = Rule(
    code="ML013",
    title="managed networks let out to hosts that somebody named",
    types=("azure-native:machinelearningservices:ManagedNetworkSettingsRule",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must("properties.destination", _named, "a host or a service tag by name"),
    remedy="name the host, or a domain with its own name",
    sources=(
        "CKV_AZURE_243",
        "MCSB NS-3",
    ),
)
