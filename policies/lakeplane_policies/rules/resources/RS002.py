"""Resources stand in the region of their resource group.

Data that lies in another region leaves the country that somebody promised it would stay in, and costs each
time it is read. What has no region of its own says global, or takes its group's by saying nothing.

Anti-pattern:

    StorageAccount("lake", location="eastus")

Best practice:

    StorageAccount("lake", location=resource_group.location)

Documents: Microsoft Learn, "Azure data residency" and "What is Azure Resource Manager?".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import show, unknown
from lakeplane_policies.reading import State, word
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import TAGGED

_GROUP = "azure-native:resources:ResourceGroup"


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    regions = {_region(group) for group in stack.of(_GROUP)}
    for one in stack.of(*TAGGED):
        region = _region(one)
        if region in (State.ABSENT, "global") or (region in regions and region is not State.UNKNOWN):
            continue
        if region is State.UNKNOWN or State.UNKNOWN in regions:
            yield replace(unknown("location"), urn=one.urn)
        elif regions:
            wanted = ", ".join(sorted(map(str, regions)))
            yield Violation(("location",), f"{show(region)}; wanted: {wanted}", urn=one.urn)


def _region(one: Resource) -> str | State:
    location = word(one.inputs, "location")
    return location.replace(" ", "").casefold() if isinstance(location, str) else location


RULE = Rule(
    code="RS002",
    title="resources stand in the region of their resource group",
    types=TAGGED,
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="give the region of the resource group",
    sources=(
        "PSRule Azure.Resource.AllowedRegions",
        "MCSB GS-6",
    ),
)
