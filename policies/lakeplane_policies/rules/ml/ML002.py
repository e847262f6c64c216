"""ML workspaces have a network of their own that lets out what is approved.

Without a managed network, training and serving run on the internet; one that lets everything out lets data
out too.

Anti-pattern:

    Workspace("ml", managed_network=ManagedNetworkSettingsArgs(isolation_mode="Disabled"))

Best practice:

    Workspace("ml", managed_network=ManagedNetworkSettingsArgs(isolation_mode="AllowOnlyApprovedOutbound"))

Documents: Microsoft Learn, "Workspace managed virtual network isolation".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_WORKSPACE

RULE = Rule(
    code="ML002",
    title="ML workspaces have a network of their own that lets out what is approved",
    types=(ML_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("managedNetwork.isolationMode", "AllowOnlyApprovedOutbound"),
    remedy='set managed_network.isolation_mode="AllowOnlyApprovedOutbound"',
    sources=(
        "CKV_AZURE_243",
        "MCSB NS-1",
    ),
)
