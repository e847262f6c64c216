"""Foreign tokens are trusted from one subject, for Azure alone.

A federated credential turns another issuer's token into an Azure identity. A subject with a wildcard, or an
audience that others use too, trusts more than one pipeline or pod.

Anti-pattern:

    FederatedIdentityCredential("ci", subject="repo:contoso/*", audiences=["api://default"])

Best practice:

    FederatedIdentityCredential(
        "ci",
        subject="repo:contoso/platform:environment:prod",
        audiences=["api://AzureADTokenExchange"],
    )

Documents: Microsoft Learn, "Important considerations and restrictions for federated identity credentials".
"""

from lakeplane_policies.conditions import all_of, must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="ID004",
    title="foreign tokens are trusted from one subject, for Azure alone",
    types=("azure-native:managedidentity:FederatedIdentityCredential",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must("subject", lambda subject: len(str(subject)) > 1 and "*" not in str(subject), "one subject"),
        must("audiences", lambda audiences: audiences == ["api://AzureADTokenExchange"]),
    ),
    remedy='name one subject, and audiences=["api://AzureADTokenExchange"]',
    sources=("MCSB IM-3",),
)
