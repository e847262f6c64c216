"""The preview of an environment, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lakeplane.costs import Cost, QuotaNeed
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.differences import Difference
from lakeplane.preview.newness import Known, covered_key, find_new
from lakeplane.provider_models.stateful import held_by
from lakeplane.render import Resource

__all__ = ["BaseLabel", "Change", "Preview", "PreviewedResource"]

_PROVIDERS = "pulumi:providers:"
_OF_NEW_EXCEPTIONS = "PRV017"


class Change(StrEnum):
    """What an update does to a resource.

    The `MAY_` ones say that nobody can know before the update: a value is known only then, or no source tells
    whether the change replaces the resource. `NOT_COMPARED` says that nobody could read the base.
    """

    CREATE = "create"
    IMPORT = "import"
    READ = "read"
    SAME = "same"
    MAY_UPDATE = "may-update"
    UPDATE = "update"
    MAY_REPLACE = "may-replace"
    REPLACE = "replace"
    DELETE = "delete"
    NOT_COMPARED = "not-compared"

    @property
    def loses(self) -> bool:
        """Whether what the resource holds goes for certain."""
        return self in (Change.REPLACE, Change.DELETE)


@dataclass(frozen=True, slots=True)
class PreviewedResource:
    """One resource of an environment.

    Attributes:
        layer: The stack that it belongs to: `foundation`, `contents` or `hub`.
        resource: What the program registers; for one that is deleted, what the base has.
        change: What an update would do; without a base to compare with, `create`, or `read` for what is
            only looked up.
        differences: What changes of its inputs, by path; empty for what is created or deleted.
        reasons: Why it changes, in words, where its inputs don't say it.
        former_urn: Its URN in the base, if an alias says that it was another.
    """

    layer: str
    resource: Resource
    change: Change = Change.CREATE
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()
    former_urn: str | None = None

    @property
    def is_managed(self) -> bool:
        """Whether a provider manages it in a cloud: no component, no provider, nothing that is only read."""
        return self.resource.managed and not self.resource.type.startswith(_PROVIDERS)

    @property
    def holds(self) -> str:
        """What would be lost with it, in words; empty if nothing that cannot be made again."""
        return held_by(self.resource.type) if self.resource.managed else ""

    @property
    def lost(self) -> str:
        """What goes with it for certain, in words."""
        return self.holds if self.change.loses and not self.resource.retain_on_delete else ""

    @property
    def endangered(self) -> str:
        """What may go with it, in words."""
        return self.holds if self.change is Change.MAY_REPLACE else ""


@dataclass(frozen=True, slots=True)
class BaseLabel:
    """What a preview is compared with, for people and scripts.

    Attributes:
        kind: `git`, `spec` or `state`.
        name: The git ref, or the paths of the spec or of the states.
        commit: The commit that a git ref stands for.
    """

    kind: str
    name: str
    commit: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.commit[:10]})" if self.commit else self.name


@dataclass(frozen=True, slots=True)
class Preview:
    """An environment as its program describes it.

    Attributes:
        environment: Name of the environment.
        layers: The layers looked at, in the order in which they are deployed; none if it can't be shown.
        resources: What each layer registers and what it loses, by layer and URN; stacks themselves are left
            out.
        findings: What is wrong or worth knowing.
        cost: What it would cost in a month.
        base_cost: What the base costs in a month, by its own spec, manifests and prices; absent
            without one, or of one that is not known.
        base_use_is_of_now: Whether `base_cost` takes the use that is declared now: the base tells none.
        quota: What it would take of the subscription's quota and of other limits.
        base_quota: What the base takes of them; absent without one.
        base: What it is compared with; absent without one.
        base_is_known: Whether the base could be read; nothing is compared if not.
        covered: What would be a finding but for an exception.
        known: What the base has of findings and exceptions already.
        budget: What the spec allows in a month; absent if it sets none.
        spec: The spec's file, absolute.
        root: The project's directory; places in files are told relative to it.
    """

    environment: str
    layers: tuple[str, ...]
    resources: tuple[PreviewedResource, ...]
    findings: tuple[Diagnostic, ...] = ()
    cost: Cost = field(default_factory=Cost)
    base_cost: Cost | None = None
    base_use_is_of_now: bool = False
    quota: tuple[QuotaNeed, ...] = ()
    base_quota: tuple[QuotaNeed, ...] | None = None
    base: BaseLabel | None = None
    base_is_known: bool = True
    covered: tuple[Diagnostic, ...] = ()
    known: Known = field(default_factory=Known)
    budget: float | None = None
    spec: Path | None = None
    root: Path | None = None
    _new: frozenset[Diagnostic] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        # Each format asks of every finding, and whether one is new hangs on all of them.
        object.__setattr__(self, "_new", find_new(self.findings, self.known.findings or ()))

    @property
    def changed(self) -> tuple[PreviewedResource, ...]:
        """Resources that an update does something to, components and providers among them."""
        left = (Change.SAME, Change.READ, Change.NOT_COMPARED)
        return tuple(one for one in self.resources if one.change not in left or one.former_urn)

    @property
    def is_compared(self) -> bool:
        """Whether there is a base, and it could be read."""
        return self.base is not None and self.base_is_known

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to show; not for a spec that can't be read."""
        return bool(self.layers)

    @property
    def counts(self) -> Mapping[Change, int]:
        """How many resources in a cloud each change happens to."""
        found = Counter(one.change for one in self.resources if one.is_managed)
        return {change: found[change] for change in Change if found[change]}

    @property
    def cost_delta(self) -> float | None:
        """How much more than the base it costs in a month; absent if one of both isn't known."""
        base = self.base_cost.expected if self.base_cost else None
        return None if base is None or self.cost.expected is None else self.cost.expected - base

    def is_new(self, finding: Diagnostic) -> bool | None:
        """Tell whether a finding is one that the base doesn't have; None if nobody looked."""
        if finding.code == _OF_NEW_EXCEPTIONS:
            return True
        return None if self.known.findings is None else finding in self._new

    @property
    def newly_covered(self) -> tuple[Diagnostic, ...] | None:
        """What an exception covers that none covers in the base; None if nobody looked."""
        known = self.known.covered
        return None if known is None else tuple(one for one in self.covered if covered_key(one) not in known)

    def of_severity(self, severity: Severity) -> tuple[Diagnostic, ...]:
        """Return the findings of one weight."""
        return tuple(finding for finding in self.findings if finding.severity is severity)
