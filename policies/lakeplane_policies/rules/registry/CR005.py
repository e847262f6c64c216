"""Images don't leave a private registry by export.

Export copies images into another registry, past every network. Azure lets it be switched off only where the
public endpoint is off too, so only there it is asked for.

Anti-pattern:

    PoliciesArgs(export_policy=ExportPolicyArgs(status="enabled"))

Best practice:

    PoliciesArgs(export_policy=ExportPolicyArgs(status="disabled"))

Documents: Microsoft Learn, "Disable export of artifacts from an Azure container registry".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import REGISTRY

_OFF = must_be("policies.exportPolicy.status", "disabled")
_OPEN = must_be("publicNetworkAccess", "Enabled")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    if settings.access_mode == "private" or list(_OPEN(inputs, settings)):
        yield from _OFF(inputs, settings)


RULE = Rule(
    code="CR005",
    title="images don't leave a private registry by export",
    types=(REGISTRY,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes="private: export is off; allow_list: Azure keeps it on, nothing is asked",
    judge=_judge,
    remedy='set policies.export_policy.status="disabled"',
    sources=(
        "PSRule Azure.ACR.ExportPolicy",
        "MCSB DP-2",
    ),
)
