"""A git commit as base: rendered beside us, by its own code, and cleaned up whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakeplane.cli.previews import judges_for
from lakeplane.errors import PlanError
from lakeplane.layout import ProjectLayout
from lakeplane.preview import Change, Preview, preview_environment, to_json
from lakeplane.preview.html import to_html
from lakeplane.preview.markdown import to_markdown

from .conftest import REPOSITORY, commit_all, git

PROGRAM = """\
import pulumi
import pulumi_azure_native as azure

name = pulumi.get_stack()
if name.endswith("foundation"):
    rg = "rg-{group}"
    group = azure.resources.ResourceGroup("group", resource_group_name=rg, location="westeurope")
    azure.storage.StorageAccount(
        "account", account_name="st", resource_group_name=group.name, location="westeurope",
        kind="StorageV2", sku={{"name": "Standard_LRS"}},
        tags={{"password": pulumi.Output.secret("{secret}")}},
        opts=pulumi.ResourceOptions(protect={protect}),
    )
{more}
"""

VAULT = """\
    azure.keyvault.Vault(
        "vault", vault_name="kv", resource_group_name=group.name, location="westeurope",
        properties={"tenant_id": "t", "sku": {"family": "A", "name": "standard"}},
    )
"""
LOGS = """\
    azure.operationalinsights.Workspace(
        "logs", workspace_name="log", resource_group_name=group.name, location="westeurope",
        sku={"name": "PerGB2018"},
    )
    azure.containerregistry.Registry(
        "images", registry_name="cr", resource_group_name=group.name, location="westeurope",
        sku={"name": "Premium"},
    )
"""
PRICES = """\
item,region,scope,currency,unit,price,date,source,note
log_analytics_gb,westeurope,region,USD,GB,100,2026-01-01,contract,
"""


class Tiny:
    """A project of a few lines in a repository of its own; `lakeplane` itself is not in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = ProjectLayout(root)
        self.spec = root / "stacks" / "environments" / "local.yaml"
        self.spec.parent.mkdir(parents=True)
        (root / "Pulumi.yaml").write_text("name: tiny\nruntime: python\nmain: stacks\n")
        (root / ".gitignore").write_text(".lakeplane/\n")
        shutil.copy(REPOSITORY.environments / "local.yaml", self.spec)
        self.write()
        git(root, "init", "--quiet", "--initial-branch", "main")
        self.first = commit_all(root, "begin")

    def write(
        self, group: str = "tiny", secret: str = "s3cret-one", protect: bool = False, more: str = ""
    ) -> None:
        text = PROGRAM.format(group=group, secret=secret, protect=protect, more=more)
        (self.root / "stacks" / "__main__.py").write_text(text)

    def preview(self, base: str = "main", layer: str = "foundation") -> Preview:
        return preview_environment(self.spec, layer, base=[base])

    def changes(self, base: str = "main") -> dict[str, str]:
        return {one.resource.name: one.change.value for one in self.preview(base).resources}

    def left_over(self) -> list[str]:
        place = self.root / ".lakeplane" / "base"
        return sorted(path.name for path in place.iterdir() if path.is_dir()) if place.is_dir() else []


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


def codes(preview: Preview) -> list[str]:
    return [finding.code for finding in preview.findings if finding.code not in ("CST003", "SRV010")]


def test_nothing_changes_against_the_same_commit(tiny: Tiny) -> None:
    preview = tiny.preview("HEAD")
    assert {one.change for one in preview.resources} == {Change.SAME}
    assert codes(preview) == []
    assert preview.base is not None
    assert preview.base.commit == tiny.first
    assert tiny.left_over() == []
    assert git(tiny.root, "worktree", "list").count("\n") == 1


def test_a_change_of_the_program_is_seen_before_it_is_committed(tiny: Tiny) -> None:
    tiny.write(group="other", secret="s3cret-two")
    preview = tiny.preview()
    changes = {one.resource.name: one for one in preview.resources}
    assert {name: one.change.value for name, one in changes.items()} == {
        "account": "replace",
        "group": "replace",
    }
    told = {found.path: (found.before, found.after) for found in changes["account"].differences}
    assert told == {
        "resourceGroupName": ("rg-tiny", "rg-other"),
        "tags.password": ({"$secret": True}, {"$secret": True}),
    }
    assert codes(preview) == ["PRV010", "PRV010"]
    assert "s3cret" not in repr(changes["account"].differences)


def test_a_secret_that_stays_is_no_change(tiny: Tiny) -> None:
    tiny.write(more="# nothing but a remark")
    assert set(tiny.changes().values()) == {"same"}


