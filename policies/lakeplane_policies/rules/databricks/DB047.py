"""Workspaces begin with Unity Catalog, on clusters in their network.

A workspace that begins with the Hive metastore has tables that nobody granted. A serverless workspace has no
clusters in any network of yours.

A workspace that only answers its region's log-ins is left alone: no cluster can start in it.

Anti-pattern:

    DefaultCatalogPropertiesArgs(initial_type="HiveMetastore")

Best practice:

    unity = DefaultCatalogPropertiesArgs(initial_type="UnityCatalog")
    Workspace("dbw", compute_mode="Hybrid", default_catalog=unity)

Documents: Microsoft Learn, "Enable a workspace for Unity Catalog".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.endpoints import answers_logins_alone
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

_CONDITION = all_of(must_be("defaultCatalog.initialType", "UnityCatalog"), must_be("computeMode", "Hybrid"))


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    for workspace in stack.of(DATABRICKS_WORKSPACE):
        if not answers_logins_alone(stack, workspace):
            for found in _CONDITION(workspace.inputs, settings):
                yield replace(found, urn=workspace.urn)


RULE = Rule(
    code="DB047",
    title="workspaces begin with Unity Catalog, on clusters in their network",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy='set default_catalog.initial_type="UnityCatalog" and compute_mode="Hybrid"',
    sources=(
        "SAT GOV-16",
        "SAT NS-4",
    ),
)
