"""No secret's value passes through the program.

A secret that the program writes into a vault, a scope or a cluster lies in Pulumi's state as well, encrypted
with a key that every deployer has.

Anti-pattern:

    Secret("token", properties=SecretPropertiesArgs(value=token))

Best practice:

    Vault("secrets")  # whoever has the value writes it, once

Documents: Pulumi, "Secrets handling"; Microsoft Learn, "Best practices for protecting secrets".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_PLACES = ("properties.value", "stringValue", "data", "stringData")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    found = [path for path in _PLACES if read(inputs, path) not in (State.ABSENT, {})]
    for path in found:  # also one that is known later: it will be written
        yield Violation(tuple(path.split(".")), "the program writes it")
    if not found and read(inputs, "lifetimeSeconds") is not State.ABSENT:
        yield Violation(("lifetimeSeconds",), "the program makes a token")


RULE = Rule(
    code="RS005",
    title="no secret's value passes through the program",
    types=(
        "azure-native:keyvault:Secret",
        "databricks:index/secret:Secret",
        "databricks:index/token:Token",
        "kubernetes:core/v1:Secret",
    ),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="let whoever has the value write it; read it by a CSI driver, a scope or an identity",
    sources=(
        "PSRule Azure.Deployment.OutputSecretValue",
        "CIS 4.5.1",
        "MCSB IM-8",
    ),
)
