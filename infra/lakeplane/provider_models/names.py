"""The names of Databricks' REST API and those of the Pulumi provider, translated both ways.

The Pulumi provider is generated from a Terraform provider. Terraform names a repeated block in the
singular, and Pulumi makes a plural of it, so that REST's `depends_on` is `dependsOns` here and
`on_success` is `onSuccesses`, while REST's `tasks` stays `tasks`. Which properties exist, and how they
nest, is read from the installed SDK; only the words below are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.provider_models.sdk_types import Field, args_class, fields

__all__ = ["pulumi_to_rest", "rest_to_arguments", "rest_to_pulumi"]

# Lists that REST names in the singular (databricks-sdk 0.156, dataclasses of `service.jobs`).
_SINGULAR_IN_REST = frozenset(
    {
        "depends_on",
        "full_refresh_selection",
        "on_duration_warning_threshold_exceeded",
        "on_failure",
        "on_maintenance_complete",
        "on_maintenance_start",
        "on_start",
        "on_streaming_backlog_exceeded",
        "on_success",
        "refresh_flow_selection",
        "refresh_selection",
        "reset_checkpoint_selection",
    }
)

# Properties that Terraform renamed, by the ending of the SDK's class: REST name to Python name.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "JobGitSourceArgs": {
        "git_url": "url",
        "git_provider": "provider",
        "git_branch": "branch",
        "git_commit": "commit",
        "git_tag": "tag",
    },
    "PermissionsArgs": {"access_control_list": "access_controls"},
}

_Path = tuple[str | int, ...]


def rest_to_pulumi(args_cls: type[object], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Translate a REST document to the provider's inputs as they travel on the wire (camelCase).

    Args:
        args_cls: The SDK's class of the document, such as `pulumi_databricks.JobArgs`.
        rest: The document in the API's own words. Values that are neither maps nor lists, Pulumi outputs
            among them, are passed on untouched.

    Raises:
        PlanError: The document has keys or shapes that the provider lacks; holds all findings.
    """
    return _translate(args_cls, rest, lambda field: field.wire)


def rest_to_arguments(args_cls: type[object], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Translate a REST document to keyword arguments of the SDK's class (snake_case).

    Raises:
        PlanError: The document has keys or shapes that the provider lacks; holds all findings.
    """
    return _translate(args_cls, rest, lambda field: field.python)


def pulumi_to_rest(token: str, wire: Mapping[str, Any]) -> dict[str, Any]:
    """Translate a resource's inputs on the wire to a document of the REST API.

    Args:
        token: The resource's type, such as `databricks:index/job:Job`.
        wire: Its inputs. Keys that the SDK doesn't know are left out, for there is no REST name for them.
    """
    return _to_rest(args_class(token), wire)


def _translate(cls: type[object], rest: Mapping[str, Any], spell: Callable[[Field], str]) -> dict[str, Any]:
    findings: list[Diagnostic] = []
    translated = _from_rest(cls, rest, spell, (), findings)
    if findings:
        raise PlanError(findings)
    return translated


def _from_rest(
    cls: type[object],
    rest: Mapping[str, Any],
    spell: Callable[[Field], str],
    path: _Path,
    findings: list[Diagnostic],
) -> dict[str, Any]:
    known = _by_rest_name(cls)
    translated: dict[str, Any] = {}
    for key, value in rest.items():
        field = known.get(key)
        if field is None:
            findings.append(_unknown(key, cls, known, (*path, key)))
            continue
        translated[spell(field)] = _value_from_rest(field, value, spell, (*path, key), findings)
    return translated


def _value_from_rest(
    field: Field, value: Any, spell: Callable[[Field], str], path: _Path, findings: list[Diagnostic]
) -> Any:
    if field.is_list and isinstance(value, Mapping | str | int | float):
        findings.append(_shape(path, "a list", "an object" if isinstance(value, Mapping) else "one value"))
        return value
    if (field.element or field.is_map) and not field.is_list and isinstance(value, str | int | float):
        findings.append(_shape(path, "an object", "one value"))
        return value
    if isinstance(value, list | tuple):
        if not field.is_list:
            findings.append(_shape(path, "an object" if field.element else "one value", "a list"))
            return value
        return [
            _from_rest(field.element, item, spell, (*path, index), findings)
            if field.element is not None and isinstance(item, Mapping)
            else item
            for index, item in enumerate(value)
        ]
    if isinstance(value, Mapping) and field.element is not None and not field.is_map:
        return _from_rest(field.element, value, spell, path, findings)
    return dict(value) if isinstance(value, Mapping) else value


def _to_rest(cls: type[object], wire: Mapping[str, Any]) -> dict[str, Any]:
    rest: dict[str, Any] = {}
    for name, field in _by_rest_name(cls).items():
        if wire.get(field.wire) is None:
            continue
        value = wire[field.wire]
        element = field.element
        if element is not None and not field.is_map:
            if isinstance(value, Mapping):
                value = _to_rest(element, value)
            elif isinstance(value, list | tuple):
                value = [_to_rest(element, item) if isinstance(item, Mapping) else item for item in value]
        rest[name] = value
    return rest


_BY_REST_NAME: dict[type[object], dict[str, Field]] = {}


def _by_rest_name(cls: type[object]) -> dict[str, Field]:
    if cls not in _BY_REST_NAME:
        _BY_REST_NAME[cls] = dict(_rest_names(cls))
    return _BY_REST_NAME[cls]


def _rest_names(cls: type[object]) -> Iterator[tuple[str, Field]]:
    renamed = {python: rest for rest, python in _RENAMED.get(cls.__name__, {}).items()}
    for python, field in fields(cls).items():
        yield renamed.get(python) or _singular(field) or python, field


def _singular(field: Field) -> str | None:
    if not field.is_list:
        return None
    candidates = (field.python.removesuffix("es"), field.python.removesuffix("s"))
    return next((name for name in candidates if name in _SINGULAR_IN_REST), None)


def _unknown(key: str, cls: type[object], known: Mapping[str, Field], path: _Path) -> Diagnostic:
    return Diagnostic(
        code="JOB001",
        summary=f"no such property: {key}",
        detail=f"{cls.__name__.removesuffix('Args')} takes {', '.join(sorted(known))}",
        remedy="use the names of the Databricks REST API, and leave out what the provider doesn't take",
        path=path,
    )


def _shape(path: _Path, wanted: str, found: str) -> Diagnostic:
    return Diagnostic(
        code="JOB002",
        summary="wrong shape",
        detail=f"found {found}; the API takes {wanted}",
        remedy=f"write {wanted}",
        path=path,
    )
