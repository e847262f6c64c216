"""Workflows of GitHub and pipelines of Azure DevOps: least rights, pinned actions, no code of a stranger."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lakeplane.engine.go_build import find_go
from lakeplane.layout import cache_dir

ACTIONLINT = "1.7.12"
# What a job may have beyond reading the code, and why.
RIGHTS = {
    ("comment", "comment"): {"actions": "read", "contents": "read", "pull-requests": "write"},
    ("bring-up", "apply"): {"actions": "read", "contents": "read", "id-token": "write"},
    ("bring-up", "preview"): {"contents": "read", "id-token": "write"},
    ("deploy", "affected"): {"actions": "read", "contents": "read"},
    # What they call may have no more than they have.
    ("deploy", "environments"): {"actions": "read", "contents": "read", "id-token": "write"},
    ("deploy", "hubs"): {"actions": "read", "contents": "read", "id-token": "write"},
    ("drift", "drift"): {"contents": "read", "id-token": "write"},
    ("expiry", "remove"): {"contents": "read", "id-token": "write"},
}


@pytest.fixture(scope="module")
def workflows(root: Path) -> dict[str, Any]:
    folder = root / ".github" / "workflows"
    return {path.stem: read(path) for path in sorted(folder.glob("*.yml"))}


def read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_zizmor_finds_nothing(root: Path) -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [str(zizmor), "--offline", "--no-progress", str(root / ".github")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_two_findings_of_zizmor_are_silenced_and_each_says_why(root: Path) -> None:
    files = [*(root / ".github").rglob("*.yml")]
    silenced = [line for path in files for line in path.read_text().splitlines() if "zizmor: ignore" in line]
    assert len(silenced) == 1
    assert re.search(r"ignore\[dangerous-triggers\] - \w+", silenced[0])
    assert read(root / ".github" / "zizmor.yml") == {"rules": {"self-repository": {"disable": True}}}


@pytest.mark.slow  # builds actionlint from its Go module, once
def test_actionlint_finds_nothing(root: Path) -> None:
    go = find_go()
    assert go, "no Go toolchain; `lakeplane engine install` tells how one is brought"
    folder = cache_dir() / "actionlint" / ACTIONLINT
    if not (folder / "actionlint").is_file():
        subprocess.run(
            [str(go), "install", f"github.com/rhysd/actionlint/cmd/actionlint@v{ACTIONLINT}"],
            env={**os.environ, "GOBIN": str(folder)},
            check=True,
            timeout=600,
        )
    done = subprocess.run(
        # Without shellcheck, which is on some machines and not on others.
        [str(folder / "actionlint"), "-shellcheck=", "-pyflakes="],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_pinned_by_commit_and_named_by_version(root: Path) -> None:
    pins: dict[str, set[str]] = {}
    for path in (root / ".github").rglob("*.yml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            used = re.search(r"uses: (\S+)(.*)", line)
            if used is None or used[1].startswith("./"):
                continue
            pinned = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40})", used[1])
            assert pinned, f"{path.name}: {line.strip()}"
            assert re.fullmatch(r" # v\d+(\.\d+)*", used[2]), f"{path.name}: {line.strip()}"
            pins.setdefault(pinned[1], set()).add(pinned[2] + used[2])
    assert len(pins) >= 6
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def test_jobs_may_do_no_more_than_they_need(workflows: dict[str, Any]) -> None:
    for name, workflow in workflows.items():
        assert workflow["permissions"] in ({}, {"contents": "read"}), name
        for key, job in workflow["jobs"].items():
            assert job.get("permissions") == RIGHTS.get((name, key)), f"{name}.{key}"
            assert "uses" in job or job["timeout-minutes"] <= 120


def test_pull_requests_meet_no_secret_and_no_right(workflows: dict[str, Any]) -> None:
    for name, workflow in workflows.items():
        # YAML 1.2 has no `on` that means true.
        triggers = workflow["on"]
        assert "pull_request_target" not in triggers, name
        assert "secrets." not in str(workflow), name
    steps = workflows["comment"]["jobs"]["comment"]["steps"]
    (checkout,) = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    (download,) = [step for step in steps if step.get("uses", "").startswith("actions/download-artifact@")]
    assert "runner.temp" in download["with"]["path"], "never over the code that is run"


def test_who_previews_is_not_who_applies(workflows: dict[str, Any]) -> None:
    jobs = workflows["bring-up"]["jobs"]
    assert jobs["preview"]["environment"] == "${{ matrix.environment }}-preview"
    assert jobs["apply"]["environment"] == "${{ matrix.environment }}"
    assert workflows["drift"]["jobs"]["drift"]["environment"] == "${{ matrix.environment }}-preview"
    assert jobs["apply"]["needs"] == "preview"


def test_hubs_come_up_before_what_is_behind_them(workflows: dict[str, Any]) -> None:
    jobs = workflows["deploy"]["jobs"]
    for name in ("hubs", "environments"):
        assert jobs[name]["uses"] == "./.github/workflows/bring-up.yml"
        layer = {"hubs": "hub", "environments": "foundation"}[name]
        assert jobs[name]["with"] == {
            "environments": f"${{{{ needs.affected.outputs.{name} }}}}",
            "layer": layer,
        }
    assert jobs["environments"]["needs"] == ["affected", "hubs"]
    condition = jobs["environments"]["if"]
    assert "needs.hubs.result == 'success' || needs.hubs.result == 'skipped'" in condition
    assert "!cancelled() && needs.affected.result == 'success'" in condition


def test_what_was_not_deployed_counts_until_it_is(workflows: dict[str, Any]) -> None:
    deploy = workflows["deploy"]
    assert "paths" not in deploy["on"]["push"], "GitHub looks at the first 300 files alone"
    assert "event.before" not in str(deploy)
    (step,) = [one for one in deploy["jobs"]["affected"]["steps"] if one.get("id") == "affected"]
    assert ".ci/deployed" in step["run"]
    assert "|" not in step["run"], "a pipe hides that its first command fails"
    steps = workflows["bring-up"]["jobs"]["apply"]["steps"]
    assert [one["run"] for one in steps if "run" in one] == [
        ".ci/deployed",
        '.venv/bin/lakeplane preflight "$ENVIRONMENT" --target azure',
        '.venv/bin/lakeplane up "$ENVIRONMENT" --target azure --through-runner',
    ]
    for job in (deploy["jobs"]["affected"], workflows["bring-up"]["jobs"]["apply"]):
        assert job["steps"][0]["with"]["fetch-depth"] == 0


def test_private_environments_are_deployed_through_the_runner_by_who_may_deploy_alone(
    root: Path, workflows: dict[str, Any]
) -> None:
    """Who may start the hub's job may deploy by it: the identity that only looks never starts it."""
    may = {"workflows": {"bring-up.yml", "expiry.yml"}, ".azuredevops": {"bring-up.yml", "expiry-stage.yml"}}
    for folder in (root / ".github" / "workflows", root / ".azuredevops"):
        for path in folder.glob("*.yml"):
            used = re.findall(r"^[^#\n]*--through-runner", path.read_text(), re.MULTILINE)
            assert len(used) == (1 if path.name in may[folder.name] else 0), path
    preview, apply_job = (workflows["bring-up"]["jobs"][name] for name in ("preview", "apply"))
    assert "--through-runner" not in str(preview)
    assert "--through-runner" in str(apply_job)
    look, deploy = read(root / ".azuredevops" / "bring-up.yml")["stages"]
    assert "--through-runner" not in str(look)
    assert "--through-runner" in str(deploy)
    # A foundation's update, and a run of the hub's job with the time to pull its image.
    assert apply_job["timeout-minutes"] >= 30 + 70


