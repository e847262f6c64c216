"""The catalog reads the lake as a managed identity.

A service principal's secret in a credential ends, leaks or is forgotten; the access connector has none.

Anti-pattern:

    StorageCredential("lake", azure_service_principal=application)

Best practice:

    StorageCredential(
        "lake",
        azure_managed_identity=StorageCredentialAzureManagedIdentityArgs(access_connector_id=connector.id),
    )

Documents: Microsoft Learn, "Use Azure managed identities in Unity Catalog to access storage".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import STORAGE_CREDENTIAL


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    identity = read(inputs, "azureManagedIdentity")
    if identity is State.UNKNOWN:
        yield unknown("azureManagedIdentity")
    # An id that is known later is one that will be there.
    elif read(identity, "accessConnectorId") in (State.ABSENT, ""):
        yield Violation(("azureManagedIdentity", "accessConnectorId"), NOT_SET)
    for name in ("azureServicePrincipal", "databricksGcpServiceAccount"):
        if read(inputs, name) is not State.ABSENT:
            yield Violation((name,), "it is another identity")


RULE = Rule(
    code="DB039",
    title="the catalog reads the lake as a managed identity",
    types=(STORAGE_CREDENTIAL,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set azure_managed_identity with an access connector",
    sources=("MCSB IM-3",),
)
