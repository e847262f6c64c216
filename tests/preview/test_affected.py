"""Which environments a change touches."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lakeplane.errors import PlanError
from lakeplane.layout import ProjectLayout
from lakeplane.preview.affected import affected_by, find_affected

from .conftest import commit_all, git

SPECS = {
    "dev": "name: dev\n",
    "prod": "name: prod\nnetwork: {hub: hub}\n",
    "test": "name: test\nnetwork:\n  hub: hub\n",
    "hub": "kind: hub\nname: hub\n",
}


@pytest.fixture
def project(tmp_path: Path) -> ProjectLayout:
    layout = ProjectLayout(tmp_path)
    layout.environments.mkdir(parents=True)
    (tmp_path / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n")
    for name, text in SPECS.items():
        (layout.environments / f"{name}.yaml").write_text(text)
    return layout


def names(project: ProjectLayout, *files: str) -> list[str]:
    return [one.name for one in affected_by(project, files)]


@pytest.mark.parametrize(
    ("file", "touched"),
    [
        ("stacks/environments/dev.yaml", ["dev"]),
        ("stacks/environments/hub.yaml", ["hub", "prod", "test"]),
        ("stacks/config/Pulumi.prod.contents.yaml", ["prod"]),
        ("stacks/config/Pulumi.gone.contents.yaml", []),
        ("README.md", []),
        ("infra/lakeplane/preview/README.md", []),
        ("docs/picture.png", []),
        (".github/workflows/ci.yaml", []),
        (".github/actions/preview/action.yml", []),
        (".azuredevops/deploy.yml", []),
        (".ci/preview", []),
        ("tests/preview/test_affected.py", []),
        ("stacks/environments/environment.schema.json", []),
        ("LICENSE", []),
        ("infra/lakeplane/naming.py", ["dev", "hub", "prod", "test"]),
        ("policies/lakeplane_policies/rules/storage/ST001.py", ["dev", "hub", "prod", "test"]),
        ("workloads/lakeplane_workloads/medallion/workload.yaml", ["dev", "hub", "prod", "test"]),
        ("stacks/__main__.py", ["dev", "hub", "prod", "test"]),
        ("requirements.lock", ["dev", "hub", "prod", "test"]),
        ("Pulumi.yaml", ["dev", "hub", "prod", "test"]),
        ("anything/that/nobody/knows.bin", ["dev", "hub", "prod", "test"]),
    ],
)
def test_a_file_touches_what_is_made_from_it(project: ProjectLayout, file: str, touched: list[str]) -> None:
    assert names(project, file) == touched


def test_an_environment_is_named_once_with_a_reason(project: ProjectLayout) -> None:
    found = affected_by(project, ["stacks/environments/dev.yaml", "infra/a.py", "infra/b.py"])
    assert [one.because for one in found if one.name == "dev"] == ["infra/a.py: shared by all environments"]
    assert names(project) == []


def test_a_spec_that_is_an_example_goes_by_its_path(project: ProjectLayout) -> None:
    example = project.environments / "examples" / "max.yaml"
    example.parent.mkdir()
    example.write_text("name: max\n")
    assert names(project, "stacks/environments/examples/max.yaml") == [
        "stacks/environments/examples/max.yaml"
    ]
    assert names(project, "infra/a.py") == ["dev", "hub", "prod", "test"], (
        "examples are not previewed unasked"
    )


def test_a_spec_with_a_mistake_is_touched_all_the_same(project: ProjectLayout) -> None:
    (project.environments / "dev.yaml").write_text("name: [\n")
    assert names(project, "stacks/environments/dev.yaml") == ["dev"]
    assert "dev" in names(project, "infra/a.py")


def test_a_removed_spec_is_told(project: ProjectLayout) -> None:
    (project.environments / "hub.yaml").unlink()
    found = affected_by(project, ["stacks/environments/hub.yaml"])
    assert [(one.name, one.removed) for one in found] == [("hub", True), ("prod", False), ("test", False)]


def test_a_change_is_everything_since_the_ref(project: ProjectLayout) -> None:
    git(project.root, "init", "--quiet", "--initial-branch", "main")
    commit_all(project.root)
    assert find_affected(project, "main") == ()
    (project.environments / "dev.yaml").write_text("name: dev\ntier: dev\n")
    (project.environments / "new.yaml").write_text("name: new\n")
    assert [one.name for one in find_affected(project, "main")] == ["dev", "new"]
    git(project.root, "checkout", "--quiet", "-b", "topic")
    commit_all(project.root)
    assert [one.name for one in find_affected(project, "main")] == ["dev", "new"]
    with pytest.raises(PlanError, match="PRV020"):
        find_affected(project, "nowhere")


def test_the_command_writes_what_ci_reads(project: ProjectLayout) -> None:
    git(project.root, "init", "--quiet", "--initial-branch", "main")
    commit_all(project.root)
    (project.environments / "dev.yaml").write_text("name: dev\ntier: dev\n")

    def run(*words: str) -> str:
        command = [str(Path(sys.executable).with_name("lakeplane")), "affected", "--base", "main", *words]
        done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True)
        return done.stdout

    assert json.loads(run("--format", "json")) == [
        {
            "name": "dev",
            "spec": "stacks/environments/dev.yaml",
            "because": "stacks/environments/dev.yaml: its spec",
            "removed": False,
        }
    ]
    assert "its spec" in run()