def test_rules_are_asked_before_the_engine(root: Path, workflows: dict[str, Any]) -> None:
    asked = ['preview "$ENVIRONMENT"', '--engine --layer "$LAYER" --target azure']
    runs = [one["run"] for one in workflows["bring-up"]["jobs"]["preview"]["steps"] if "run" in one]
    assert [step.endswith(end) or end in step for step, end in zip(runs, asked, strict=True)] == [True] * 2
    script = (root / ".azuredevops" / "bring-up.yml").read_text()
    offline = script.index('lakeplane preview "$LAKEPLANE_ENVIRONMENT"\n')
    assert offline < script.index("--engine")


def test_a_pull_request_is_compared_with_what_it_was_merged_with(workflows: dict[str, Any]) -> None:
    steps = workflows["preview"]["jobs"]["preview"]["steps"]
    (preview,) = [one for one in steps if one.get("uses") == "./.github/actions/preview"]
    assert preview["with"]["base"] == "${{ steps.base.outputs.commit }}"
    (base,) = [one for one in steps if one.get("id") == "base"]
    assert '.ci/base "$SOURCE" "$TARGET"' in base["run"]
    assert "base.sha" not in str(workflows["preview"]), "the target may have moved on since"


def test_azure_devops_does_the_same(root: Path) -> None:
    pipelines = {path.stem: read(path) for path in (root / ".azuredevops").glob("*.yml")}
    templates = {"bring-up", "drift-job", "expiry-stage", "sign-in", "variables", "verdict"}
    assert set(pipelines) == {"comment", "deploy", "drift", "expiry", "preview", *templates}
    assert "connection" not in str(pipelines["preview"]), "a pull request signs in nowhere"
    assert "SYSTEM_ACCESSTOKEN" not in str(pipelines["preview"])
    for name, pipeline in pipelines.items():
        for step in steps_of(pipeline):
            if step.get("checkout", "none") != "none":
                assert step["persistCredentials"] is False, name
    preview, apply = pipelines["bring-up"]["stages"]
    environment = "${{ parameters.environment }}"
    assert f"'connection': 'lakeplane-{environment}-preview'" in str(preview)
    assert f"'connection': 'lakeplane-{environment}'" in str(apply)
    assert "-preview'" not in str(apply["jobs"])
    (deployment,) = apply["jobs"]
    assert deployment["environment"] == environment
    assert "-preview" in str(pipelines["drift-job"])
    for name in ("deploy", "drift", "expiry"):
        assert pipelines[name]["variables"] == [{"template": "variables.yml"}]
    assert pipelines["deploy"]["trigger"] == {"batch": True, "branches": {"include": ["main"]}}


