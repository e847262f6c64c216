"""Nobody pulls images without signing in.

With anonymous pull, whoever finds the registry reads its images, and what was left in them.

Anti-pattern:

    Registry("images", anonymous_pull_enabled=True)

Best practice:

    Registry("images", anonymous_pull_enabled=False)

Documents: Microsoft Learn, "Make your container registry content publicly available".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR002",
    title="nobody pulls images without signing in",
    types=(REGISTRY,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("anonymousPullEnabled", False),
    remedy="set anonymous_pull_enabled=False",
    remediation={"anonymousPullEnabled": False},
    sources=(
        "CKV_AZURE_138",
        "PSRule Azure.ACR.AnonymousAccess",
    ),
)
