"""The engine's environment on the local target: a backend, a home and a passphrase of its own."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from lakeplane.layout import EnvironmentLayout, ProjectLayout

__all__ = ["local_environment"]

_ON_THIS_MACHINE_ONLY = "local"


def local_environment(project: ProjectLayout, name: str, provider_ports: Mapping[str, int]) -> dict[str, str]:
    """Return the variables under which the engine works on the local target.

    The user's own Pulumi set-up stays untouched: home, backend and passphrase lie under `.lakeplane/`.

    Args:
        project: The project whose stacks are worked on.
        name: The environment.
        provider_ports: Loopback ports by provider, where the simulated providers listen.
    """
    files = project.environment(name)
    files.pulumi_home.mkdir(parents=True, exist_ok=True)
    files.state.mkdir(parents=True, exist_ok=True)
    _ensure_passphrase(project, files, name)
    providers = ",".join(f"{provider}:{port}" for provider, port in sorted(provider_ports.items()))
    return {
        "PULUMI_HOME": str(files.pulumi_home),
        "PULUMI_BACKEND_URL": files.state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(files.passphrase),
        "PULUMI_DEBUG_PROVIDERS": providers,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }


def _ensure_passphrase(project: ProjectLayout, files: EnvironmentLayout, name: str) -> None:
    """Make the passphrase once; a salt that an earlier one left behind would only lock the stacks.

    The local target has settings of its own. Plain `pulumi` on environment `local` reads those that git
    ignores; every other environment's may be encrypted for Azure, and are none of our business.
    """
    if files.passphrase.exists():
        return
    shutil.rmtree(files.project, ignore_errors=True)
    if name == _ON_THIS_MACHINE_ONLY:
        for settings in (project.stacks / "config").glob(f"Pulumi.{name}.*.yaml"):
            _drop_salt(settings)
    beside = files.passphrase.with_suffix(".partial")
    beside.touch(mode=0o600)
    beside.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    beside.replace(files.passphrase)


def _drop_salt(settings: Path) -> None:
    text = settings.read_text(encoding="utf-8")
    without = re.sub(r"^encryptionsalt:.*\n?", "", text, flags=re.MULTILINE)
    if without != text:
        settings.write_text(without, encoding="utf-8")