def test_branches_tags_and_earlier_commits_are_bases(tiny: Tiny) -> None:
    git(tiny.root, "tag", "v1")
    tiny.write(group="other")
    commit_all(tiny.root)
    assert set(tiny.changes("HEAD").values()) == {"same"}
    for ref in ("v1", "HEAD~1", tiny.first[:8]):
        assert set(tiny.changes(ref).values()) == {"replace"}, ref


def test_a_project_below_the_repositorys_top(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path / "platform" / "infra")
    shutil.rmtree(tiny.root / ".git")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit_all(tmp_path)
    tiny.write(protect=True)
    assert set(tiny.changes().values()) == {"same"}


def test_an_environment_without_a_spec_at_the_base_is_new(tiny: Tiny) -> None:
    spec = tiny.spec.with_name("second.yaml")
    spec.write_text(tiny.spec.read_text().replace("name: local", "name: second"))
    preview = preview_environment(spec, "foundation", base=["main"])
    assert {one.change for one in preview.resources} == {Change.CREATE}
    assert codes(preview) == ["PRV024"]


def test_a_spec_that_moved_is_found_by_its_environment(tiny: Tiny) -> None:
    moved = tiny.spec.with_name("elsewhere.yaml")
    tiny.spec.rename(moved)
    preview = preview_environment(moved, "foundation", base=["main"])
    assert {one.change for one in preview.resources} == {Change.SAME}


def test_a_base_that_cannot_be_rendered_is_a_finding(tiny: Tiny) -> None:
    tiny.write(more="raise ValueError('not yet')")
    commit_all(tiny.root, "broken")
    tiny.write()
    preview = tiny.preview()
    (finding,) = (one for one in preview.findings if one.code == "PRV022")
    assert "not yet" in finding.detail
    assert preview.known.findings is None
    assert tiny.left_over() == []


def test_of_a_base_that_cannot_be_rendered_nothing_is_said(tiny: Tiny) -> None:
    tiny.write(more="raise ValueError('not yet')")
    commit_all(tiny.root, "broken")
    tiny.write(more=VAULT)
    preview = tiny.preview()
    assert {one.change for one in preview.resources} == {Change.NOT_COMPARED}
    assert (preview.cost_delta, preview.base_quota, preview.changed) == (None, None, ())
    head = to_markdown(preview).splitlines()[:5]
    assert head[0].startswith(
        "### ⚠️ lakeplane preview of `local`: not compared, as the base can't be rendered"
    )
    assert head[1].endswith("3 not compared")
    assert head[2] == "- **Data**: not compared, the base can't be rendered"
    assert "against the base" not in head[4]
    assert "before" not in head[4]
    shown = to_json(preview)
    assert {one["change"] for one in shown["resources"]} == {"not-compared"}
    assert {one["new"] for one in shown["findings"]} == {None}
    assert shown["base"]["known"] is False
    assert (shown["cost"]["delta"], {one["before"] for one in shown["quota"]}) == (None, {None})
    page = to_html(preview)
    assert "not compared with <code>main" in page
    assert ">create<" not in page


def test_declared_use_of_the_base_is_its_own(tiny: Tiny) -> None:
    tiny.write(more=LOGS)
    commit_all(tiny.root)
    spec = tiny.spec.read_text()
    tiny.spec.write_text(spec + "\ncost: {logs_gb_per_day: 50}\n")
    preview = tiny.preview("HEAD")
    assert preview.base_cost is not None
    assert [one.what for one in preview.base_cost.not_priced if "logs" in one.what]
    assert preview.cost_delta is not None
    assert preview.cost_delta == pytest.approx(4547.29, abs=0.01), "50 GB x 30.4167 days x 2.99"
    line = to_markdown(preview).splitlines()[4]
    assert "+4,547.29 USD against the base, over the budget of 1,500.00 USD" in line
    # What is declared no more is no saving: it is in no sum, and counted.
    commit_all(tiny.root)
    tiny.spec.write_text(spec)
    assert "3 things not priced (2 before)" in to_markdown(tiny.preview("HEAD"))


def test_prices_of_the_base_are_its_own(tiny: Tiny) -> None:
    tiny.write(more=LOGS)
    tiny.spec.write_text(tiny.spec.read_text() + "\ncost: {logs_gb_per_day: 10}\n")
    commit_all(tiny.root)
    before = tiny.preview("HEAD").cost.expected
    tiny.layout.prices.write_text(PRICES)
    preview = tiny.preview("HEAD")
    assert preview.cost.expected is not None
    assert before is not None
    assert preview.cost_delta == pytest.approx(preview.cost.expected - before)
    assert preview.cost_delta > 10_000