def steps_of(node: Any) -> list[dict[str, Any]]:
    """Return every step of a pipeline or a template, also those behind conditions."""
    if isinstance(node, list):
        return [step for one in node for step in steps_of(one)]
    if not isinstance(node, dict):
        return []
    own = [step for step in node.get("steps", ()) if isinstance(step, dict)]
    return own + [step for one in node.values() for step in steps_of(one)]


def test_azure_devops_deploys_nothing_until_somebody_names_it(root: Path) -> None:
    listed = {one["name"]: one["value"] for one in read(root / ".azuredevops" / "variables.yml")["variables"]}
    assert listed == {"LAKEPLANE_HUBS": "", "LAKEPLANE_ENVIRONMENTS": ""}
    # A pipeline has to have a job all the same.
    for name, key in (("deploy", "stages"), ("drift", "jobs"), ("expiry", "stages")):
        first, *others = read(root / ".azuredevops" / f"{name}.yml")[key]
        assert key[:-1] in first
        assert all("template" in one or all("if ne(" in part for part in one) for one in others)


def test_what_has_expired_is_removed_behind_an_approval(workflows: dict[str, Any]) -> None:
    expiry = workflows["expiry"]
    assert set(expiry["on"]) == {"schedule", "workflow_dispatch"}, "never for a pull request, never on a push"
    listed, remove = expiry["jobs"]["expired"], expiry["jobs"]["remove"]
    assert "environment" not in listed, "who lists signs in nowhere"
    assert "github.ref == 'refs/heads/main'" in listed["if"]
    assert remove["needs"] == "expired"
    assert remove["environment"] == "${{ matrix.environment }}", "whose reviewers approve"
    assert (
        remove["strategy"]["matrix"]["environment"] == "${{ fromJSON(needs.expired.outputs.environments) }}"
    )
    assert remove["concurrency"]["cancel-in-progress"] is False
    assert remove["steps"][0]["with"]["ref"] == "main", "an approval may come after a spec got more time"
    (run,) = [one["run"] for one in remove["steps"] if "run" in one]
    options = "--target azure --if-expired --yes --through-runner"
    assert run == f'.venv/bin/lakeplane destroy "$ENVIRONMENT" {options}'
    removing = [name for name, workflow in workflows.items() if "lakeplane destroy" in str(workflow)]
    assert removing == ["expiry"]


