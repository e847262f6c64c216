"""Eleven wrong changes in a pull request, and the comment that a reviewer gets for each.

Each is made to a copy of the repository with a history, and compared with its branch `main` as CI does. Write
the golden comments anew with UPDATE_GOLDEN=1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakeplane.cli.preview import look
from lakeplane.cli.previews import failed
from lakeplane.errors import PlatformError
from lakeplane.layout import ProjectLayout
from lakeplane.preview import comparison, find_base
from lakeplane.preview.base import Base
from lakeplane.preview.base_git import git_base
from lakeplane.preview.markdown import to_markdown

from .conftest import REPOSITORY, commit_all, git

GOLDEN = Path(__file__).parent / "golden"
KEY = b"the same for all of these tests."
SPECS = "stacks/environments"

Comment = Callable[["WrongChange"], str]


@dataclass(frozen=True)
class WrongChange:
    """What somebody changes: in each file one text becomes another, or is put at the end."""

    name: str
    environment: str
    edits: tuple[tuple[str, str, str], ...]
    wrong: str
    of_its_own: bool = False

    @property
    def is_code(self) -> bool:
        return self.of_its_own or any(file.endswith(".py") for file, _, _ in self.edits)


def spec(name: str, environment: str, old: str, new: str, wrong: str) -> WrongChange:
    return WrongChange(name, environment, ((f"{SPECS}/{environment}.yaml", old, new),), wrong)


WILDCARD = """
overrides:
  network-platform-security-group:
    securityRules:
      - {name: all, priority: 100, direction: Inbound, access: Allow, protocol: '*',
         sourceAddressPrefix: '*', sourcePortRange: '*', destinationAddressPrefix: '*',
         destinationPortRange: '*'}
"""


def silenced(*rules: str) -> str:
    """Return exceptions that let every resource break some rules, for as long as anybody lives."""
    entries = (
        f"  - {{rule: {rule}, resource: '*', reason: it is in the way of a release,\n"
        "     owner: somebody@contoso.example, until: 2999-12-31}\n"
        for rule in rules
    )
    return "\nexceptions:\n" + "".join(entries)


CHANGES = (
    spec(
        "public-network-opened",
        "prod",
        "",
        "\noverrides:\n  lake-account: {publicNetworkAccess: Enabled, networkRuleSet.defaultAction: Allow}\n",
        "lake-account",
    ),
    WrongChange(
        "worker-limit-removed",
        "prod",
        (
            (
                "infra/lakeplane/cluster_policies/rules.py",
                '        limits["autoscale.max_workers"] = {**workers, "defaultValue": most}\n',
                '        limits["autoscale.max_workers"] = {"type": "unlimited", "defaultValue": most}\n',
            ),
        ),
        "policies-",
    ),
    spec(
        "gpu-pool-grown",
        "dev",
        "databricks:\n",
        "databricks:\n  gpu_pool_max_capacity: 100\n",
        "`Standard NCASv3_T4 Family` 400 vCPUs, 8 before",
    ),
    WrongChange(
        "catalog-dropped",
        "prod",
        (
            (
                "infra/lakeplane/components/unity_catalog.py",
                "        catalog = databricks.Catalog(\n"
                '            f"{name}-catalog",\n'
                "            name=args.catalog_name,\n"
                '            comment=f"Data of the environment {args.catalog_name}",\n'
                '            isolation_mode="ISOLATED",\n'
                '            storage_root=self._inside("models", "catalog"),\n'
                "            force_destroy=not args.protect,\n"
                '            opts=self._holds_data("models"),\n'
                "        )\n",
                '        catalog = databricks.Catalog.get(f"{name}-catalog", args.catalog_name)\n',
            ),
        ),
        "catalog-catalog",
    ),
    spec("region-changed", "dev", "region: westeurope", "region: northeurope", "resource-group"),
    WrongChange(
        "key-vault-renamed",
        "prod",
        (
            (
                "infra/lakeplane/naming.py",
                '"key_vault": NameRule("kv", 24',
                '"key_vault": NameRule("vault", 24',
            ),
        ),
        "vault-vault",
    ),
    spec(
        "auto-termination-0",
        "dev",
        "databricks:\n",
        "databricks:\n  autotermination_minutes: 0\n",
        "autotermination_minutes",
    ),
    spec("wildcard-nsg", "prod", "", WILDCARD, "NW001"),
    spec("exceptions-added", "prod", "", WILDCARD + silenced("NW001", "NW004"), "2 findings newly covered"),
    spec("budget-exceeded", "dev", "monthly_budget: 1500", "monthly_budget: 100", "100.00 USD"),
    spec("spec-typo", "dev", "tier: dev", "teir: dev", "teir"),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    """Copy what is tracked, with one commit on `main`."""
    root = tmp_path_factory.mktemp("repository")
    listed = git(REPOSITORY.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in listed.split("\0"):
        source = REPOSITORY.root / name
        if name and source.is_file() and not name.startswith("tests/"):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    (root / ".lakeplane").mkdir()
    REPOSITORY.wheels.mkdir(parents=True, exist_ok=True)
    (root / ".lakeplane" / "wheels").symlink_to(REPOSITORY.wheels, target_is_directory=True)
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit_all(root, "begin")
    return ProjectLayout(root)


@pytest.fixture(scope="module")
def bases() -> dict[str, Base]:
    """Return the bases that were rendered already: each environment's is the same for all changes."""
    return {}


