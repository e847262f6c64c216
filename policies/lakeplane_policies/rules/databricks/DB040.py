"""In prod nothing that holds data is deleted with what it holds.

With force_destroy, the deletion of a catalog takes every table along, and a renamed schema is one that is
deleted and made again.

Anti-pattern:

    Catalog("prod", force_destroy=True)

Best practice:

    Catalog("prod", force_destroy=False)

Documents: Pulumi Registry, databricks.Catalog, input forceDestroy.
"""

from lakeplane_policies.conditions import must_not_be
from lakeplane_policies.rule import ALIKE, IN_PROD, Impact, Rule
from lakeplane_policies.tokens import CATALOG, EXTERNAL_LOCATION, SCHEMA, STORAGE_CREDENTIAL

RULE = Rule(
    code="DB040",
    title="in prod nothing that holds data is deleted with what it holds",
    types=(CATALOG, EXTERNAL_LOCATION, SCHEMA, STORAGE_CREDENTIAL),
    impact=Impact.HIGH,
    tiers=IN_PROD,
    modes=ALIKE,
    judge=must_not_be("forceDestroy", True),
    remedy="set force_destroy=False",
    sources=("MCSB BR-2",),
)
