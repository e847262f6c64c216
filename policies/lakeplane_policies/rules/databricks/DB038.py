"""Catalogs, locations and credentials belong to their workspaces.

An open catalog shows in every workspace of the region: a job in dev reads prod's data if somebody granted
too much.

Anti-pattern:

    Catalog("prod", isolation_mode="OPEN")

Best practice:

    Catalog("prod", isolation_mode="ISOLATED")

Documents: Microsoft Learn, "Limit catalog access to specific workspaces".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import CATALOG, EXTERNAL_LOCATION, STORAGE_CREDENTIAL

RULE = Rule(
    code="DB038",
    title="catalogs, locations and credentials belong to their workspaces",
    types=(CATALOG, EXTERNAL_LOCATION, STORAGE_CREDENTIAL),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("isolationMode", "ISOLATED", "ISOLATION_MODE_ISOLATED"),
    remedy='set isolation_mode="ISOLATED" (catalogs) or "ISOLATION_MODE_ISOLATED"',
    sources=(
        "MCSB NS-1",
        "SAT GOV-16",
    ),
)
