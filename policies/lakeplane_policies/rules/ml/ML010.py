"""The public address of online endpoints is as the access mode wants it.

A managed endpoint answers the internet unless it is told otherwise, whatever the workspace's own door is.

Anti-pattern:

    OnlineEndpointPropertiesArgs(public_network_access="Enabled")

Best practice:

    OnlineEndpointPropertiesArgs(public_network_access="Disabled")

Documents: Microsoft Learn, "Network isolation with managed online endpoints".
"""

from lakeplane_policies.doors import public_access
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_ENDPOINT

RULE = Rule(
    code="ML010",
    title="the public address of online endpoints is as the access mode wants it",
    types=(ML_ENDPOINT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: the door is shut; allow_list: it may be open; Entra alone keeps strangers out",
    judge=public_access("properties.publicNetworkAccess"),
    remedy='set properties.public_network_access="Disabled", or "Enabled" in access mode allow_list',
    sources=(
        "PSRule Azure.ML.PublicAccess",
        "MCSB NS-2",
    ),
)
