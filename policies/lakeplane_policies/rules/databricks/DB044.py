"""Catalogs and volumes lie in the lake, by its encrypted address.

Storage roots in DBFS or by wasb are read past Unity Catalog, with keys and without TLS.

Anti-pattern:

    Schema("gold", storage_root="dbfs:/gold")

Best practice:

    Schema("gold", storage_root="abfss://gold@stlake.dfs.core.windows.net/")

Documents: Microsoft Learn, "Overview of external locations".
"""

from lakeplane_policies.conditions import all_of, must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import CATALOG, EXTERNAL_LOCATION, SCHEMA

RULE = Rule(
    code="DB044",
    title="catalogs and volumes lie in the lake, by its encrypted address",
    types=(CATALOG, EXTERNAL_LOCATION, SCHEMA, "databricks:index/volume:Volume"),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        *(
            must(
                name, lambda address: str(address).startswith("abfss://"), "an abfss:// address", absent=None
            )
            for name in ("storageRoot", "storageLocation", "url")
        )
    ),
    remedy="give an abfss:// address, or none where the metastore manages it",
    sources=(
        "SAT GOV-10",
        "MCSB DP-3",
    ),
)
