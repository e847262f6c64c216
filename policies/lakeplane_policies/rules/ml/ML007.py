"""ML compute stands in a network.

Compute that is in neither the workspace's managed network nor a subnet runs on the internet, whatever the
workspace's own doors are.

Anti-pattern:

    Compute("cpu", workspace_name=workspace_without_network.name)

Best practice:

    Workspace("ml", managed_network=ManagedNetworkSettingsArgs(isolation_mode="AllowOnlyApprovedOutbound"))
    Compute("cpu", workspace_name=workspace.name)

Documents: Microsoft Learn, "Workspace managed virtual network isolation".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import ML_COMPUTE, ML_WORKSPACE

_SUBNET = "properties.properties.subnet.id"
_MODES = ("AllowOnlyApprovedOutbound", "AllowInternetOutbound")


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for compute in stack.of(ML_COMPUTE):
        if read(compute.inputs, _SUBNET) is not State.ABSENT:
            continue  # an id that is known later is one that will be there
        homes = [one for one in stack.of(ML_WORKSPACE) if stack.names(compute, "workspaceName", one)]
        modes = [read(home.inputs, "managedNetwork.isolationMode") for home in homes]
        if any(mode in _MODES for mode in modes):
            continue
        if State.UNKNOWN in modes:
            yield replace(unknown(*_SUBNET.split(".")), urn=compute.urn)
        else:
            found = "it has no subnet, and no workspace of the stack with a managed network"
            yield Violation(tuple(_SUBNET.split(".")), found, urn=compute.urn)


RULE = Rule(
    code="ML007",
    title="ML compute stands in a network",
    types=(ML_COMPUTE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="give the workspace a managed network, or the compute a subnet",
    sources=(
        "PSRule Azure.ML.ComputeVnet",
        "MCSB NS-1",
    ),
)
