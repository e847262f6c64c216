"""Renders a base in a process of its own, with the base's code; see `lakeplane.preview.base_git`.

This file is run, not imported. What it imports of lakeplane is of the commit that is looked at, and may be
older or newer than this file: it uses nothing but `preview_environment(spec, layer)`, whose resources are
dataclasses, and looks at what else there is before it uses it. What a commit can't tell is left out. It
writes one JSON object:

    {"contract": 1, "resources": [{"layer", "urn", "type", …}],
     "findings": [{"code", "resource", "summary", "detail", "path"}, …],
     "covered": [the same of what only exceptions keep from being findings], "cost": {"lines", …}}
    {"contract": 1, "errors": ["what is wrong", …]}
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

_KEPT = (str, int, float, bool, type(None))


def _main(spec: str, layer: str, target: str) -> None:
    key = sys.stdin.buffer.read()
    try:
        document = _document(_preview(Path(spec), layer), key)
    except Exception as error:  # noqa: BLE001 - whatever a base fails with is told to the process that asked
        document = {"contract": 1, "errors": _errors(error)}
    Path(target).write_text(json.dumps(document, default=str), encoding="utf-8")


def _preview(spec: Path, layer: str) -> Any:
    # By name: it is the command line of the commit, not ours, and a commit may lack it.
    with contextlib.suppress(ImportError, AttributeError):
        look = importlib.import_module("lakeplane.cli.preview").look
        return look(spec, layer)
    from lakeplane.preview import preview_environment  # noqa: PLC0415 - of the base's code

    options: dict[str, Any] = {}
    if "judge" in inspect.signature(preview_environment).parameters:
        with contextlib.suppress(ImportError):
            from lakeplane_policies import judge_all  # noqa: PLC0415 - a base may lack it

            options["judge"] = judge_all
    return preview_environment(spec, layer, **options)


def _document(preview: Any, key: bytes) -> dict[str, Any]:
    seals = _beside("seals")
    return {
        "contract": 1,
        "resources": [
            {"layer": one.layer, **seals.seal(_plain(one.resource), key)} for one in preview.resources
        ],
        "findings": [_finding(one) for one in preview.findings],
        **({"covered": [_finding(one) for one in preview.covered]} if hasattr(preview, "covered") else {}),
        **({"cost": _plain(preview.cost)} if hasattr(preview, "cost") else {}),
    }


def _finding(finding: Any) -> dict[str, Any]:
    names = ("code", "resource", "summary", "detail", "path")
    return {name: _plain(getattr(finding, name, None)) for name in names}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, _KEPT) else str(value)


def _errors(error: Exception) -> list[str]:
    findings = getattr(error, "findings", None)
    if not findings:
        return [f"{type(error).__name__}: {error}"]
    return [f"{finding.code}: {finding.summary}" for finding in findings]


def _beside(name: str) -> Any:
    """Load a module that lies beside this file, not the base's of the same name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    _main(*sys.argv[1:4])
    sys.stdout.flush()
    # The SDKs take a second to take themselves apart; everything is written.
    os._exit(0)
