"""Custom roles name what they allow.

A custom role of `*` is Owner by another name, and no list of owners shows it.

Anti-pattern:

    RoleDefinition("team", permissions=[PermissionArgs(actions=["*"])])

Best practice:

    RoleDefinition("team", permissions=[PermissionArgs(actions=["Microsoft.Storage/storageAccounts/read"])])

Documents: Microsoft Learn, "Azure custom roles".
"""

import re
from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, show
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_ALL = re.compile(
    r"\*|\*/(\*|write|action)|Microsoft\.Authorization/(\*|.*/(\*|write|action))", re.IGNORECASE
)


def _judge(permission: Any, settings: Settings) -> Iterator[Violation]:
    yield from every("actions", _named, absent=NOT_SET)(permission, settings)
    yield from every("dataActions", _named)(permission, settings)


def _named(action: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if _ALL.fullmatch(str(action)):
        yield Violation((), show(action))


RULE = Rule(
    code="ID005",
    title="custom roles name what they allow",
    types=("azure-native:authorization:RoleDefinition",),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every("permissions", _judge, absent=NOT_SET),
    remedy="name the actions that are needed",
    sources=(
        "CKV_AZURE_39",
        "MCSB PA-7",
    ),
)
