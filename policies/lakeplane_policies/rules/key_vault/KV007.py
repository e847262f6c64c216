"""Keys rotate by themselves or end on a day.

A key that is used for ever is worth stealing for ever. The one key that must not change by itself is that of
a cluster's secrets: AKS is given one version of it, and rotates when it is given another.

Anti-pattern:

    Key("lake", properties=KeyPropertiesArgs(kty="RSA", key_size=3072))

Best practice:

    Key(
        "lake",
        properties=KeyPropertiesArgs(
            kty="RSA",
            key_size=3072,
            rotation_policy=RotationPolicyArgs(lifetime_actions=[rotate_after("P1Y")]),
        ),
    )

Documents: Microsoft Learn, "Configure cryptographic key auto-rotation in Azure Key Vault" and "Add KMS etcd
encryption to an AKS cluster".
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import KEY, MANAGED_CLUSTER


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    of_clusters = {
        key.urn
        for cluster in stack.of(MANAGED_CLUSTER)
        for key in stack.sources(cluster, "securityProfile", KEY)
    }
    for key in stack.of(KEY):
        ends = read(key.inputs, "properties.attributes.expires")
        if key.urn in of_clusters or ends not in (State.ABSENT, State.UNKNOWN):
            continue
        for found in _rotates(key.inputs):
            yield replace(found, urn=key.urn)


def _rotates(inputs: Any) -> Iterator[Violation]:
    actions = read(inputs, "properties.rotationPolicy.lifetimeActions")
    found = [read(action, "action.type") for action in actions] if isinstance(actions, list) else [actions]
    if not any(str(one).casefold() == "rotate" for one in found):
        path = ("properties", "rotationPolicy", "lifetimeActions")
        yield (
            unknown(*path)
            if State.UNKNOWN in found
            else Violation(path, "nothing rotates it, and it has no end")
        )


RULE = Rule(
    code="KV007",
    title="keys rotate by themselves or end on a day",
    types=(KEY,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="set properties.rotation_policy with the action rotate, or attributes.expires",
    sources=(
        "CKV_AZURE_40",
        "PSRule Azure.KeyVault.AutoRotationPolicy",
    ),
)
