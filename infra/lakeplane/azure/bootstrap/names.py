"""Names of what a bootstrap makes, the same in every run and for every `generation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeplane.naming import NameRule, physical_name

if TYPE_CHECKING:
    from lakeplane.naming import Named

__all__ = ["BootstrapNames", "plan_bootstrap_names"]

CONTAINER = "state"
KEY = "pulumi"

_RULES = {
    "resource_group": NameRule("rg", 90, suffix="state"),
    "state_account": NameRule("ststate", 24, unique=True, compact=True),
    "key_vault": NameRule("kvst", 24, unique=True),
    "identity_preview": NameRule("id", 128, suffix="preview"),
    "identity_apply": NameRule("id", 128, suffix="apply"),
    "role": NameRule("lakeplane secrets key", 120, unique=True),
}


@dataclass(frozen=True, slots=True)
class _FirstGeneration:
    """A spec whose `generation` counts for nothing: raising it renames resources, and must not lose state."""

    organisation: str
    name: str
    region: str
    subscription: str
    generation: int = 1


@dataclass(frozen=True, slots=True)
class BootstrapNames:
    """Every physical name of a bootstrap."""

    resource_group: str
    state_account: str
    key_vault: str
    identity_preview: str
    identity_apply: str
    role: str
    container: str = CONTAINER
    key: str = KEY


def plan_bootstrap_names(named: Named) -> BootstrapNames:
    """Name what the bootstrap of an environment or of a hub makes."""
    first = _FirstGeneration(named.organisation, named.name, named.region, named.subscription)
    return BootstrapNames(**{key: physical_name(rule, first) for key, rule in _RULES.items()})