def test_azure_devops_removes_behind_an_approval_too(root: Path) -> None:
    folder = root / ".azuredevops"
    pipeline = read(folder / "expiry.yml")
    assert (pipeline["trigger"], pipeline["pr"]) == ("none", "none")
    assert "AzureCLI" not in str(pipeline), "who lists signs in nowhere"
    (stage,) = read(folder / "expiry-stage.yml")["stages"]
    environment = "${{ parameters.environment }}"
    assert stage["dependsOn"] == "expired"
    assert f"contains(dependencies.expired.outputs['expired.listed.expired'], '\"{environment}\"')" in (
        " ".join(stage["condition"].split())
    )
    (job,) = stage["jobs"]
    assert job["environment"] == environment, "in a stage of its own: nothing else waits for its approval"
    (step,) = steps_of(job)
    assert step["parameters"]["connection"] == f"lakeplane-{environment}"
    assert step["parameters"]["tip"] is True
    assert step["parameters"]["script"].endswith(
        'destroy "$LAKEPLANE_ENVIRONMENT" --target azure --if-expired --yes --through-runner'
    )


def test_azure_devops_removes_by_main_as_it_is_when_somebody_approves(root: Path, tmp_path: Path) -> None:
    """A run that waits has yesterday's commit, in which a spec may have less time than it has now."""
    steps = read(root / ".azuredevops" / "sign-in.yml")["steps"]
    ((step,),) = [one[key] for one in steps for key in one if key == "${{ if parameters.tip }}"]
    assert next(iter(steps[0])) == "checkout"
    assert "System.AccessToken" in step["env"]["GIT_CONFIG_VALUE_0"]
    assert "System.AccessToken" not in step["bash"], "a command line is no place for a token"

    def git(*words: str, where: Path) -> str:
        command = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words)
        return subprocess.run(command, cwd=where, capture_output=True, text=True, check=True).stdout.strip()

    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git("init", "--quiet", "--initial-branch", "main", where=origin)
    (origin / "dev.yaml").write_text("expiry: 2020-01-31\n")
    git("add", "-A", where=origin)
    git("commit", "--quiet", "-m", "as it was", where=origin)
    git("clone", "--quiet", str(origin), str(clone), where=tmp_path)
    git("checkout", "--quiet", "--detach", where=clone)
    (origin / "dev.yaml").write_text("expiry: 2998-01-31\n")
    git("commit", "--quiet", "-am", "more time", where=origin)
    done = subprocess.run(
        ["bash", "-c", step["bash"]], cwd=clone, env={"PATH": os.environ["PATH"], **step["env"]}, check=False
    )
    assert done.returncode == 0
    assert (clone / "dev.yaml").read_text() == "expiry: 2998-01-31\n"
    shutil.rmtree(origin)
    failed = subprocess.run(["bash", "-c", step["bash"]], cwd=clone, capture_output=True, check=False)
    assert failed.returncode != 0, "whoever can't look removes nothing"


