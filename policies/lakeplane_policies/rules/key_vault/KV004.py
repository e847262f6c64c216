"""The public endpoint of key vaults is as the access mode wants it.

A vault's public endpoint is on unless it is told otherwise. In an environment that is reached from inside
alone, nobody needs it; and one that denies every network lets nobody in, so it was left open by mistake, as
that of a vault that only services and private endpoints reach.

Anti-pattern:

    VaultPropertiesArgs(public_network_access="Enabled")

Best practice:

    VaultPropertiesArgs(public_network_access="Disabled")

Documents: Microsoft Learn, "Integrate Key Vault with Azure Private Link".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.doors import DOOR_MODES, public_access
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import VAULT

_ACCESS = "properties.publicNetworkAccess"
_NAMED = ("properties.networkAcls.ipRules", "properties.networkAcls.virtualNetworkRules")
_BY_MODE = public_access(_ACCESS)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    found = list(_BY_MODE(inputs, settings))
    yield from found
    denies = read(inputs, "properties.networkAcls.defaultAction") == "Deny"
    nobody = all(read(inputs, path) in (State.ABSENT, []) for path in _NAMED)
    if not found and denies and nobody and read(inputs, _ACCESS) == "Enabled":
        yield Violation(tuple(_ACCESS.split(".")), "Enabled, though every network is denied")


RULE = Rule(
    code="KV004",
    title="the public endpoint of key vaults is as the access mode wants it",
    types=(VAULT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=DOOR_MODES,
    judge=_judge,
    remedy='set properties.public_network_access="Disabled", or "Enabled" in access mode allow_list',
    sources=(
        "CKV_AZURE_189",
        "MCSB NS-2",
    ),
)
