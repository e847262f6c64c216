"""Grants name privileges, and not to everybody.

ALL_PRIVILEGES takes in what Unity Catalog adds next; MANAGE gives the right to give; `account users` is
everybody in every workspace.

Anti-pattern:

    GrantsGrantArgs(principal="account users", privileges=["ALL_PRIVILEGES"])

Best practice:

    GrantsGrantArgs(principal="data-readers", privileges=["SELECT", "USE_SCHEMA"])

Documents: Microsoft Learn, "Unity Catalog privileges and securable objects".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, show
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_BROAD = {"ALL_PRIVILEGES", "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA", "MANAGE", "MANAGE_ALLOWLIST"}
_EVERYBODY = ("account users", "users")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    if read(inputs, "grants") is State.ABSENT:
        yield from _grant(inputs, settings)
    else:
        yield from every("grants", _grant)(inputs, settings)


def _grant(grant: Any, settings: Settings) -> Iterator[Violation]:
    # A principal that is known later is one that this program made: nobody makes a group of everybody.
    if read(grant, "principal") in (*_EVERYBODY, State.ABSENT):
        yield Violation(("principal",), show(read(grant, "principal")))
    yield from every("privileges", _privilege, absent=NOT_SET)(grant, settings)


def _privilege(privilege: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if str(privilege).upper().replace(" ", "_") in _BROAD:
        yield Violation((), show(privilege))


RULE = Rule(
    code="DB041",
    title="grants name privileges, and not to everybody",
    types=("databricks:index/grant:Grant", "databricks:index/grants:Grants"),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="name privileges and a group; leave out ALL_PRIVILEGES, MANAGE and account users",
    sources=(
        "SAT INFO-18",
        "MCSB PA-7",
    ),
)
