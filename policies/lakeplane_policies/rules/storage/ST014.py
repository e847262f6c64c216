"""Storage accounts encrypt twice, every service of theirs.

Infrastructure encryption adds a second layer with another key and another algorithm, should one be broken.
It can be asked for only while the account is made.

Anti-pattern:

    StorageAccount("lake", encryption=EncryptionArgs(key_source="Microsoft.Storage"))

Best practice:

    StorageAccount(
        "lake",
        encryption=EncryptionArgs(
            key_source="Microsoft.Storage",
            require_infrastructure_encryption=True,
            services=EncryptionServicesArgs(blob=EncryptionServiceArgs(enabled=True, key_type="Account")),
        ),
    )

Documents: Microsoft Learn, "Enable infrastructure encryption for double encryption of data".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must_be
from lakeplane_policies.reading import read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import STORAGE_ACCOUNT

_TWICE = must_be("encryption.requireInfrastructureEncryption", True)
_SERVICES = ("blob", "file", "queue", "table")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _TWICE(inputs, settings)
    services = read(inputs, "encryption.services")
    for name in _SERVICES if isinstance(services, dict) else ():
        if name in services:
            path = f"encryption.services.{name}"
            yield from must_be(f"{path}.enabled", True)(inputs, settings)
            yield from must_be(f"{path}.keyType", "Account")(inputs, settings)


RULE = Rule(
    code="ST014",
    title="storage accounts encrypt twice, every service of theirs",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set encryption.require_infrastructure_encryption=True, and all services to the account's key",
    sources=("MCSB DP-4",),
)
