"""The providers' plugins of the Pulumi CLI, for a machine that will not reach their releases later."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from lakeplane.build_cache import Progress
from lakeplane.diagnostics import Diagnostic
from lakeplane.engine.binaries import EngineBinaries
from lakeplane.errors import SetupError

__all__ = ["Plugin", "install_plugins", "needed_plugins"]

_INSTALL_SECONDS = 900


@dataclass(frozen=True, slots=True, order=True)
class Plugin:
    """A plugin of a provider.

    Attributes:
        name: Name of the provider, such as `azure-native`.
        version: Version, which is that of the provider's SDK.
    """

    name: str
    version: str


def needed_plugins() -> tuple[Plugin, ...]:
    """Return the plugins that the installed SDKs ask for, as each says in its `pulumi-plugin.json`."""
    return tuple(sorted(_said()))


def install_plugins(binaries: EngineBinaries, progress: Progress) -> tuple[Plugin, ...]:
    """Let the CLI install the plugin of every installed SDK.

    Args:
        binaries: The CLI.
        progress: Told which one is brought.

    Returns:
        The plugins that are there now.

    Raises:
        SetupError: One could not be brought.
    """
    wanted = needed_plugins()
    path = os.pathsep.join([*map(str, binaries.path), os.environ.get("PATH", os.defpath)])
    for plugin in wanted:
        progress(f"plugin {plugin.name} {plugin.version}")
        command = [str(binaries.pulumi), "plugin", "install", "resource", plugin.name, plugin.version]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_INSTALL_SECONDS,
                check=False,
                env={**os.environ, "PATH": path, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            )
        except subprocess.TimeoutExpired as error:
            raise SetupError(_failed(plugin, f"no end within {_INSTALL_SECONDS} s")) from error
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise SetupError(_failed(plugin, words[-1] if words else f"exit code {done.returncode}"))
    return wanted


def _said() -> Iterator[Plugin]:
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"].replace("-", "_").lower()
        if not name.startswith("pulumi_"):
            continue
        found = util.find_spec(name)
        file = Path(found.origin).with_name("pulumi-plugin.json") if found and found.origin else None
        if file is not None and file.is_file():
            said = json.loads(file.read_text(encoding="utf-8"))
            if said.get("resource"):
                yield Plugin(said["name"], said["version"])


def _failed(plugin: Plugin, told: str) -> Diagnostic:
    return Diagnostic(
        code="SET042",
        summary=f"the plugin {plugin.name} {plugin.version} of the Pulumi CLI could not be installed",
        detail=told,
        remedy="let this machine reach Pulumi's releases, then run the same command again",
    )
