"""The runner's image, as far as it can be tried without a container engine.

What the recipe says is read; what it installs is installed by its own commands in another folder
(`-m slow`), and what a job would run is run as a process there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lakeplane.components.placement import Placement
from lakeplane.components.runner import Runner, RunnerArgs
from lakeplane.engine.binaries import PULUMI_VERSION
from lakeplane.engine.plugins import needed_plugins
from lakeplane.errors import SetupError
from lakeplane.image import fingerprint_of, lay_out_runner, require_sources
from lakeplane.layout import ProjectLayout, find_project
from lakeplane.render import render

PROJECT = find_project(Path(__file__).parent)
RECIPE = PROJECT.root / "infra" / "lakeplane" / "image" / "runner.Dockerfile"
IMAGE = f"registry.contoso.example/lakeplane/runner@sha256:{'a' * 64}"
HUB = """\
kind: hub
name: hub
runner:
  cpu: 2
"""


def stages() -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage of the recipe, without comments, lines joined."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", RECIPE.read_text(), flags=re.M))
    found: list[list[tuple[str, str]]] = []
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        if word and found:
            found[-1].append((word, rest))
    return found


def of(stage: list[tuple[str, str]], word: str) -> str:
    return [rest for one, rest in stage if one == word][-1]


def environment_of(stage: list[tuple[str, str]]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in shlex.split(of(stage, "ENV")))


def test_nothing_of_the_image_runs_as_root_or_comes_by_a_tag() -> None:
    build, final = stages()
    assert {of(stage, "FROM").partition(" AS ")[0] for stage in (build, final)} == {"${BASE}"}
    assert re.search(r"^ARG BASE$", RECIPE.read_text(), re.MULTILINE), (
        "the base has no default that could move"
    )
    assert of(final, "USER") == "10001:10001"
    assert "RUN" not in {word for word, _ in final}, "nothing is made in what is shipped"
    assert "ADD" not in {word for stage in (build, final) for word, _ in stage}
    installs = re.findall(r"pip install ([^&]+)", " ".join(rest for word, rest in build if word == "RUN"))
    assert len(installs) == 2
    assert "--only-binary :all: --require-hashes" in installs[0]
    assert "--no-index --no-deps --no-build-isolation" in installs[1]
    assert "://" not in " ".join(rest for _, rest in build)


def test_what_a_run_writes_to_is_its_users_and_nothing_else_is() -> None:
    build, final = stages()
    owned = re.findall(r"chown -R 10001:10001 (.*)", " ".join(rest for word, rest in build if word == "RUN"))
    variables = environment_of(final)
    assert owned[0].split() == ["/lakeplane/.lakeplane", "/lakeplane/stacks/config", variables["PULUMI_HOME"]]
    assert variables["HOME"] == variables["TMPDIR"] == "/tmp"
    assert {name: environment_of(build)[name] for name in ("LAKEPLANE_CACHE", "PULUMI_HOME")} == {
        name: variables[name] for name in ("LAKEPLANE_CACHE", "PULUMI_HOME")
    }, "what was brought is found"


def test_the_job_starts_what_the_image_has() -> None:
    def program() -> None:
        placement = Placement(
            resource_group_id="/subscriptions/s/resourceGroups/g",
            resource_group_name="g",
            location="westeurope",
            tags={},
        )
        arguments = RunnerArgs(
            placement=placement,
            environment_name="cae",
            job_names={"prod": "caj-prod"},
            identity_names={"prod": "id-prod"},
            subnet_id="s",
            log_workspace_id="w",
            image=IMAGE,
        )
        Runner("runner", arguments)

    job = render(program, project="lakeplane", stack="test").one("azure-native:app:Job").inputs
    (container,) = job["template"]["containers"]
    final = stages()[-1]
    assert container["command"] == json.loads(of(final, "ENTRYPOINT"))
    assert environment_of(final)["PATH"].startswith(f"{of(final, 'WORKDIR')}/.venv/bin:/opt/kubelogin:")
    assert not {one["name"] for one in container["env"]} & {"PATH", "HOME", "LAKEPLANE_CACHE", "PULUMI_HOME"}


@pytest.fixture
def small(tmp_path: Path) -> ProjectLayout:
    """Make a project with a little of everything that counts, and of what does not."""
    files = {
        "Pulumi.yaml": "name: lakeplane",
        "README.md": "words",
        "pyproject.toml": "",
        "requirements-runner.lock": "a==1",
        "infra/lakeplane/__init__.py": "",
        "infra/lakeplane/README.md": "words",
        "policies/__main__.py": "",
        "stacks/__main__.py": "",
        "stacks/config/Pulumi.prod.contents.yaml": "encryptedkey: k",
        "stacks/environments/hub.yaml": HUB,
        "stacks/environments/prod.yaml": "name: prod",
        "workloads/pyproject.toml": "",
        # What this machine keeps.
        "infra/lakeplane/__pycache__/x.cpython-311.pyc": "x",
        "stacks/config/Pulumi.local.contents.yaml": "salt",
        "workloads/.venv/bin/python": "x",
        "tests/test_x.py": "x",
    }
    for name, text in files.items():
        path = tmp_path / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return ProjectLayout(tmp_path / "small")


def test_the_image_a_hub_names_is_no_part_of_what_it_is_made_of(small: ProjectLayout) -> None:
    spec, before = small.environments / "hub.yaml", fingerprint_of(small)
    spec.write_text(f"{HUB}  image: {IMAGE}\n")
    assert fingerprint_of(small) == before
    spec.write_text(f"{HUB}  image: {IMAGE}\n  memory_gb: 4\n")
    assert fingerprint_of(small) != before


@pytest.mark.parametrize(
    "name",
    [
        "Pulumi.yaml",
        "requirements-runner.lock",
        "infra/lakeplane/__init__.py",
        "infra/lakeplane/new.py",
        "stacks/config/Pulumi.prod.contents.yaml",
        "stacks/environments/prod.yaml",
        "policies/__main__.py",
        "workloads/pyproject.toml",
    ],
)
def test_whatever_a_deployment_is_made_of_counts(small: ProjectLayout, name: str) -> None:
    before = fingerprint_of(small)
    (small.root / name).write_text("changed")
    assert fingerprint_of(small) != before


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "infra/lakeplane/README.md",
        "infra/lakeplane/__pycache__/x.cpython-311.pyc",
        "stacks/config/Pulumi.local.contents.yaml",
        "workloads/.venv/bin/python",
        "tests/test_x.py",
    ],
)
def test_what_one_machine_keeps_and_people_read_does_not(small: ProjectLayout, name: str) -> None:
    before = fingerprint_of(small)
    (small.root / name).write_text("changed")
    assert fingerprint_of(small) == before


def test_the_image_holds_the_project_and_nothing_of_this_machine(
    small: ProjectLayout, tmp_path: Path
) -> None:
    tag = lay_out_runner(small, tmp_path / "one")
    (small.root / "Pulumi.yaml").touch()
    assert lay_out_runner(small, tmp_path / "two") == tag
    archives = [(tmp_path / name / "project.tar").read_bytes() for name in ("one", "two")]
    assert archives[0] == archives[1], "the same sources make the same bytes"
    with tarfile.open(tmp_path / "one" / "project.tar") as packed:
        names = set(packed.getnames())
        packed.extractall(tmp_path / "unpacked", filter="data")
    assert "stacks/config/Pulumi.prod.contents.yaml" in names, "it holds the stack's encrypted key"
    assert not [
        name for name in names if "cache" in name or ".local." in name or "venv" in name or "test" in name
    ]
    unpacked = ProjectLayout(tmp_path / "unpacked")
    assert fingerprint_of(unpacked) == fingerprint_of(small)
    require_sources(unpacked, fingerprint_of(small))
    require_sources(unpacked, None)


def test_what_git_does_not_know_stays_on_this_machine(small: ProjectLayout, tmp_path: Path) -> None:
    git = ["git", "-C", str(small.root), "-c", "user.name=a", "-c", "user.email=a@contoso.example"]
    (small.root / ".gitignore").write_text("__pycache__/\n.venv/\nPulumi.local.*\n*.pem\n")
    walked = fingerprint_of(small)
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    assert fingerprint_of(small) == walked, "an image has no git, and is of the same sources"

    (small.root / "infra" / "key.pem").write_text("private")
    (small.root / "workloads" / "passwd").symlink_to("/etc/passwd")
    subprocess.run([*git, "add", "workloads/passwd"], check=True)
    lay_out_runner(small, tmp_path / "one")
    with tarfile.open(tmp_path / "one" / "project.tar") as packed:
        assert not {"infra/key.pem", "workloads/passwd"} & set(packed.getnames())
    assert fingerprint_of(small) == walked

    (small.root / "stacks" / "credentials.json").write_text("{}")
    with pytest.raises(SetupError) as failure:
        lay_out_runner(small, tmp_path / "two")
    (finding,) = failure.value.findings
    assert (finding.code, finding.detail) == ("RNR009", "found stacks/credentials.json")
    assert not (tmp_path / "two").exists()


def test_a_run_of_other_sources_is_refused(small: ProjectLayout) -> None:
    wanted = fingerprint_of(small)
    (small.environments / "prod.yaml").write_text("name: prod\ntier: prod\n")
    with pytest.raises(SetupError) as failure:
        require_sources(small, wanted)
    (finding,) = failure.value.findings
    assert finding.code == "RNR003"
    assert wanted in finding.detail
    assert fingerprint_of(small) in finding.detail


def test_a_project_without_its_lock_makes_no_image(small: ProjectLayout, tmp_path: Path) -> None:
    (small.root / "requirements-runner.lock").unlink()
    with pytest.raises(SetupError, match=r"requirements-runner\.lock") as failure:
        lay_out_runner(small, tmp_path / "one")
    assert failure.value.findings[0].code == "IMG001"


def test_each_sdk_has_its_plugin_in_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in takes what the CLI documents: `pulumi plugin install resource NAME VERSION`."""
    wanted = {plugin.name: plugin.version for plugin in needed_plugins()}
    pins = dict(
        re.findall(
            r"^pulumi-([a-z-]+)==([^\s;\\\\]+)", (PROJECT.root / "requirements-runner.lock").read_text(), re.M
        )
    )
    assert wanted == {name: pins[name] for name in ("azure-native", "databricks", "kubernetes")}
    seen, program = tmp_path / "seen", tmp_path / "pulumi"
    script = (
        f"#!{sys.executable}\nimport sys\n"
        f"if sys.argv[1] == 'version':\n    print('v{PULUMI_VERSION}')\n    sys.exit()\n"
        f"open({str(seen)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))\n"
        "if 'kubernetes' in sys.argv:\n    sys.exit('error: 403 HTTP error fetching plugin')\n"
    )
    program.write_text(script)
    (tmp_path / "pulumi-language-python").write_text("")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    command = [str(Path(sys.executable).with_name("lakeplane")), "engine", "install", "--plugins"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert seen.read_text().splitlines() == [
        f"plugin install resource {name} {wanted[name]}"
        for name in ("azure-native", "databricks", "kubernetes")
    ]
    assert done.returncode == 1, "an image without a plugin is none"
    assert "error[SET042]" in done.stderr
    assert "403 HTTP error" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_recipes_own_commands_make_what_a_job_runs(tmp_path: Path) -> None:
    """The commands of the first stage, but what needs Pulumi's releases, in a folder that stands for `/`."""
    lay_out_runner(PROJECT, tmp_path / "build")
    sources = fingerprint_of(PROJECT)
    build, final = stages()
    install, programs = (rest for word, rest in build if word == "RUN")
    kubelogin = programs.partition(" && ")[0].replace("--plugins ", "")
    for command in (install, kubelogin):
        here = re.sub(r"(?<![\w.])/(build|lakeplane|opt)\b", rf"{tmp_path}/\1", command)
        here = here.replace("&& python -m", f"&& {sys.executable} -m")
        done = subprocess.run(["sh", "-c", here], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
    told = subprocess.run(
        [tmp_path / "opt" / "kubelogin" / "kubelogin", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "v0.2." in told.stdout
    project = ProjectLayout(tmp_path / "lakeplane")
    variables = {
        **environment_of(final),
        "PATH": f"{project.root}/.venv/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LAKEPLANE_CACHE": os.environ.get("LAKEPLANE_CACHE", str(Path.home() / ".cache" / "lakeplane")),
        "PULUMI_HOME": str(tmp_path / "pulumi-home"),
        "LAKEPLANE_RUNNER": "true",
        "AZURE_CLIENT_ID": "c11e0000-0000-4000-8000-000000000001",
        "IDENTITY_ENDPOINT": "http://127.0.0.1:9/msi/token",
        "IDENTITY_HEADER": "h",
        "NO_COLOR": "1",
    }

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        (entry,) = json.loads(of(final, "ENTRYPOINT"))
        command = [str(project.root / ".venv" / "bin" / entry), *words]
        environment = {**variables, **more}
        return subprocess.run(
            command,
            cwd=project.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    preview: dict[str, Any] = json.loads(run("preview", "prod", "--format", "json").stdout)
    assert preview["environment"] == "prod", "without the simulated cloud's packages"
    up = ("up", "prod", "--target", "azure", "--layer", "contents")
    assert "error[RNR003]" in run(*up, LAKEPLANE_SOURCES="0" * 16).stderr
    own = run(*up, LAKEPLANE_SOURCES=sources)
    assert "error[RNR001]" in own.stderr, "of the right sources; no identity answers here"
