"""Lets the SDK resolve names of classes that are not built yet.

The SDK reads a class's type hints with a copy of its module's dictionary, where names taken by a star are
missing until somebody builds them; see `lakeplane.sdk_adapter.members`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from pulumi import _types

from lakeplane.sdk_adapter.members import Members, siblings

__all__ = ["resolve_hints_lazily"]


def resolve_hints_lazily() -> None:
    """From now on, build a class when a type hint names it."""
    ordinary = getattr(_types, "get_type_hints")  # noqa: B009 - not part of the typed module
    if getattr(ordinary, "lazy", False):
        return

    def get_type_hints(
        of: Any,
        globalns: dict[str, Any] | None = None,
        localns: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        known = globalns or {}
        modules = _sources(str(known.get("__name__", "")))
        if not modules:
            found: dict[str, Any] = ordinary(of, globalns=globalns, localns=localns, **options)
            return found
        names = _Names(known, modules, localns or {})
        try:
            found = ordinary(of, globalns=globalns, localns=names, **options)
        except NameError:
            # A Python that copies the names it is given asks for none of them: build all.
            for module in modules:
                module.build_all()
                known = {**vars(module), **known}
            found = ordinary(of, globalns=known, localns=localns, **options)
        return found

    get_type_hints.lazy = True  # type: ignore[attr-defined] # marks the function
    setattr(_types, "get_type_hints", get_type_hints)  # noqa: B010 - not part of the typed module


class _Names(dict[str, Any]):
    """Names of a hint: those that are given, those of its module, then classes that are built for it."""

    def __init__(
        self, module_names: Mapping[str, Any], modules: list[Members], given: Mapping[str, Any]
    ) -> None:
        super().__init__(given)
        self._module_names = module_names
        self._modules = modules

    def __missing__(self, name: str) -> Any:
        if name in self._module_names:
            return self._module_names[name]
        for module in self._modules:
            found = getattr(module, name, None)
            if found is not None:
                return found
        raise KeyError(name)


def _sources(module_name: str) -> list[Members]:
    own = sys.modules.get(module_name)
    return [own] if isinstance(own, Members) else siblings(module_name)
