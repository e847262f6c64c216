"""Loads of the providers' SDKs only what a program names.

A package of `pulumi_azure_native`, all of `pulumi_databricks` and a version of `pulumi_kubernetes` import
every resource they know, which takes seconds; a program uses a few of them. The generated files follow one
pattern, a file for each resource, so a name tells its file. Where it does not, the package is loaded whole,
as without this module: programs are written as ever, and meet the same classes.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from pulumi import _utils as sdk_utilities

from lakeplane.sdk_adapter.hints import resolve_hints_lazily
from lakeplane.sdk_adapter.members import MembersFinder

__all__ = ["load_sdks_lazily"]

# Of these packages the root itself stays as it is: it only names its parts, or is small.
_PARTS = {"pulumi_azure_native": 2, "pulumi_kubernetes": 3}
_WHOLE = "pulumi_databricks"
# Written by hand, or without resources.
_LEFT_ALONE = frozenset({"config", "helm", "yaml", "kustomize"})


def load_sdks_lazily() -> None:
    """From now on, load SDK packages that were not imported yet by the names that a program uses of them."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path[:0] = [_Finder(), MembersFinder()]
        _take_over_lazy_imports()
        resolve_hints_lazily()


class _Package(ModuleType):
    """A package that imports the file of a name when the name is first read."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        found = self._from_file(name)
        if found is None:
            self._load_whole()
            if name not in vars(self):
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            return vars(self)[name]
        setattr(self, name, found)
        return found

    def __dir__(self) -> list[str]:
        self._load_whole()
        return list(vars(self))

    def _from_file(self, name: str) -> Any:
        folder = Path(self.__path__[0])
        for stem in _stems(name):
            if (folder / f"{stem}.py").is_file():
                found = getattr(importlib.import_module(f"{self.__name__}.{stem}"), name, None)
                if found is not None:
                    return found
        if (folder / f"{name}.py").is_file() or (folder / name).is_dir():
            return importlib.import_module(f"{self.__name__}.{name}")
        return None

    def _load_whole(self) -> None:
        spec = self.__spec__
        # The package's own text fills in all names; what is there already stays the same object.
        object.__setattr__(self, "__class__", ModuleType)
        if spec is not None and isinstance(spec.loader, _Loader):
            spec.loader.load_whole(self)


class _Loader(importlib.machinery.SourceFileLoader):
    """Makes a package without running its text."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the package's text for the day on which a name can't be told from its file."""

    def load_whole(self, module: ModuleType) -> None:
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds the packages that are loaded name by name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del target
        if not _is_lazy(fullname):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or not spec.submodule_search_locations:
            return None
        spec.loader = _Loader(fullname, spec.origin)
        return spec


def _is_lazy(fullname: str) -> bool:
    parts = fullname.split(".")
    if fullname == _WHOLE:
        return True
    return len(parts) == _PARTS.get(parts[0], 0) and not _LEFT_ALONE.intersection(parts)


def _stems(name: str) -> list[str]:
    """Name the files that may define a name: a resource's own, then the inputs' and the enums'."""
    if name.startswith(("get_", "list_")):
        return [name.removesuffix("_output")]
    plain = re.sub(r"(State|Init)?Args(Dict)?$", "", name)
    snake = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", plain)).lower()
    shared = "_inputs" if plain != name else "_enums"
    return [snake, plain, shared] if name[:1].isupper() else []


def _take_over_lazy_imports() -> None:
    """Keep off these packages the SDK's own laziness, which runs their whole text at the first name."""
    ordinary: Callable[[str], ModuleType] = sdk_utilities.lazy_import

    def lazy_import(fullname: str) -> ModuleType:
        return importlib.import_module(fullname) if _is_lazy(fullname) else ordinary(fullname)

    setattr(sdk_utilities, "lazy_import", lazy_import)  # noqa: B010 - not part of the typed module