def test_another_name_in_the_same_file_is_another_environment(tiny: Tiny) -> None:
    tiny.spec.write_text(tiny.spec.read_text().replace("name: local", "name: moved"))
    preview = tiny.preview()
    assert {one.change for one in preview.resources} == {Change.CREATE}
    (finding,) = (one for one in preview.findings if one.code == "PRV018")
    assert "'local'" in finding.summary
    removal = f"`lakeplane destroy stacks/environments/local.yaml` in a checkout of {tiny.first[:10]}"
    assert removal in finding.remedy
    assert codes(preview) == ["PRV018"]
    head = to_markdown(preview).splitlines()[:5]
    assert head[0].startswith("### ⚠️ lakeplane preview of `moved`: 1 warning")
    assert "`PRV018`" in head[3]
    # The name may have moved to another file instead: then it is the same environment.
    commit_all(tiny.root)
    tiny.spec.rename(tiny.spec.with_name("moved.yaml"))
    tiny.spec.with_name("moved.yaml").rename(tiny.spec)
    assert {one.change for one in tiny.preview("HEAD").resources} == {Change.SAME}


def test_files_that_swap_their_names_swap_no_environments(tiny: Tiny) -> None:
    second = tiny.spec.with_name("second.yaml")
    second.write_text(tiny.spec.read_text().replace("name: local", "name: second"))
    commit_all(tiny.root)
    here, there = tiny.spec.read_text(), second.read_text()
    tiny.spec.write_text(there)
    second.write_text(here)
    preview = tiny.preview("HEAD")
    assert preview.environment == "second"
    assert {one.change for one in preview.resources} == {Change.SAME}
    assert codes(preview) == []


EXCEPTION = """
exceptions:
  - {{rule: ST001, resource: {resource}, reason: the account has no data, owner: somebody, until: {until}}}
"""


def test_an_exception_that_the_base_lacks_is_a_warning(tiny: Tiny) -> None:
    plain = tiny.spec.read_text()
    tiny.spec.write_text(plain + EXCEPTION.format(resource="account", until="2998-12-31"))
    preview = tiny.preview()
    (finding,) = (one for one in preview.findings if one.code == "PRV017")
    assert finding.summary == "an exception from ST001 on 'account' until 2998-12-31 is new"
    assert finding.detail.startswith("resource 'account', owner somebody, until 2998-12-31; reason:")
    assert (finding.location is not None, finding.dotted_path) == (True, "exceptions[0]")
    assert preview.is_new(finding) is True
    commit_all(tiny.root)
    assert "PRV017" not in codes(tiny.preview("HEAD"))
    tiny.spec.write_text(plain + EXCEPTION.format(resource="account", until="2998-12-30"))
    assert "PRV017" not in codes(tiny.preview("HEAD")), "one that ends sooner hides nothing more"
    for resource, until, told in (
        ("account", "2999-12-31", "holds for longer"),
        ("'*'", "2998-12-31", "is new"),
    ):
        tiny.spec.write_text(plain + EXCEPTION.format(resource=resource, until=until))
        (finding,) = (one for one in tiny.preview("HEAD").findings if one.code == "PRV017")
        assert told in finding.summary
    assert "2998-12-31 in the base" not in finding.detail
    # Nobody needs to render a base to know its exceptions.
    tiny.write(more="raise ValueError('not yet')")
    tiny.spec.write_text(plain)
    commit_all(tiny.root)
    tiny.write()
    tiny.spec.write_text(plain + EXCEPTION.format(resource="account", until="2998-12-31"))
    assert codes(tiny.preview("HEAD")) == ["PRV022", "PRV017"]


def test_a_changed_lock_is_told(tiny: Tiny) -> None:
    (tiny.root / "requirements.lock").write_text("pulumi==1\n")
    commit_all(tiny.root)
    (tiny.root / "requirements.lock").write_text("pulumi==2\n")
    (finding,) = (one for one in tiny.preview().findings if one.code == "PRV023")
    assert "requirements.lock" in finding.detail


OLDER = """\
import dataclasses

@dataclasses.dataclass
class Resource:
    urn: str
    type: str
    name: str
    custom: bool
    inputs: dict
    of_another_age: object = dataclasses.field(default_factory=object)

@dataclasses.dataclass
class Previewed:
    layer: str
    resource: Resource

class Preview:
    findings = ()
    resources = [
        Previewed("foundation", Resource(
            "urn:pulumi:local.foundation::tiny::azure-native:resources:ResourceGroup::group",
            "azure-native:resources:ResourceGroup", "group", True,
            {"resourceGroupName": "rg-of-the-base", "location": "westeurope"},
        ))
    ]

def preview_environment(spec, layer):
    print("what a program prints is no part of the answer")
    return Preview()
"""