@pytest.fixture
def comment(
    repository: ProjectLayout, bases: dict[str, Base], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Comment]:
    """Make a change, preview it against `main`, and return the comment; undo the change afterwards."""

    def once(project: ProjectLayout, commit, path: Path, environment: str, layer: str, key: bytes) -> Base:
        if environment not in bases:
            bases[environment] = git_base(project, commit, path, environment, layer, key)
        return bases[environment]

    monkeypatch.setattr(find_base, "git_base", once)
    monkeypatch.setattr(comparison, "new_seal", lambda: KEY)
    monkeypatch.chdir(repository.root)

    def run(change: WrongChange) -> str:
        for file, old, new in change.edits:
            path = repository.root / file
            text = path.read_text()
            assert not old or text.count(old) == 1, f"{file} has changed: correct the test"
            path.write_text(text.replace(old, new) if old else text + new)
        path = f"{SPECS}/{change.environment}.yaml"
        text = _in_its_own_process(repository, path) if change.is_code else _in_process(path)
        text = text.replace(str(repository.root), "PROJECT")
        return re.sub(r"(?<=main \()[0-9a-f]{10}(?=\))", "0123456789", text)

    yield run
    git(repository.root, "checkout", "--quiet", "--", ".")


def _in_process(path: str) -> str:
    try:
        return to_markdown(look(Path(path), "all", ["main"]))
    except PlatformError as error:
        return to_markdown(failed(path, error.findings))


def _in_its_own_process(repository: ProjectLayout, path: str) -> str:
    code = [str(repository.root / name) for name in ("infra", "policies", "workloads")]
    program = "from lakeplane.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, "preview", path, "--base", "main", "--format", "markdown"],
        cwd=repository.root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(code), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_reviewer_sees_what_is_wrong(change: WrongChange, comment: Comment) -> None:
    text = comment(change)
    golden = GOLDEN / f"{change.name}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    first = text.splitlines()[:5]
    assert re.match(r"### (⛔|⚠️) lakeplane preview of", first[0])
    assert change.wrong in "\n".join(first)


def test_an_added_exception_stands_in_the_first_lines(comment: Comment) -> None:
    first = comment(next(one for one in CHANGES if one.name == "exceptions-added")).splitlines()[:5]
    assert not first[0].startswith("### ✅")
    assert "2 findings covered by exceptions (2 new)" in first[3]
    assert first[3].count("`PRV017`") == 2
    assert "NW001" in first[3]
    assert "NW004" in first[3]


def test_an_exception_beside_one_of_the_base_is_new(
    repository: ProjectLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base has the wildcard and one exception; the change adds the other, and nothing else."""
    path = repository.root / SPECS / "prod.yaml"
    text = path.read_text()
    monkeypatch.chdir(repository.root)
    first = git(repository.root, "rev-parse", "HEAD").strip()
    try:
        path.write_text(text + WILDCARD + silenced("NW001"))
        commit_all(repository.root, "except one")
        path.write_text(text + WILDCARD + silenced("NW001", "NW004"))
        told = to_markdown(look(path, "foundation", ["HEAD"]))
    finally:
        git(repository.root, "reset", "--quiet", "--hard", first)
    lines = told.splitlines()
    assert lines[0].endswith("1 warning, 1 finding newly covered by exceptions")
    assert "2 findings covered by exceptions (1 new): `PRV017`" in lines[3]
    assert "an exception from NW004 on" in lines[3]
    assert "an exception from NW001" not in told
    assert "note <code>POL004</code> <b>new</b>" in told
    assert "warning <code>PRV017</code> <b>new</b>" in told


def test_use_that_is_declared_anew_is_in_the_delta(comment: Comment) -> None:
    use = spec("use", "dev", "", "\ncost: {lake_gb: 100000, logs_gb_per_day: 50}\n", "")
    cost = comment(use).splitlines()[4]
    delta = re.search(r"\+([\d,.]+) USD against the base", cost)
    assert delta is not None
    assert float(delta[1].replace(",", "")) > 4_000
    assert "over the budget of 1,500.00 USD" in cost


def test_use_of_a_manifest_is_of_its_own_commit(comment: Comment) -> None:
    manifest = "workloads/lakeplane_workloads/medallion/workload.yaml"
    longer = (
        manifest,
        "{expected_minutes: 15, runs_per_month: 30}",
        "{expected_minutes: 60, runs_per_month: 30}",
    )
    change = WrongChange("manifest", "dev", (longer,), "", of_its_own=True)
    cost = comment(change).splitlines()[4]
    delta = re.search(r"\+([\d,.]+) USD against the base", cost)
    assert delta is not None
    assert float(delta[1].replace(",", "")) > 1


def test_no_change_is_told_as_none(comment: Comment) -> None:
    text = comment(WrongChange("nothing", "dev", (), ""))
    assert text.splitlines()[0] == "### ✅ lakeplane preview of `dev`: no changes"
