"""Workspaces mount nothing, and this program puts nothing into DBFS.

A mount gives everybody in the workspace the rights of whoever mounted it, past Unity Catalog.

Anti-pattern:

    Mount("data", abfs=MountAbfsArgs(container_name="gold"))

Best practice:

    ExternalLocation("gold", url="abfss://gold@stlake.dfs.core.windows.net/", credential_name="lake")

Documents: Microsoft Learn, "Mounting cloud object storage on Azure Databricks".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del inputs, settings  # that there is one is the violation, whatever it says
    yield Violation((), "it is one")


RULE = Rule(
    code="DB020",
    title="workspaces mount nothing, and this program puts nothing into DBFS",
    types=("databricks:index/dbfsFile:DbfsFile", "databricks:index/mount:Mount"),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="use external locations and volumes of Unity Catalog",
    sources=(
        "SAT GOV-11",
        "SAT GOV-10",
    ),
)
