"""Databricks' own storage is behind a firewall.

The storage account of a workspace holds notebooks' results, logs and libraries; without its firewall it
answers the internet to whoever has a token.

A workspace that only answers its region's log-ins is left alone: no cluster can start in it.

Anti-pattern:

    Workspace("dbw", default_storage_firewall="Disabled")

Best practice:

    Workspace("dbw", default_storage_firewall="Enabled", access_connector=connector)

Documents: Microsoft Learn, "Enable firewall support for your workspace storage account".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import must_be
from lakeplane_policies.endpoints import answers_logins_alone
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

_CONDITION = must_be("defaultStorageFirewall", "Enabled")


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    for workspace in stack.of(DATABRICKS_WORKSPACE):
        if not answers_logins_alone(stack, workspace):
            for found in _CONDITION(workspace.inputs, settings):
                yield replace(found, urn=workspace.urn)


RULE = Rule(
    code="DB006",
    title="Databricks' own storage is behind a firewall",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy='set default_storage_firewall="Enabled", with an access connector',
    sources=(
        "CKV_AZURE_35",
        "MCSB NS-2",
    ),
)
