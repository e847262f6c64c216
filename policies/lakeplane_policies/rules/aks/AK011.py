"""Upgrades of AKS clusters have their hours.

Without maintenance windows, upgrades drain nodes whenever Azure is ready: in the middle of a day, or of a
training run.

Anti-pattern:

    ManagedCluster("aks", auto_upgrade_profile=stable)

Best practice:

    MaintenanceConfiguration(
        "versions",
        resource_name_=cluster.name,
        config_name="aksManagedAutoUpgradeSchedule",
        maintenance_window=sunday_night,
    )

Documents: Microsoft Learn, "Use planned maintenance to schedule and control upgrades for your AKS cluster".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, word
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import MANAGED_CLUSTER

_CONFIGURATION = "azure-native:containerservice:MaintenanceConfiguration"
_NAMES = ("aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for cluster in stack.of(MANAGED_CLUSTER):
        windows = {
            word(window.inputs, "configName"): stack.names(window, "resourceName", cluster)
            for window in stack.of(_CONFIGURATION)
        }
        for name in _NAMES:
            answer = windows.get(name, windows.get(State.UNKNOWN) and State.UNKNOWN)
            if answer is State.UNKNOWN:
                yield replace(unknown(), urn=cluster.urn)
            elif not answer:
                yield Violation(
                    (), f"no MaintenanceConfiguration {name} of the stack is for it", urn=cluster.urn
                )


RULE = Rule(
    code="AK011",
    title="upgrades of AKS clusters have their hours",
    types=(MANAGED_CLUSTER,),
    impact=Impact.LOW,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a MaintenanceConfiguration of each of both names",
    sources=("PSRule Azure.AKS.MaintenanceWindow",),
)
