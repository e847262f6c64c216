"""Keys are strong, and stay in their vault.

RSA keys shorter than 3,072 bits are at the end of their time. A key that may be exported or released can
leave with whoever holds that right.

Anti-pattern:

    KeyPropertiesArgs(kty="RSA", key_size=2048, key_ops=["export"])

Best practice:

    KeyPropertiesArgs(kty="RSA", key_size=3072, key_ops=["wrapKey", "unwrapKey"])

Documents: Microsoft Learn, "About keys", and NIST SP 800-57 part 1.
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, must, must_be, must_not_be, show
from lakeplane_policies.reading import read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import KEY

_KINDS = must_be("properties.kty", "RSA", "RSA-HSM", "EC", "EC-HSM")
_SIZE = must("properties.keySize", lambda size: size >= 3072, "at least 3072")
_STAYS = must_not_be("properties.attributes.exportable", True)
_OPERATIONS = ("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _KINDS(inputs, settings)
    if not str(read(inputs, "properties.kty")).startswith("EC"):
        yield from _SIZE(inputs, settings)
    yield from _STAYS(inputs, settings)
    yield from every("properties.keyOps", _operation, absent=NOT_SET)(inputs, settings)


def _operation(item: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if item not in _OPERATIONS:
        yield Violation((), show(item))


RULE = Rule(
    code="KV011",
    title="keys are strong, and stay in their vault",
    types=(KEY,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set kty to RSA, key_size to 3072 or more, and key_ops without import, export and release",
    sources=(
        "CKV_AZURE_112",
        "MCSB DP-6",
    ),
)
