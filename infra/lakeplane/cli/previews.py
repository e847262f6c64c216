"""How `lakeplane preview` gets a preview from the engine, and how it writes one."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from lakeplane.cli.environment import Target, find_subject, go_live, spec_path
from lakeplane.cli.terminal import Progress, print_findings, print_json, results
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import PlatformError
from lakeplane.layout import find_project
from lakeplane.preview import Preview
from lakeplane.preview.judging import Judges

__all__ = ["ask_engine", "failed", "judges_for", "write"]


def ask_engine(reference: str, layer: str, target: Target) -> Preview:
    """Ask the engine what it would do to the stacks as they are.

    Raises:
        SpecError: The spec is wrong.
        EngineError: The engine, the program or a provider failed.
    """
    from lakeplane.preview.from_engine import preview_by_engine

    subject = find_subject(reference)
    progress = Progress()
    with go_live(subject, target, progress, mlflow=False) as live:
        return preview_by_engine(
            live.engine, subject.path, layer, judges=judges_for(subject.path), say=progress.tell
        )


def judges_for(spec: Path) -> Judges:
    """Return what judges a spec's resources: our rules, as the spec asks for them and without its exceptions.

    Raises:
        SpecError: The spec is wrong.
    """
    from lakeplane.cli.rules import judge_for, settings_of
    from lakeplane_policies import judge_all

    settings = settings_of(spec)
    bare = replace(settings, exceptions=())
    return Judges(
        judge_for(spec), (lambda resources: judge_all(resources, bare)) if settings.exceptions else None
    )


def failed(reference: str, findings: tuple[Diagnostic, ...]) -> Preview:
    """Return the preview of what can't be shown: its findings alone."""
    try:
        spec = spec_path(reference).resolve()
        root = find_project(spec.parent).root
    except PlatformError:
        return Preview(Path(reference).stem, (), (), findings)
    return Preview(spec.stem, (), (), findings, spec=spec, root=root)


def write(preview: Preview, form: str, path: Path | None) -> None:
    """Write a preview in a format, to standard output or to a file; `arm` to a directory of files.

    On standard output `arm` is one JSON object of templates by file name.
    """
    if form == "arm":
        _write_arm(preview, path)
    elif form == "text" and path is None:
        from lakeplane.preview.text import print_preview

        print_preview(results(), preview)
    elif form == "json" and path is None:
        from lakeplane.preview import to_json

        print_json(to_json(preview))
    else:
        _write_text(_TEXTS[form](preview), path)


def _write_text(text: str, path: Path | None) -> None:
    if path is None:
        sys.stdout.write(text)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: who waits for the file never reads half of it.
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _write_arm(preview: Preview, path: Path | None) -> None:
    from lakeplane.preview.arm_template import to_arm_templates

    templates = to_arm_templates(preview)
    if path is None:
        print_json(dict(templates.files))
    else:
        for name, template in templates.files.items():
            _write_text(_as_json(template), path / name)
    if templates.left_out:
        print_findings((_left_out(templates.left_out),))


def _left_out(urns: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        code="PRV030",
        summary="resources are in no template",
        severity=Severity.WARNING,
        detail=f"{len(urns)} of a type or a scope that isn't known, such as {urns[0]}",
        remedy="look at them in another format",
    )


def _text(preview: Preview) -> str:
    from rich.console import Console

    from lakeplane.preview.text import print_preview

    text = io.StringIO()
    print_preview(Console(width=120, file=text), preview)
    return text.getvalue()


def _json(preview: Preview) -> str:
    from lakeplane.preview import to_json

    return _as_json(to_json(preview))


def _markdown(preview: Preview) -> str:
    from lakeplane.preview.markdown import to_markdown

    return to_markdown(preview)


def _html(preview: Preview) -> str:
    from lakeplane.preview.html import to_html

    return to_html(preview)


def _sarif(preview: Preview) -> str:
    from lakeplane.preview.sarif import to_sarif

    return _as_json(to_sarif(preview))


def _github(preview: Preview) -> str:
    from lakeplane.preview.annotations import to_annotations

    return to_annotations(preview)


def _kubernetes(preview: Preview) -> str:
    from lakeplane.preview.manifests import to_manifests, write_manifests

    return write_manifests(to_manifests(preview))


def _as_json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n"


_TEXTS: Mapping[str, Callable[[Preview], str]] = {
    "github": _github,
    "html": _html,
    "json": _json,
    "kubernetes": _kubernetes,
    "markdown": _markdown,
    "sarif": _sarif,
    "text": _text,
}
