"""Everything lakeplane raises on purpose.

PlatformError
├── SpecError               a spec or workload manifest is wrong; carries all findings
├── PlanError               names, addresses or job definitions cannot be planned from the spec
├── PolicyViolationError    a policy forbids what was asked for
├── ProtectedError          what holds data would go without having been named
├── UnreachableError        this machine does not reach what it should deploy into
├── SetupError              this machine lacks something (Java, a port, disk space)
├── EngineError             the Pulumi engine failed
│   ├── StackLockedError        another update holds the stack
│   ├── StateDamagedError       the state cannot be read or is inconsistent
│   └── ProviderFailedError     a provider refused or broke off an operation
└── WorkloadError           a job run failed or was refused
"""

from __future__ import annotations

from collections.abc import Iterable

from lakeplane.diagnostics import Diagnostic, to_text

__all__ = [
    "EngineError",
    "PlanError",
    "PlatformError",
    "PolicyViolationError",
    "ProtectedError",
    "ProviderFailedError",
    "SetupError",
    "SpecError",
    "StackLockedError",
    "StateDamagedError",
    "UnreachableError",
    "WorkloadError",
]


class PlatformError(Exception):
    """Root of the tree: a failure that is told to the user as findings, never as a traceback."""

    def __init__(self, findings: Diagnostic | Iterable[Diagnostic]) -> None:
        self.findings: tuple[Diagnostic, ...] = (
            (findings,) if isinstance(findings, Diagnostic) else tuple(findings)
        )
        super().__init__(to_text(self.findings))


class SpecError(PlatformError):
    """Raised when a spec or a workload manifest is wrong; holds every finding of the document."""


class PlanError(PlatformError):
    """Raised when no plan can be made from a spec that is well-formed in itself."""


class PolicyViolationError(PlatformError):
    """Raised when a policy forbids a cluster or a resource."""


class ProtectedError(PlatformError):
    """Raised when protected or locked resources would be removed that nobody named."""


class UnreachableError(PlatformError):
    """Raised when this machine does not reach the environment's data plane; nothing there was touched."""


class SetupError(PlatformError):
    """Raised when this machine lacks something; the remedy names how to bring it."""


class EngineError(PlatformError):
    """Raised when the Pulumi engine fails."""


class StackLockedError(EngineError):
    """Raised when another update holds the stack's lock."""


class StateDamagedError(EngineError):
    """Raised when a stack's state cannot be read or is inconsistent."""


class ProviderFailedError(EngineError):
    """Raised when a provider refuses or breaks off an operation."""


class WorkloadError(PlatformError):
    """Raised when a job run fails or is refused."""
