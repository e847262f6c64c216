"""AKS clusters and their nodes are upgraded by themselves.

Kubernetes versions are supported for about a year, and node images get fixes every week. Whoever upgrades by
hand forgets.

Anti-pattern:

    ManagedClusterAutoUpgradeProfileArgs(upgrade_channel="none", node_os_upgrade_channel="Unmanaged")

Best practice:

    ManagedClusterAutoUpgradeProfileArgs(upgrade_channel="stable", node_os_upgrade_channel="NodeImage")

Documents: Microsoft Learn, "Automatically upgrade an AKS cluster" and "Autoupgrade node OS images".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK010",
    title="AKS clusters and their nodes are upgraded by themselves",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("autoUpgradeProfile.upgradeChannel", "stable", "patch"),
        must_be("autoUpgradeProfile.nodeOSUpgradeChannel", "NodeImage", "SecurityPatch"),
    ),
    remedy='set auto_upgrade_profile with upgrade_channel="stable" and node_os_upgrade_channel="NodeImage"',
    sources=(
        "CKV_AZURE_171",
        "PSRule Azure.AKS.AutoUpgrade",
        "PSRule Azure.AKS.NodeAutoUpgrade",
    ),
)
