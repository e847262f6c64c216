"""Pulumi's official installer, given up at once where it cannot be reached."""

from __future__ import annotations

import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path

from lakeplane.build_cache import Progress
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["install_release"]

INSTALLER = "https://get.pulumi.com/install.sh"
REACH_SECONDS = 8.0
INSTALL_SECONDS = 300


def install_release(directory: Path, version: str, progress: Progress) -> None:
    """Put the official release's binaries into `directory/bin`.

    Args:
        directory: Empty directory.
        version: Release to install.
        progress: Told when the download begins.

    Raises:
        SetupError: The installer could not be reached within seconds, or failed.
    """
    progress("Looking for Pulumi's official installer")
    script = directory / "install.sh"
    script.write_bytes(_fetch(INSTALLER))
    progress(f"Installing the official Pulumi CLI {version}")
    try:
        answer = subprocess.run(
            ["sh", script, "--silent", "--no-edit-path", "--install-root", directory, "--version", version],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"no answer within {INSTALL_SECONDS} s") from error
    finally:
        script.unlink()
    if answer.returncode or not (directory / "bin" / "pulumi").exists():
        raise _failed((answer.stderr or answer.stdout).strip().splitlines()[-1:])


def _fetch(url: str) -> bytes:
    """Fetch a small file; name look-up included, it takes no longer than `REACH_SECONDS`."""
    answers: list[bytes | Exception] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=REACH_SECONDS) as response:  # noqa: S310 a constant https address
                answers.append(response.read())
        except (OSError, ValueError, urllib.error.URLError) as error:
            answers.append(error)

    # A resolver without a network may take far longer than any socket timeout: wait beside it.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(REACH_SECONDS)
    answer = answers[0] if answers else TimeoutError(f"no answer within {REACH_SECONDS:.0f} s")
    if isinstance(answer, Exception):
        raise _failed(str(getattr(answer, "reason", answer))) from answer
    return answer


def _failed(detail: object) -> SetupError:
    return SetupError(
        Diagnostic(
            code="SET040",
            summary="the official Pulumi installer did not work",
            detail=str(detail),
            remedy="connect this machine to the internet, or put an installed Pulumi CLI on PATH",
        )
    )
