"""Front doors: what each access mode makes of a service's public network access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import by_mode, must_be, must_not_be
from lakeplane_policies.reading import read
from lakeplane_policies.rule import Condition, Violation
from lakeplane_policies.settings import Settings

__all__ = ["DOOR_MODES", "denies_by_default", "public_access"]

DOOR_MODES = "private: the door is shut; allow_list: it may be open, and other rules ask whom it lets in"
_SHUT = ("Disabled", "SecuredByPerimeter")


def public_access(path: str = "publicNetworkAccess") -> Condition:
    """Demand that a service's public network access is what the access mode asks for, and said openly."""
    return by_mode(private=must_be(path, *_SHUT), allow_list=must_be(path, *_SHUT, "Enabled"))


def denies_by_default(action: str, *, access: str = "publicNetworkAccess") -> Condition:
    """Demand that a service denies every network that isn't named, openly unless its door is shut.

    Args:
        action: Path of the default action.
        access: Path of the public network access.
    """
    deny, not_allow = must_be(action, "Deny"), must_not_be(action, "Allow")

    def condition(inputs: Any, settings: Settings) -> Iterator[Violation]:
        yield from (not_allow if read(inputs, access) in _SHUT else deny)(inputs, settings)

    return condition
