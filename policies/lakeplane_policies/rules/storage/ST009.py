"""Every storage account says what becomes of deleted blobs.

Soft delete belongs to the account's blob service, a resource of its own. An account without that resource
has none, and no rule about it would ever see so.

Anti-pattern:

    StorageAccount("lake")

Best practice:

    StorageAccount("lake", account_name="stlake")
    BlobServiceProperties("blobs", account_name="stlake", blob_services_name="default")

Documents: Microsoft Learn, "Soft delete for blobs".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import BLOB_SERVICE, STORAGE_ACCOUNT


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    services = list(stack.of(BLOB_SERVICE))
    for account in stack.of(STORAGE_ACCOUNT):
        answers = [stack.names(service, "accountName", account) for service in services]
        if True in answers:
            continue
        if State.UNKNOWN in answers:
            yield replace(unknown(), urn=account.urn)
        else:
            yield Violation((), "no BlobServiceProperties of the stack is for it", urn=account.urn)


RULE = Rule(
    code="ST009",
    title="every storage account says what becomes of deleted blobs",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add BlobServiceProperties for the account, with both retention policies",
    sources=(
        "CKV2_AZURE_38",
        "PSRule Azure.Storage.SoftDelete",
    ),
)
