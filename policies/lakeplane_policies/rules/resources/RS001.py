"""Resources say whose they are and who pays.

What carries no tags belongs to nobody: no bill names its team, and nobody dares to delete it.

Anti-pattern:

    StorageAccount("lake", tags={})

Best practice:

    tags = {"environment": "dev", "owner": "team@contoso.example", "cost-centre": "4711"}
    StorageAccount("lake", tags=tags)

Documents: Microsoft Learn, "Use tags to organize your Azure resources and management hierarchy".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import TAGGED


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    tags = read(inputs, "tags")
    if tags is State.UNKNOWN:
        yield unknown("tags")
        return
    given = tags if isinstance(tags, dict) else {}
    for names in (("owner",), ("cost-centre",), ("environment", "hub")):
        # A value that is known later is one that will be there.
        if not any(given.get(name) not in (None, "") for name in names):
            yield Violation(("tags", names[0]), NOT_SET)


RULE = Rule(
    code="RS001",
    title="resources say whose they are and who pays",
    types=TAGGED,
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set the tags owner, cost-centre, and environment or hub",
    sources=(
        "PSRule Azure.Resource.UseTags",
        "MCSB AM-1",
    ),
)
