"""Defender watches AKS clusters.

Without Defender's sensor nobody sees a miner, a shell in a container or a known bad image at work.

Anti-pattern:

    ManagedClusterSecurityProfileArgs(defender=ManagedClusterSecurityProfileDefenderArgs())

Best practice:

    ManagedClusterSecurityProfileArgs(
        defender=ManagedClusterSecurityProfileDefenderArgs(
            log_analytics_workspace_resource_id=logs.id,
            security_monitoring=ManagedClusterSecurityProfileDefenderSecurityMonitoringArgs(enabled=True),
        )
    )

Documents: Microsoft Learn, "Enable Defender for Containers plan".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK012",
    title="Defender watches AKS clusters",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("securityProfile.defender.securityMonitoring.enabled", True),
    remedy="set security_profile.defender.security_monitoring.enabled=True",
    sources=(
        "PSRule Azure.AKS.DefenderProfile",
        "MCSB LT-1",
    ),
)
