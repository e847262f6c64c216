"""Compiles what the installed SDKs say about a resource's inputs, once for each class."""

from __future__ import annotations

import collections.abc
import dis
import enum
import functools
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pulumi import Output, _types

from lakeplane.provider_models.sdk_types import args_class, is_args_class
from lakeplane.registration.azure_values import AZURE_REQUIRED, azure_values
from lakeplane.registration.databricks_values import DATABRICKS_REQUIRED, databricks_values
from lakeplane.registration.kubernetes_values import LABEL_VALUES, kubernetes_values
from lakeplane.registration.relations import RELATIONS
from lakeplane.registration.shapes import (
    Anything,
    Choice,
    Entries,
    Items,
    OneOf,
    Property,
    Record,
    Scalar,
    Shape,
)

__all__ = ["record_of", "resource_record"]

_ANYTHING = Anything()
_SCALAR_NAMES: Mapping[type, str] = {
    str: "a text",
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
}


def resource_record(token: str) -> Record:
    """Return what the inputs of a resource type may be.

    Raises:
        LookupError: No SDK that lakeplane uses has the type.
    """
    return record_of(args_class(token))


_RECORDS: dict[type[object], Record] = {}


def record_of(cls: type[object]) -> Record:
    """Return what an object of a generated class may hold."""
    if cls not in _RECORDS:
        _RECORDS[cls] = _compile_record(cls)
    return _RECORDS[cls]


def _compile_record(cls: type[object]) -> Record:
    # Read when the first input needs its type: many classes are only named.
    hints = functools.cache(lambda: dict(_types.input_type_types(cls)))
    demanded = _demanded(cls)
    constants = _constants(cls)
    ours = _required_by_us(cls)
    properties = [
        Property(
            python=python,
            wire=wire,
            required=python in demanded or wire in ours,
            constant=constants.get(python),
            compile=functools.partial(_compile_input, cls, wire, hints),
        )
        for python, wire in _types.input_type_py_to_pulumi_names(cls).items()
    ]
    return Record(
        cls=cls,
        name=cls.__name__.removesuffix("Args").removesuffix("Init"),
        by_wire={each.wire: each for each in properties},
        by_python={each.python: each for each in properties},
        record_of=record_of,
        relation=RELATIONS.get(f"{_package(cls)}.{cls.__name__}"),
    )


def _required_by_us(cls: type[object]) -> tuple[str, ...]:
    match cls.__module__.split("."):
        case ["pulumi_databricks", *_]:
            return DATABRICKS_REQUIRED.get(cls.__name__, ())
        case ["pulumi_azure_native", module, *_]:
            return AZURE_REQUIRED.get((module, cls.__name__), ())
        case _:
            return ()


def _package(cls: type[object]) -> str:
    return cls.__module__.partition(".")[0]


def _demanded(cls: type[object]) -> set[str]:
    """Name the parameters without a default, which is what the generated constructors demand."""
    init: Any = cls.__init__
    code = init.__code__
    by_name = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    by_place = code.co_varnames[1 : code.co_argcount - len(init.__defaults__ or ())]
    return {*by_name, *by_place} - set(init.__kwdefaults__ or ())


def _constants(cls: type[object]) -> dict[str, str]:
    """Read which inputs a generated constructor always sets to one text, whatever it is given.

    The SDKs keep this nowhere else than in the constructor: `pulumi.set(self, "kind", 'Namespace')`.
    """
    names = set(_types.input_type_py_to_pulumi_names(cls))
    constants: dict[str, str] = {}
    # Most constructors hold no text but their own description and the names of their inputs.
    init: Any = cls.__init__
    if all(not isinstance(each, str) or each in names for each in init.__code__.co_consts[1:]):
        return constants
    loaded: list[Any] = []
    for instruction in dis.get_instructions(init):
        if instruction.opname == "LOAD_CONST":
            loaded.append(instruction.argval)
        elif instruction.opname not in ("PRECALL", "CACHE"):
            if instruction.opname == "CALL" and len(loaded) == 2 and loaded[0] in names:
                name, value = loaded
                if isinstance(value, str):
                    constants[name] = value
            loaded = []
    return constants


def _compile_input(cls: type[object], wire: str, hints: Callable[[], Mapping[str, Any]]) -> Shape:
    hint = hints().get(wire)
    if hint is None:
        return _ANYTHING
    shape = _compile(hint)
    package = _package(cls)
    if package == "pulumi_azure_native":
        return _narrowed(shape, azure_values(cls.__module__.split(".")[1], cls.__name__, wire), any_case=True)
    if package == "pulumi_databricks":
        return _narrowed(shape, databricks_values(cls.__name__, wire), any_case=False)
    if package == "pulumi_kubernetes":
        if wire == "labels" and cls.__name__ == "ObjectMetaArgs":
            labels = {key: _choice(values, any_case=False) for key, values in LABEL_VALUES.items()}
            return Entries(of=_scalar(frozenset({str})), of_key=labels)
        return _narrowed(shape, kubernetes_values(cls.__name__, wire), any_case=False)
    return shape


def _narrowed(shape: Shape, values: tuple[str, ...], *, any_case: bool) -> Shape:
    if not values:
        return shape
    choice = _choice(values, any_case=any_case)
    return Items(choice) if isinstance(shape, Items) else choice


def _compile(hint: Any) -> Shape:
    """Make the shape of a type hint. Hints without a known meaning allow anything."""
    alternatives = _alternatives(hint)
    values = [
        member.value
        for each in alternatives
        if isinstance(each, type) and issubclass(each, enum.Enum)
        for member in each
    ]
    scalars = frozenset(each for each in alternatives if each in _SCALAR_NAMES)
    shapes: list[Shape] = []
    if values:
        # A text beside an enumeration is there for what the SDK's author didn't know; a typo hides in it.
        shapes.append(_choice(tuple(values), any_case=True))
    elif scalars:
        shapes.append(_scalar(scalars))
    for each in alternatives:
        if each in _SCALAR_NAMES or (isinstance(each, type) and issubclass(each, enum.Enum)):
            continue
        shapes.append(_compile_one(each))
    if not shapes or any(isinstance(shape, Anything) for shape in shapes):
        return _ANYTHING
    return shapes[0] if len(shapes) == 1 else OneOf(tuple(shapes))


def _compile_one(hint: Any) -> Shape:
    if is_args_class(hint):
        return record_of(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, collections.abc.Sequence) and arguments:
        return Items(_compile(arguments[0]))
    if origin in (dict, collections.abc.Mapping) and len(arguments) == 2:
        return Entries(_compile(arguments[1]))
    return _ANYTHING


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """Flatten `Input`, `Optional` and `Union`, and drop the typed dictionaries that stand beside classes."""
    origin = typing.get_origin(hint)
    if origin is typing.Union or origin is types.UnionType:
        found: list[Any] = []
        for argument in typing.get_args(hint):
            if argument is type(None) or typing.get_origin(argument) in (collections.abc.Awaitable, Output):
                continue
            found += [each for each in _alternatives(argument) if each not in found]
        return tuple(found)
    return () if typing.is_typeddict(hint) else (hint,)


@functools.cache
def _scalar(types_: frozenset[type]) -> Scalar:
    return Scalar(types_, " or ".join(name for type_, name in _SCALAR_NAMES.items() if type_ in types_))


def _choice(values: tuple[Any, ...], *, any_case: bool) -> Choice:
    folded = frozenset(value.casefold() if any_case and isinstance(value, str) else value for value in values)
    return Choice(values, folded, any_case, _scalar(frozenset(type(value) for value in values)))
