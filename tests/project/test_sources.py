"""House rules that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PRODUCT = ("infra", "policies", "workloads", "stacks")
NAMELESS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "stuff"})
SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma|ruff:\s*noqa|mypy:).*")
# Codes, then a reason: a number, a word, a sentence; never a bare suppression.
REASONED = re.compile(
    r"# (?:(?:ruff: )?noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\]) +(?:- |# )?\w.+"
)
CODED = re.compile(r"# (?:(?:ruff: )?noqa: [A-Z]+\d+|type: ignore\[[a-z-]+)")
# Written in parts, so that this file does not find itself.
ADDRESSES = re.compile(
    "|".join(
        (
            r"pypi\." + "org",
            r"files\.python" + r"hosted\.org",
            r"repo1?\.maven\." + "apache|repo1\\.maven\\." + "org",
            r"proxy\.golang\." + "org",
            r"(?<![\w.])/(?:root|home|Users)/" + r"[a-z]\w*",
            r"(?<![\w.}/-])/" + r"work/\w",
        )
    )
)


def _is_product(path: Path, root: Path) -> bool:
    return path.relative_to(root).parts[0] in PRODUCT


def test_suppressions_name_their_rule_and_their_reason(root: Path, modules: tuple[Path, ...]) -> None:
    bare: list[str] = []
    for path in modules:
        wanted = REASONED if _is_product(path, root) else CODED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = SUPPRESSION.search(line)
            if found and path != Path(__file__) and not wanted.match(found[0]):
                bare.append(f"{path.relative_to(root)}:{number}: {found[0]}")
    assert not bare, "\n".join(bare)


def test_modules_stay_readable_in_one_sitting(root: Path, modules: tuple[Path, ...]) -> None:
    long = [
        f"{path.relative_to(root)}: {lines} lines"
        for path in modules
        if (lines := len(path.read_text(encoding="utf-8").splitlines()))
        > (500 if _is_product(path, root) else 700)
    ]
    assert not long, "\n".join(long)


def test_modules_are_named_for_what_they_do(root: Path, modules: tuple[Path, ...]) -> None:
    nameless = [
        str(path.relative_to(root))
        for path in modules
        if NAMELESS & {path.stem, *path.relative_to(root).parent.parts}
    ]
    assert not nameless, "\n".join(nameless)


def test_test_files_have_names_of_their_own(modules: tuple[Path, ...]) -> None:
    names = [path.name for path in modules if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))


def test_public_modules_say_what_they_export(root: Path, modules: tuple[Path, ...]) -> None:
    wrong: list[str] = []
    for path in modules:
        if not _is_product(path, root) or path.name == "__main__.py" or path.stem.startswith("_"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        exported = _exported(tree)
        public = {
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
        }
        where = path.relative_to(root)
        if exported is None:
            if public:
                wrong.append(f"{where}: no __all__")
            continue
        if unknown := set(exported) - _bound(tree):
            wrong.append(f"{where}: __all__ names what is not there: {sorted(unknown)}")
        if exported != sorted(set(exported), key=_isort_key):
            wrong.append(f"{where}: __all__ is not sorted")
    assert not wrong, "\n".join(wrong)


def test_no_file_names_a_registry_or_somebodys_machine(root: Path, files: tuple[Path, ...]) -> None:
    found: list[str] = []
    for path in files:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := ADDRESSES.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {match[0]}")
    assert not found, "\n".join(found)


def _exported(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            exported: list[str] = ast.literal_eval(node.value)
            return exported
    return None


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that a module binds at its top, also under an `if` or `try`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Import() | ast.ImportFrom():
                names |= {alias.asname or alias.name for alias in node.names}
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case _:
                pass
    return names


def _isort_key(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest, as the linter sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)
