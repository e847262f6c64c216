"""pydantic's errors as findings: code, place, what was found, what is allowed, what to do."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from lakeplane.diagnostics import Diagnostic
from lakeplane.spec.descriptions import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from lakeplane.spec.documents import Document, KeyPath

__all__ = ["findings_of", "shown"]

_TYPE_NAMES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "mapping_type": "a mapping",
    "is_instance_of": "text",
}
_CLOSED = ("014", "021", "022", "040")  # values of a closed list: one of them may have been meant
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
_TEXTS = {
    "string_too_short": ("a length of at least {min_length}", "write more"),
    "string_too_long": ("a length of at most {max_length}", "write less"),
}
_LENGTHS = {"too_long": "at most {max_length} items", "too_short": "at least {min_length} items"}


def findings_of(
    errors: list[ErrorDetails], model: type[BaseModel], document: Document, code_area: str = "SPC"
) -> list[Diagnostic]:
    """Turn pydantic's errors about a document into findings with places.

    Args:
        errors: The errors of one validation.
        model: The model that the document was validated against; says which keys exist.
        document: The document, for places and for what was found.
        code_area: Area of codes: `SPC` for specs, `WKL` for workload manifests.
    """
    return [_finding(error, model, document, code_area) for error in errors]


def shown(value: Any) -> str:
    """Show a value found, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def _finding(error: ErrorDetails, model: type[BaseModel], document: Document, area: str) -> Diagnostic:
    is_key = error["loc"][-1:] == ("[key]",)  # pydantic's mark of a key that is wrong itself
    path: KeyPath = tuple(error["loc"][:-1] if is_key else error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    known = _keys_at(model, path[:-1])
    if kind == "extra_forbidden":
        return _unknown_key(path, known, document, area)
    if kind == "missing":
        return Diagnostic(
            code=f"{area}012",
            summary="key is missing",
            detail=known.get(str(path[-1]), ""),
            remedy=f"add {path[-1]}",
            path=path,
            location=document.locate(path, key=True),
        )
    summary, code, allowed, remedy = _explain(kind, context, str(error["msg"]), area)
    if context.get("at"):
        path = (*path, *str(context["at"]).split("."))
    found = path[-1] if is_key else _value_at(document.data, path, error["input"])
    detail = f"found {shown(found)}" + (f"; allowed: {allowed}" if allowed else "")
    if kind == "string_type" and isinstance(found, int | float):
        remedy = "put it in quotes"
    if code in (f"{area}{number}" for number in _CLOSED) and isinstance(found, str):
        close = _closest(found, allowed.split(", "))
        remedy = f"did you mean {close}?" if close else remedy
    place = document.locate(path, key=is_key)
    return Diagnostic(code, summary, detail=detail, remedy=remedy, path=path, location=place)


def _explain(kind: str, context: Mapping[str, Any], message: str, area: str) -> tuple[str, str, str, str]:
    if "remedy" in context:  # made by `finding`, of whatever area
        return str(context["summary"]), kind, str(context["allowed"]), str(context["remedy"])
    if kind in _TYPE_NAMES:
        wanted = _TYPE_NAMES[kind]
        return "wrong type", f"{area}013", wanted, f"give {wanted}"
    if kind == "literal_error":
        allowed = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return "value is not one of those allowed", f"{area}014", allowed, "choose one of the values allowed"
    return _explain_form(kind, context, area) or (
        "not valid",
        f"{area}019",
        message,
        "see the schema: `lakeplane schema`",
    )


def _explain_form(kind: str, context: Mapping[str, Any], area: str) -> tuple[str, str, str, str] | None:
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return "out of range", f"{area}015", f"{words} {_plain(context[bound])}", "choose a value in range"
    if kind in _LENGTHS:
        return (
            "wrong number of items",
            f"{area}017",
            _LENGTHS[kind].format(**context),
            "shorten or split the list",
        )
    if kind in _TEXTS:
        allowed, remedy = _TEXTS[kind]
        return "text of the wrong length", f"{area}016", allowed.format(**context), remedy
    if kind.startswith("date_"):
        return "not a date", f"{area}016", "a day, such as 2030-12-31", "write year, month and day"
    return None


def _plain(number: Any) -> Any:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _unknown_key(path: KeyPath, known: Mapping[str, str], document: Document, area: str) -> Diagnostic:
    close = _closest(str(path[-1]), known)
    return Diagnostic(
        code=f"{area}010",
        summary="unknown key",
        detail=f"found {shown(path[-1])}; allowed: {', '.join(known) or 'no keys'}",
        remedy=f"did you mean {close}?" if close else "remove it",
        path=path,
        location=document.locate(path, key=True),
    )


def _closest(found: str, known: Iterable[str]) -> str | None:
    folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(found[:100].casefold(), folded, 1, cutoff=0.55)
    return folded[close[0]] if close else None


def _keys_at(model: type[BaseModel], path: KeyPath) -> dict[str, str]:
    """Return the keys that exist at a path, with what each means where the model says so."""
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int):
            continue  # an item of a list, whose model is the list's
        field = current.model_fields.get(str(part)) if current else None
        current = _model_in(field.annotation) if field else None
    return {name: describe(current).get(name, "") for name in current.model_fields} if current else {}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _model_in(argument))), None)


def _value_at(data: Any, path: KeyPath, fallback: Any) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return fallback if part != path[-1] or not isinstance(data, dict) else None
    return data
