"""Builds single classes of the SDKs' largest modules, which hold nothing but classes.

`_inputs.py` and `outputs.py` of a package hold a class for every nested type of every resource, thousands in
all, and running one takes longer than a whole preview. Python keeps each class's body as a code object of its
own inside the module's compiled code; here a body is run when its class is first named. Nothing is cached
beside Python's own `.pyc` files, and a module that is made otherwise is run whole, as without this module.
"""

from __future__ import annotations

import builtins
import importlib.machinery
import importlib.util
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypedDict

from pulumi import _types

__all__ = ["Members", "MembersFinder", "siblings"]

_KINDS = frozenset({"_inputs", "outputs"})
_PACKAGES = ("pulumi_azure_native.", "pulumi_databricks.", "pulumi_kubernetes.")
# The text in front of the classes: imports, then the list of names.
_END_OF_IMPORTS = "\n__all__ = ["
_LONGEST_IMPORTS = 20_000
# Both are written by hand.
_LEFT_ALONE = frozenset({"helm", "yaml", "kustomize"})
_LOCK = threading.RLock()
_Build = Callable[[type[Any]], type[Any]]


class Members(ModuleType):
    """A module that builds a class when its name is first read."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return self._taken_by_a_star(sys._getframe(1).f_globals)
        if name.startswith("__"):
            raise AttributeError(name)
        loader = self.__spec__.loader if self.__spec__ is not None else None
        found = loader.build(self, name) if isinstance(loader, _Loader) else None
        if found is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return found

    def __dir__(self) -> list[str]:
        loader = self.__spec__.loader if self.__spec__ is not None else None
        bodies = loader.bodies if isinstance(loader, _Loader) else {}
        return sorted({*vars(self), *bodies})

    def build_all(self) -> list[str]:
        """Build every class, for readers that take all of them, and return their names."""
        loader = self.__spec__.loader if self.__spec__ is not None else None
        if not isinstance(loader, _Loader):
            return []
        for name in loader.bodies:
            loader.build(self, name)
        return sorted(loader.bodies)

    def _taken_by_a_star(self, taker: dict[str, Any]) -> list[str]:
        """Name what a star takes: all, but nothing for the file of a resource, which only hints at them."""
        package = self.__name__.rpartition(".")[0]
        beside = str(taker.get("__name__", "")).rpartition(".")[0] == package
        return [] if beside and "__path__" not in taker else self.build_all()


class _Loader(importlib.machinery.SourceFileLoader):
    """Makes a module of classes without running their bodies."""

    def __init__(self, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self.bodies: dict[str, CodeType] = {}

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return Members(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        with open(self.path, encoding="utf-8") as source:  # noqa: PTH123 - as the import system opens it
            imports, found, _ = source.read(_LONGEST_IMPORTS).partition(_END_OF_IMPORTS)
        code = self.get_code(module.__name__)
        if not found or code is None or "\nclass " in imports or "\ndef " in imports:
            object.__setattr__(module, "__class__", ModuleType)
            super().exec_module(module)
            return
        self.bodies = {body.co_name: body for body in code.co_consts if isinstance(body, CodeType)}
        exec(compile(imports, self.path, "exec", dont_inherit=True), vars(module))  # noqa: S102 - the SDK's own

    def build(self, module: ModuleType, name: str) -> Any:
        """Run a class's body, as its `class` statement would; None for a name that no class has."""
        with _LOCK:
            if name in vars(module):
                return vars(module)[name]
            body = self.bodies.get(name)
            if body is None:
                return None
            bases, decorate = _statement(module.__name__, name)
            function = FunctionType(body, vars(module))
            built: type[Any] = builtins.__build_class__(function, name, *bases)
            built = decorate(built)
            vars(module)[name] = built
            return built


class MembersFinder(MetaPathFinder):
    """Finds the modules whose classes are built one by one."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module of classes; any other is left to Python's own finders."""
        del target
        package, _, last = fullname.rpartition(".")
        if last not in _KINDS or not fullname.startswith(_PACKAGES) or _LEFT_ALONE & {*package.split(".")}:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        spec.loader = _Loader(fullname, spec.origin)
        return spec


def siblings(module_name: str) -> list[Members]:
    """Return the modules of classes beside a module, whose names its own text takes by a star."""
    package = module_name.rpartition(".")[0]
    beside = (sys.modules.get(f"{package}.{kind}") for kind in ("_inputs", "outputs"))
    return [module for module in beside if isinstance(module, Members)]


def _statement(module_name: str, name: str) -> tuple[tuple[Any, ...], _Build]:
    """Return the bases and the decorator of a class, as the SDKs' generators write them."""
    if module_name.endswith(".outputs"):
        return (dict,), _types.output_type
    return ((TypedDict,), _as_it_is) if name.endswith("ArgsDict") else ((), _types.input_type)


def _as_it_is(cls: type[Any]) -> type[Any]:
    return cls
