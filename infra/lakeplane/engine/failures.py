"""The engine's failures, told as findings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import EngineError, ProviderFailedError, StackLockedError, StateDamagedError
from lakeplane.waiting import GAVE_UP, find_transient

__all__ = ["EngineMessage", "is_echo", "translate"]

_DAMAGED = re.compile(
    r"(could not deserialize deployment|snapshot integrity failure|invalid character|unexpected end of JSON|"
    r"failed to load (checkpoint|snapshot)|could not unmarshal|unsupported (checkpoint|deployment) version)",
    re.IGNORECASE,
)
_COLOURS = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_LOCK = re.compile(r"^\s*file://\S+: created by .*$", re.MULTILINE)
# Told at the end of every failed update; says nothing that the other messages do not.
_ECHO = re.compile(
    r"^(update|preview|destroy) failed$|an unhandled error occurred: Program exited with non-zero"
)


@dataclass(frozen=True, slots=True)
class EngineMessage:
    """An error that the engine reported while it worked, about a resource or about the whole update."""

    text: str
    urn: str

    @property
    def type(self) -> str:
        """Type token of the resource; empty if the message is about none."""
        kind = self.urn.split("::")[2].rsplit("$", 1)[-1] if self.urn.count("::") >= 3 else ""
        return "" if kind == "pulumi:pulumi:Stack" else kind

    @property
    def name(self) -> str:
        """The program's name of the resource; `the program` if the message is about none."""
        return self.urn.rsplit("::", 1)[-1] if self.type else "the program"


def is_echo(message: EngineMessage) -> bool:
    """Tell whether a message says only what others said already."""
    text = _COLOURS.sub("", message.text).strip()
    return not text or _ECHO.search(text) is not None


def translate(
    stack: str,
    error: CommandError,
    messages: Sequence[EngineMessage] = (),
    waits: Sequence[str] = (),
    operation: str = "",
) -> EngineError:
    """Turn a failed command into the error that tells the user what happened and what to do.

    Args:
        stack: Which stack it was about.
        error: What the CLI failed with.
        messages: Errors that the engine reported meanwhile.
        waits: What was said about waiting for transient errors.
        operation: What the engine was asked to do.
    """
    text = _COLOURS.sub("", str(error))
    if isinstance(error, ConcurrentUpdateError):
        owners = "; ".join(line.strip() for line in _LOCK.findall(text))
        return StackLockedError(
            Diagnostic(
                code="ENG001",
                summary="another update holds the stack",
                detail=f"{stack}: {owners or 'its owner is not known'}",
                remedy="wait for it to end; if its process is dead, run `pulumi cancel` for this stack",
            )
        )
    if _DAMAGED.search(text):
        return StateDamagedError(
            Diagnostic(
                code="ENG002",
                summary="the stack's state cannot be read",
                detail=f"{stack}: {_last_error(text)}",
                remedy="restore the `.bak` file or a file of `history/` beside the state, then run again",
            )
        )
    findings = _findings(messages, waits, operation)
    if findings:
        about_resource = any(finding.resource for finding in findings)
        return (ProviderFailedError if about_resource else EngineError)(findings)
    return EngineError(
        Diagnostic(
            code="ENG003",
            summary="the Pulumi engine failed",
            detail=f"{stack}: {_last_error(text)}",
            remedy="correct what it names and run the same command again",
        )
    )


def _findings(messages: Sequence[EngineMessage], waits: Sequence[str], operation: str) -> list[Diagnostic]:
    findings: list[Diagnostic] = []
    for message in messages:
        text = _COLOURS.sub("", message.text).strip()
        if is_echo(message):
            continue
        own = bool(message.type)
        gave_up = [line for line in waits if line.startswith(GAVE_UP) and f" on {message.name}, " in line]
        transient = find_transient(text, message.type, operation)
        if gave_up and transient is not None:
            findings.append(
                Diagnostic(
                    code="ENG006",
                    summary="an error that should have passed did not",
                    detail=f"{gave_up[-1]}: {_without_trace(text)}",
                    remedy=f"see why the service still says so ({transient.source}), then run the same "
                    "command again; `LAKEPLANE_RETRY_DEADLINE` sets how many seconds are waited",
                    resource=message.urn if own else None,
                )
            )
            continue
        findings.append(
            Diagnostic(
                code="ENG004" if own else "ENG005",
                summary="the provider refused a resource" if own else "the program stopped",
                detail=_without_trace(text),
                remedy="correct the input that it names" if own else "correct what it names and run again",
                resource=message.urn if own else None,
            )
        )
    return list(dict.fromkeys(findings))


def _without_trace(text: str) -> str:
    """Keep what a traceback ends with; the frames in between help nobody who does not know the code."""
    if "Traceback (most recent call last)" not in text:
        return text
    before, _, after = text.partition("Traceback (most recent call last):")
    last = [line for line in after.strip().splitlines() if line and not line.startswith((" ", "\t"))]
    return "\n".join([*([before.strip()] if before.strip() else []), *last[-1:]])


def _last_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("error:")]
    return lines[-1] if lines else text.strip().splitlines()[-1] if text.strip() else "no message"
