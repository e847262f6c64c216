"""Key vaults have a private endpoint.

Clusters and services inside the network reach the vault by its private endpoint; without one they need its
public one.

Anti-pattern:

    Vault("secrets")

Best practice:

    PrivateEndpoint(
        "secrets",
        private_link_service_connections=[
            PrivateLinkServiceConnectionArgs(private_link_service_id=vault.id, group_ids=["vault"])
        ],
    )

Documents: Microsoft Learn, "Integrate Key Vault with Azure Private Link".
"""

from collections.abc import Iterator

from lakeplane_policies.endpoints import lacks_endpoints
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import VAULT


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for vault in stack.of(VAULT):
        yield from lacks_endpoints(stack, vault, "vault")


RULE = Rule(
    code="KV009",
    title="key vaults have a private endpoint",
    types=(VAULT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a private endpoint for the group vault",
    sources=(
        "CKV2_AZURE_32",
        "MCSB NS-2",
    ),
)
