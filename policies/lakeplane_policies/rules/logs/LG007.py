"""Budgets tell somebody before the money is gone.

A budget stops nothing; all it can do is tell. One without a notification, or with it switched off, does
nothing.

Anti-pattern:

    NotificationArgs(enabled=False, threshold=100)

Best practice:

    NotificationArgs(enabled=True, threshold=80, contact_emails=["team@contoso.example"])

Documents: Microsoft Learn, "Tutorial: Create and manage budgets".
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.conditions import NOT_SET, must_be, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_ON = must_be("enabled", True)
_ABOVE = must_be("operator", "GreaterThan", "GreaterThanOrEqualTo")
_CONTACTS = ("contactEmails", "contactGroups", "contactRoles")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    notifications = read(inputs, "notifications")
    if notifications is State.UNKNOWN:
        yield unknown("notifications")
    elif notifications in (State.ABSENT, {}) or not isinstance(notifications, dict):
        yield Violation(("notifications",), NOT_SET)
    else:
        for name, notification in notifications.items():
            for found in _judge_one(notification, settings):
                yield replace(found, path=("notifications", name, *found.path))


def _judge_one(notification: Any, settings: Settings) -> Iterator[Violation]:
    yield from _ON(notification, settings)
    yield from _ABOVE(notification, settings)
    if all(read(notification, kind) in (State.ABSENT, []) for kind in _CONTACTS):
        yield Violation(("contactEmails",), NOT_SET)


RULE = Rule(
    code="LG007",
    title="budgets tell somebody before the money is gone",
    types=("azure-native:consumption:Budget",),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="enable each notification, with contact_emails or contact_groups, above its threshold",
    sources=("MCSB IR-2",),
)
