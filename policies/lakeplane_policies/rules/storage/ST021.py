"""Shared access signatures end.

A signature that never ends is a key that anybody may pass on. Where shared keys are off, accounts can sign
none, and those that identities sign last seven days at most.

Anti-pattern:

    StorageAccount("lake", allow_shared_key_access=True)

Best practice:

    StorageAccount(
        "lake",
        sas_policy=SasPolicyArgs(sas_expiration_period="01.00:00:00", expiration_action="Block"),
    )

Documents: Microsoft Learn, "Configure an expiration policy for shared access signatures".
"""

import re
from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must
from lakeplane_policies.reading import read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import STORAGE_ACCOUNT

_ENDS = must(
    "sasPolicy.sasExpirationPeriod", lambda period: bool(re.match(r"\d+\.\d", str(period))), "days.hh:mm:ss"
)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    if read(inputs, "allowSharedKeyAccess") is not False:
        yield from _ENDS(inputs, settings)


RULE = Rule(
    code="ST021",
    title="shared access signatures end",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set allow_shared_key_access=False, or sas_policy with an expiration period",
    sources=("CKV2_AZURE_41",),
)
