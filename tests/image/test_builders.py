"""Building the image: which builder is taken, what it is told, and what is made of what it says.

No container engine runs here. Programs of their names stand in, which take the arguments that the real ones
document and nothing else, look at the context, and answer as the real ones do.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeplane.errors import SetupError
from lakeplane.image import BUILDERS, ImageName, find_builder, lay_out_context
from lakeplane.image.builders import sign_in
from lakeplane.layout import find_project
from lakeplane.spec import load_spec
from lakeplane.spec.hub import load_hub
from lakeplane.spec.template import starter

DIGEST = f"sha256:{'d' * 64}"
BASE = f"docker.io/library/python@sha256:{'b' * 64}"
NAME = ImageName("crcontoso.azurecr.io", "0123456789ab")
# One program for all of them, which looks at the name that it was called by.
PROGRAM = """\
import argparse, json, os, pathlib, sys
program, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
with open(os.environ["SEEN"], "a") as seen:
    seen.write(json.dumps([program, *words]) + chr(10))
if os.environ.get("FAILS") in words:
    print("denied: client with IP '198.51.100.7' is not allowed access")
    sys.exit(1)
digest = os.environ["DIGEST"]


def parse(*names, **positional):
    parser = argparse.ArgumentParser(exit_on_error=True, allow_abbrev=False)
    for name in names:
        parser.add_argument(name, required=not name.startswith("--agent"))
    parser.add_argument("--push", action="store_true")
    for name in positional:
        parser.add_argument(name)
    return vars(parser.parse_args(words))


def look(context):
    found = sorted(path.suffix or path.name for path in pathlib.Path(context).iterdir())
    assert found in ([".lock", ".whl", "Dockerfile"], [".lock", ".tar", "Dockerfile"]), found


if program == "docker" and words[:2] == ["buildx", "version"] or words[:1] in (["info"], ["version"]):
    sys.exit(0)
if words[:2] == ["account", "show"]:
    sys.exit(0)
if program == "docker" and words[:2] == ["buildx", "build"]:
    words = words[2:]
    given = parse("--platform", "--build-arg", "--tag", "--metadata-file", context=1)
    assert given["push"]
    look(given["context"])
    pathlib.Path(given["metadata_file"]).write_text(json.dumps({"containerimage.digest": digest}))
elif program in ("podman", "buildah") and words[0] == "build":
    words = words[1:]
    given = parse("--format", "--platform", "--build-arg", "--tag", context=1)
    assert given["format"] == "docker"
    look(given["context"])
elif program in ("podman", "buildah") and words[0] == "push":
    words = words[1:]
    given = parse("--digestfile", image=1)
    pathlib.Path(given["digestfile"]).write_text(digest)
elif program == "az" and words[:2] == ["acr", "build"]:
    words = words[2:]
    given = parse("--registry", "--image", "--platform", "--build-arg", "--agent-pool", context=1)
    look(given["context"])
elif program == "az" and words[:3] == ["acr", "repository", "show"]:
    words = words[3:]
    parse("--name", "--image", "--query", "--output")
    print(digest)
elif program == "az" and words[:2] == ["acr", "login"]:
    print("a-token")
elif words[0] == "login":
    assert sys.stdin.read() == "a-token"
