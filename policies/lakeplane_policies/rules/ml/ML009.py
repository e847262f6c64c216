"""Online endpoints ask for Entra tokens.

An endpoint's key never ends, is shared by all clients, and leaves no name in the log.

Anti-pattern:

    OnlineEndpointPropertiesArgs(auth_mode="Key")

Best practice:

    OnlineEndpointPropertiesArgs(auth_mode="AADToken")

Documents: Microsoft Learn, "Authenticate clients for online endpoints".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_ENDPOINT

RULE = Rule(
    code="ML009",
    title="online endpoints ask for Entra tokens",
    types=(ML_ENDPOINT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("properties.authMode", "AADToken"),
    remedy='set properties.auth_mode="AADToken"',
    sources=(
        "PSRule Azure.ML.DisableLocalAuth",
        "MCSB IM-1",
    ),
)