def test_both_drift_pipelines_leave_the_layer_to_one_script(root: Path, workflows: dict[str, Any]) -> None:
    steps = workflows["drift"]["jobs"]["drift"]["steps"]
    assert [one["run"] for one in steps if "run" in one] == ['.ci/drift "$ENVIRONMENT"']
    job = (root / ".azuredevops" / "drift-job.yml").read_text()
    assert '.ci/drift "$LAKEPLANE_ENVIRONMENT"' in job
    assert "grep" not in job


def test_comments_in_azure_repos_come_from_another_project(root: Path) -> None:
    """In the same repository it would run as the pull request has it; in its project, with its rights."""
    pipeline = read(root / ".azuredevops" / "comment.yml")
    (source,) = pipeline["resources"]["pipelines"]
    assert source["project"]
    (stage,) = source["trigger"]["stages"]
    stages = read(root / ".azuredevops" / "preview.yml")["stages"]
    assert stages[0]["stage"] == stage == "preview"
    (published,) = [step for step in steps_of(stages[0]) if "publish" in step]
    (downloaded,) = [step for step in pipeline["steps"] if "download" in step]
    assert published["artifact"] == downloaded["artifact"]
    (look,) = [step for step in steps_of(stages[0]) if step.get("name") == "look"]
    assert ".ci/preview" in look["bash"]
    assert "|| code=$?" in look["bash"], "errors in previews don't fail the stage that the poster waits for"
    assert "look.code" in str(stages[1]), "but the next one"


@pytest.mark.parametrize(("said", "code"), [("0", 0), ("1", 1), ("", 1), ("$(code)", 1)])
def test_a_preview_with_errors_fails_the_run(root: Path, said: str, code: int) -> None:
    stages = read(root / ".azuredevops" / "preview.yml")["stages"]
    (step,) = [step for step in steps_of(stages[1]) if "bash" in step]
    assert bash(step["bash"], {"CODE": said}) == code


@pytest.mark.parametrize(
    ("touched", "results", "code"),
    [
        ("[]", {}, 0),
        ('["dev", "team-one"]', {"RESULT_DEV": "Succeeded", "RESULT_TEAM_ONE": "SucceededWithIssues"}, 0),
        ('["dev"]', {"RESULT_DEV": "Succeeded", "RESULT_PROD": "Skipped"}, 0),
        ('["dev", "prod"]', {"RESULT_DEV": "Succeeded", "RESULT_PROD": "Skipped"}, 1),
        ('["dev"]', {"RESULT_DEV": "Failed"}, 1),
        ('["dev"]', {}, 1),
        ("", {}, 1),
    ],
)
def test_a_run_that_left_something_out_is_no_success(
    root: Path, touched: str, results: dict[str, str], code: int
) -> None:
    (stage,) = read(root / ".azuredevops" / "verdict.yml")["stages"]
    (step,) = [step for step in steps_of(stage) if "bash" in step]
    assert bash(step["bash"], {"TOUCHED": touched, **results}) == code
    assert stage["condition"] == "always()"


def bash(script: str, variables: dict[str, str]) -> int:
    """Run a step's script, and return its exit code."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, check=False
    ).returncode


def test_commands_of_workflows_exist(root: Path) -> None:
    """Every `lakeplane VERB` and every script that a workflow names is there."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in (".github", ".azuredevops", ".ci")
        for path in (root / folder).rglob("*")
        if path.is_file()
    )
    help_text = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    ).stdout
    verbs = set(re.findall(r'bin/lakeplane(?:\}")? (\w+)', text)) | set(
        re.findall(r'"\$lakeplane" (\w+)', text)
    )
    assert verbs >= {"affected", "destroy", "drift", "expired", "preflight", "preview", "up"}
    assert {verb for verb in verbs if not re.search(rf"^\W*{verb}\b", help_text, re.MULTILINE)} == set()
    for script in set(re.findall(r"(?<![\w/])\.ci/[\w-]+", text)):
        assert (root / script).is_file(), script
    assert shutil.which("bash")
