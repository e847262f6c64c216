"""Storage accounts have private endpoints for what their clients speak.

Clients inside the network come by private endpoints, one for each kind of address: blob for every account,
and dfs too for a lake, because engines use both. Where one is missing, traffic goes by the public endpoint
or fails.

Anti-pattern:

    StorageAccount("lake", is_hns_enabled=True)

Best practice:

    PrivateEndpoint(
        "lake-dfs",
        private_link_service_connections=[
            PrivateLinkServiceConnectionArgs(private_link_service_id=lake.id, group_ids=["dfs"])
        ],
    )

Documents: Microsoft Learn, "Use private endpoints for Azure Storage".
"""

from collections.abc import Iterator

from lakeplane_policies.endpoints import lacks_endpoints
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import STORAGE_ACCOUNT


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for account in stack.of(STORAGE_ACCOUNT):
        lake = read(account.inputs, "isHnsEnabled") not in (State.ABSENT, False)
        yield from lacks_endpoints(stack, account, "blob", *(["dfs"] if lake else []))


RULE = Rule(
    code="ST020",
    title="storage accounts have private endpoints for what their clients speak",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a private endpoint for each group that is missing",
    sources=(
        "CKV2_AZURE_33",
        "MCSB NS-2",
    ),
)