def test_the_bases_own_code_renders_it_however_old_it_is(tiny: Tiny) -> None:
    """Its `lakeplane` knows neither judges nor bases, and its resources have fewer fields and others."""
    package = tiny.root / "infra" / "lakeplane"
    (package / "preview").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "preview" / "__init__.py").write_text(OLDER)
    commit_all(tiny.root)
    group = next(one for one in tiny.preview().resources if one.resource.name == "group")
    assert [(one.path, one.before, one.after) for one in group.differences] == [
        ("resourceGroupName", "rg-of-the-base", "rg-tiny")
    ]


def test_what_a_killed_run_left_is_removed_by_the_next(tiny: Tiny) -> None:
    tiny.write(more="import time; time.sleep(60)")
    commit_all(tiny.root, "slow")
    tiny.write()
    code = (
        "from pathlib import Path; from lakeplane.preview import preview_environment; "
        f"preview_environment(Path({str(tiny.spec)!r}), 'foundation', base=['main'])"
    )
    # In a group of its own, so that its child dies with it.
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not any((tiny.root / ".lakeplane" / "base").glob("*/tree/stacks/__main__.py")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        assert len(tiny.left_over()) == 1
        commit_all(tiny.root, "quick again")
        assert set(tiny.changes().values()) == {"same"}
        assert len(tiny.left_over()) == 1, "a run that is alive keeps what is its own"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    assert len(tiny.left_over()) == 1
    tiny.changes()
    assert tiny.left_over() == []


@pytest.mark.parametrize("name", ["no-such-branch", "--help", "-n1", "main..HEAD", "", "no-such.yaml"])
def test_a_base_that_is_nothing_is_refused(tiny: Tiny, name: str) -> None:
    with pytest.raises(PlanError) as caught:
        tiny.preview(name)
    assert [finding.code for finding in caught.value.findings] == ["PRV020"]


def test_outside_of_a_repository_a_ref_is_refused(tmp_path: Path) -> None:
    tiny = Tiny(tmp_path)
    shutil.rmtree(tmp_path / ".git")
    with pytest.raises(PlanError) as caught:
        tiny.preview("HEAD")
    assert caught.value.findings[0].code == "PRV021"


def test_another_spec_is_a_base(tiny: Tiny) -> None:
    other = tiny.spec.with_name("other.yaml")
    other.write_text(tiny.spec.read_text().replace("name: local", "name: other"))
    for name in (str(other), "other"):
        preview = preview_environment(tiny.spec, "foundation", base=[name])
        assert {one.change for one in preview.resources} == {Change.SAME}
        assert preview.base is not None
        assert preview.base.kind == "spec"
        assert preview.known.findings is None
    # A branch of that name goes first; a path is never a branch.
    git(tiny.root, "branch", "other")
    assert str(preview_environment(tiny.spec, "foundation", base=["other"]).base).startswith("other (")


def test_another_spec_is_judged_and_estimated_by_itself(tiny: Tiny) -> None:
    tiny.write(more=LOGS)
    other = tiny.spec.with_name("other.yaml")
    text = tiny.spec.read_text().replace("name: local", "name: other")
    other.write_text(text + "\ncost: {logs_gb_per_day: 50}\n")
    exception = EXCEPTION.format(resource="account", until="2998-12-31")
    tiny.spec.write_text(tiny.spec.read_text() + exception)
    preview = preview_environment(tiny.spec, "foundation", judges=judges_for, base=[str(other)])
    assert {one.change for one in preview.resources} == {Change.SAME}
    assert preview.cost_delta == pytest.approx(-4547.29, abs=0.01)
    rules = [one for one in preview.findings if one.code[:3] not in ("PRV", "POL")]
    assert len(rules) > 5
    assert not any(preview.is_new(one) for one in rules)
    assert "PRV017" in codes(preview)
    # The same resources under the same rules: but the finding that the new exception covers was none there.
    assert [one.code for one in preview.newly_covered or ()] == ["ST001"]


def test_several_bases_are_understood_for_states_alone(tiny: Tiny) -> None:
    with pytest.raises(PlanError) as caught:
        preview_environment(tiny.spec, "foundation", base=["main", "main"])
    assert "states alone" in caught.value.findings[0].detail
