"""Storage accounts deny every network that isn't named.

Anti-pattern: `network_rule_set` left out, or `default_action="Allow"`: the account answers the
whole internet.

Best practice: `StorageAccount(..., network_rule_set=NetworkRuleSetArgs(default_action="Deny", ...))`, or
`public_network_access="Disabled"`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane_policies.reading import read
from lakeplane_policies.rule import Rule, Violation, must_be


def _judge(inputs: Mapping[str, Any]) -> Iterator[Violation]:
    if read(inputs, "publicNetworkAccess") != "Disabled":
        yield from must_be("networkRuleSet.defaultAction", "Deny")(inputs)


RULE = Rule(
    code="ST005",
    title="storage accounts deny every network that isn't named",
    types=("azure-native:storage:StorageAccount",),
    judge=_judge,
    remedy='set network_rule_set with default_action="Deny", or public_network_access="Disabled"',
    sources=("CKV_AZURE_35", "PSRule Azure.Storage.Firewall", "MCSB NS-2"),
)