else:
    sys.exit(f"{program} knows no {words}")
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put programs of some names on an otherwise empty path; return where they note what they are told."""
    folder, seen = tmp_path / "bin", tmp_path / "seen"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("SEEN", str(seen))
    monkeypatch.setenv("DIGEST", DIGEST)

    def put(*names: str) -> Path:
        for name in names:
            path = folder / name
            path.write_text(f"#!{sys.executable}\n{PROGRAM}")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return seen

    return put


def told(seen: Path) -> list[list[str]]:
    return [json.loads(line) for line in seen.read_text().splitlines()]


@pytest.fixture
def context(tmp_path: Path) -> Path:
    place = tmp_path / "image" / "context"
    lay_out_context(find_project(Path(__file__).parent), place)
    return place


@pytest.mark.parametrize("name", ["docker", "podman", "buildah", "acr"])
def test_each_builder_builds_pushes_and_tells_the_digest(
    name: str, programs: Callable[..., Path], context: Path, tmp_path: Path
) -> None:
    seen = programs(BUILDERS[name].program)
    said: list[str] = []
    pool = "vnet" if name == "acr" else None
    image = find_builder(name, pool).build(
        context, NAME, BASE, said.append, log=tmp_path / "log", agent_pool=pool
    )
    assert image == f"crcontoso.azurecr.io/lakeplane/scoring-service@{DIGEST}"
    words = [word for command in told(seen) for word in command]
    assert f"BASE={BASE}" in words
    assert "linux/amd64" in words
    assert ("--agent-pool" in words) == (name == "acr")


def test_the_first_builder_that_works_is_taken(programs: Callable[..., Path]) -> None:
    with pytest.raises(SetupError, match="no builder of images is here"):
        find_builder(None, None)
    programs("buildah", "az")
    assert find_builder(None, None).name == "buildah"
    assert find_builder(None, "vnet").name == "acr", "agents are the registry's"
    programs("docker")
    assert find_builder(None, None).name == "docker"
    with pytest.raises(SetupError, match="podman is not installed"):
        find_builder("podman", None)


def test_a_registry_without_agents_is_not_asked_to_build(programs: Callable[..., Path]) -> None:
    programs("az")
    with pytest.raises(SetupError) as failure:
        find_builder(None, None)
    (finding,) = failure.value.findings
    assert finding.code == "IMG003"
    for way in ("docker with buildx", "--agent-pool NAME", "--context DIR", "lakeplane pin"):
        assert way in finding.remedy


def test_a_failed_build_shows_its_last_words_and_names_its_log(
    programs: Callable[..., Path], context: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("podman")
    monkeypatch.setenv("FAILS", "push")
    with pytest.raises(SetupError) as failure:
        find_builder("podman", None).build(context, NAME, BASE, lambda _: None, log=tmp_path / "log")
    (finding,) = failure.value.findings
    assert finding.code == "IMG004"
    assert "client with IP '198.51.100.7' is not allowed access" in finding.detail
    assert str(tmp_path / "log") in finding.remedy


def test_a_builder_that_tells_no_digest_is_not_believed(
    programs: Callable[..., Path], context: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("docker")
    monkeypatch.setenv("DIGEST", "latest")
    with pytest.raises(SetupError) as failure:
        find_builder("docker", None).build(context, NAME, BASE, lambda _: None, log=tmp_path / "log")
    assert failure.value.findings[0].code == "IMG005"


def test_a_token_signs_in_through_a_pipe(programs: Callable[..., Path]) -> None:
    seen = programs("docker", "az")
    assert sign_in(BUILDERS["docker"], "crcontoso.azurecr.io")
    assert "a-token" not in seen.read_text(), "never among the arguments"
    assert not sign_in(BUILDERS["docker"], "registry.contoso.example"), "its own log-in has to do"
    assert not sign_in(BUILDERS["acr"], "crcontoso.azurecr.io"), "az has its own"


def test_the_same_sources_have_the_same_tag(tmp_path: Path) -> None:
    project = find_project(Path(__file__).parent)
    first = lay_out_context(project, tmp_path / "one")
    assert lay_out_context(project, tmp_path / "two") == first
    assert lay_out_context(project, tmp_path / "one") == first, "an earlier context is replaced"


def test_a_directory_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(SetupError) as failure:
        lay_out_context(find_project(Path(__file__).parent), tmp_path)
    assert failure.value.findings[0].code == "IMG002"
    assert (tmp_path / "thesis.txt").read_text() == "x"


def test_build_writes_the_digest_into_the_spec(programs: Callable[..., Path], tmp_path: Path) -> None:
    programs("docker")
    project = find_project(Path(__file__).parent)
    mine = tmp_path / "project"
    (mine / "stacks" / "environments").mkdir(parents=True)
    (mine / "Pulumi.yaml").write_text((project.root / "Pulumi.yaml").read_text())
    (mine / "workloads").symlink_to(project.root / "workloads")
    spec = mine / "stacks" / "environments" / "team1.yaml"
    spec.write_text(starter("team1"))

    def build(*words: str) -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).with_name("lakeplane"))
        return subprocess.run(
            [program, "image", "build", "team1", *words],
            cwd=mine,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    done = build("--base", BASE, "--format", "json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    image = load_spec(spec).serving.image
    assert image == answer["image"]
    assert image is not None
    assert image.startswith("crcontosoteam1")
    assert image.endswith(f"/lakeplane/scoring-service@{DIGEST}")
    assert spec.read_text().startswith(starter("team1"))
    by_tag = build("--no-write", "--registry", "registry.contoso.example")
    assert by_tag.returncode == 0, by_tag.stderr
    assert "warning[IMG006]" in by_tag.stderr
    assert "registry.contoso.example/lakeplane/scoring-service@" in by_tag.stdout
    assert load_spec(spec).serving.image == image


@pytest.fixture
def own_project(tmp_path: Path) -> Path:
    """Make a project of its own that shares the sources, with a hub and an environment behind it."""
    root, mine = find_project(Path(__file__).parent).root, tmp_path / "mine"
    (mine / "stacks" / "environments").mkdir(parents=True)
    for name in ("Pulumi.yaml", "pyproject.toml", "README.md", "LICENSE", "requirements-runner.lock"):
        (mine / name).write_text((root / name).read_text())
    for name in ("infra", "policies", "workloads", "stacks/__main__.py"):
        (mine / name).symlink_to(root / name)
    for name in ("hub", "prod"):
        spec = mine / "stacks" / "environments" / f"{name}.yaml"
        spec.write_text((root / "stacks" / "environments" / spec.name).read_text())
    return mine


def lakeplane(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *words],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_runners_image_is_written_into_the_hub(programs: Callable[..., Path], own_project: Path) -> None:
    seen = programs("docker")
    spec = own_project / "stacks" / "environments" / "hub.yaml"
    before = spec.read_text()
    words = ("image", "runner", "hub", "--base", BASE, "--format", "json")
    done = lakeplane(own_project, *words, "--registry", "registry.contoso.example")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    image = f"registry.contoso.example/lakeplane/runner@{DIGEST}"
    runner = load_hub(spec).runner
    assert runner is not None
    assert runner.image == answer["image"] == image
    assert [line for line in before.splitlines() if line not in spec.read_text().splitlines()] == [
        "runner: {}"
    ]
    again = lakeplane(own_project, *words, "--no-write")
    assert again.returncode == 0, again.stderr
    tags = [words[words.index("--tag") + 1] for words in told(seen) if "--tag" in words]
    assert tags[0].startswith("registry.contoso.example/lakeplane/runner:")
    assert tags == [tags[0]] * 2, "the digest in the spec is no part of what the image is made of"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("image", "runner", "prod", "--registry", "r.example"), "IMG007"),
        (("image", "runner", "hub"), "IMG009"),
    ],
)
def test_an_image_for_nobody_or_nowhere_is_a_finding(
    own_project: Path, words: tuple[str, ...], code: str
) -> None:
    done = lakeplane(own_project, *words)
    assert done.returncode == 1
    assert f"error[{code}]" in done.stderr


def test_a_hub_without_a_runner_needs_no_image(own_project: Path) -> None:
    spec = own_project / "stacks" / "environments" / "hub.yaml"
    spec.write_text(spec.read_text().replace("runner: {}\n", ""))
    done = lakeplane(own_project, "image", "runner", "hub", "--registry", "r.example")
    assert "error[IMG008]" in done.stderr


def test_an_image_built_elsewhere_is_pinned_to_the_hub(own_project: Path) -> None:
    image = f"registry.contoso.example/lakeplane/runner@{DIGEST}"
    done = lakeplane(own_project, "pin", "hub", "--image", image)
    assert done.returncode == 0, done.stderr
    runner = load_hub(own_project / "stacks" / "environments" / "hub.yaml").runner
    assert runner is not None
    assert runner.image == image
    assert lakeplane(own_project, "pin", "hub", "--image", image, "--champion").returncode == 2
