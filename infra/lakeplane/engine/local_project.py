"""The project as the local target's engine sees it, so that it leaves the user's stack settings alone.

A stack's settings file (`stacks/config/Pulumi.dev.foundation.yaml`) belongs to the stack on Azure, with its
own secrets provider; the engine would write the local passphrase's salt into it. So the engine works in a
directory of its own, `.lakeplane/<environment>/project/`: its `Pulumi.yaml` is the user's with every path
led back to the project, and its settings hold what of the user's is plain.

Everything here is made again from the user's files before each use; only the salt is kept.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lakeplane.errors import SpecError
from lakeplane.layout import ProjectLayout
from lakeplane.spec.documents import read_document

__all__ = ["write_local_project", "write_local_settings"]

_SPEC = "lakeplane:spec"
_SETTINGS = "config"
_SALT = "encryptionsalt"
_WHOLE_SALT = re.compile(r"v1:[^:]+:v1:[^:]+:[^:]+")
# What names the user's own backend or another stack's secrets, which the local target has nothing to do with.
_NOT_CARRIED = frozenset({"backend", "main", "stackConfigDir", "config"})


def write_local_project(project: ProjectLayout, name: str) -> Path:
    """Write the local target's project file of an environment, and return its directory.

    Args:
        project: The user's project.
        name: The environment.

    Raises:
        SpecError: The user's `Pulumi.yaml` cannot be read.
    """
    files = project.environment(name)
    wanted = dict(read_document(project.pulumi_file, what="project file").data)
    main = project.root / str(wanted.get("main") or ".")
    runtime = _runtime(wanted.get("runtime"), project.root, files.project)
    plugins = _plugins(wanted.get("plugins"), project.root, files.project)
    document = {key: value for key, value in wanted.items() if key not in _NOT_CARRIED}
    document |= {"runtime": runtime} if runtime is not None else {}
    document |= {"plugins": plugins} if plugins is not None else {}
    document |= {"main": os.path.relpath(main, files.project), "stackConfigDir": _SETTINGS}
    if isinstance(wanted.get("config"), Mapping):  # once a directory's name, today the stacks' defaults
        document["config"] = wanted["config"]
    _write(files.project / "Pulumi.yaml", document)
    return files.project


def write_local_settings(project: ProjectLayout, stack: str, spec: Path | None = None) -> None:
    """Write the local target's settings of a stack: the salt it has, and what is plain of the user's.

    Secret values are left out: another secrets provider encrypted them.

    Args:
        project: The user's project.
        stack: The stack, such as `dev.foundation`.
        spec: The environment's spec; the one that was told last if left out.

    Raises:
        SpecError: The user's settings cannot be read.
    """
    files = project.environment(stack.partition(".")[0])
    path = files.project / _SETTINGS / f"Pulumi.{stack}.yaml"
    own = _own(path)
    values = _plain_values(project, stack)
    told = (own.get("config") or {}).get(_SPEC)
    if spec is not None:
        usual = project.environments / f"{stack.partition('.')[0]}.yaml"
        is_usual = spec.resolve() == usual.resolve()
        told = None if is_usual else os.path.relpath(spec.resolve(), project.stacks.resolve())
    if told is not None:
        values[_SPEC] = told
    salt = own.get(_SALT)
    document: dict[str, Any] = {_SALT: salt} if _WHOLE_SALT.fullmatch(str(salt)) else {}
    document |= {"config": values} if values else {}
    if document or path.exists():
        _write(path, document)


def _own(path: Path) -> dict[str, Any]:
    """Read the local target's settings; what a killed engine left half written is nothing."""
    try:
        return read_document(path).data
    except SpecError:
        return {}


def _plain_values(project: ProjectLayout, stack: str) -> dict[str, Any]:
    about = read_document(project.pulumi_file, what="project file").data
    path = project.root / str(about.get("stackConfigDir") or ".") / f"Pulumi.{stack}.yaml"
    if not path.is_file() or not path.read_text(encoding="utf-8").strip():
        return {}
    found = read_document(path, what="stack's settings").data.get("config")
    values = found if isinstance(found, Mapping) else {}
    # A key without a namespace has the project's.
    named = {key if ":" in key else f"{about.get('name')}:{key}": value for key, value in values.items()}
    # Which spec the stack has is told by whoever works on it.
    return {key: value for key, value in named.items() if key != _SPEC and not _holds_secret(value)}


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "secure" in value or any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _runtime(runtime: Any, root: Path, directory: Path) -> Any:
    """Lead the virtual environment back to the project; hosts that ignore it find it on PATH."""
    if not isinstance(runtime, Mapping):
        return runtime
    options = dict(runtime.get("options") or {})
    if isinstance(options.get("virtualenv"), str):
        options["virtualenv"] = os.path.relpath(root / options["virtualenv"], directory)
    return {**runtime, "options": options}


def _plugins(plugins: Any, root: Path, directory: Path) -> Any:
    if not isinstance(plugins, Mapping):
        return plugins
    return {
        kind: [
            {**each, "path": os.path.relpath(root / each["path"], directory)} if "path" in each else each
            for each in listed
        ]
        for kind, listed in plugins.items()
    }


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a file at once, and only if it says something else."""
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(dict(document), stream)
    text = stream.getvalue()
    if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
