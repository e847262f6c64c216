"""The scoring service's image, as far as it can be tried without a container engine.

What the Dockerfile says is read; what a container would run is run as a process, with its environment and its
arguments, and watched for what it writes. `-m slow` installs the locked packages alone and serves from them.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lakeplane.components.scoring_service import ScoringService, ScoringServiceArgs
from lakeplane.render import render
from lakeplane_workloads.registry import RegisteredVersion
from lakeplane_workloads.serving.sign_in import SignInError, sign_in

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "workloads"
DOCKERFILE = SOURCES / "lakeplane_workloads" / "serving" / "Dockerfile"
LOCK = SOURCES / "requirements-serving.lock"
IMAGE = f"crcontoso.azurecr.io/lakeplane/scoring-service@sha256:{'a' * 64}"
# Watches what a process writes, makes and removes.
WATCH = """\
import os, sys
_log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _note(path, directory=-1):
    if isinstance(path, (str, bytes)):
        path = os.fsdecode(path)
        place = os.getcwd() if directory in (-1, None) else os.readlink(f"/proc/self/fd/{directory}")
        os.write(_log, (os.path.join(place, path) + chr(10)).encode())


def _see(event, arguments):
    if event == "open" and (arguments[2] or 0) & _WRITES:
        _note(arguments[0])
    elif event in ("os.remove", "os.rmdir"):
        _note(*arguments)
    elif event == "os.mkdir":
        _note(arguments[0], arguments[2])
    elif event == "os.rename":
        _note(arguments[0], arguments[2])
        _note(arguments[1], arguments[3])


sys.addaudithook(_see)
"""


@dataclass
class Stage:
    """One stage of the Dockerfile: its instructions by word, the last of each, and its environment."""

    last: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def stages() -> list[Stage]:
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.M))
    found: list[Stage] = []
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append(Stage())
        if word and found:
            found[-1].last[word] = rest
            if word == "ENV":
                found[-1].environment |= dict(part.split("=", 1) for part in shlex.split(rest))
    return found


def deployed_pod() -> Mapping[str, Any]:
    """Return the pod of the component that runs the image."""

    def program() -> None:
        arguments = ScoringServiceArgs(
            client_id="c", model="dev.ml.load_forecast/3", databricks_host="https://h", image=IMAGE
        )
        ScoringService("scoring", arguments)

    graph = render(program, project="lakeplane", stack="test")
    pod: Mapping[str, Any] = graph.one("kubernetes:apps/v1:Deployment").inputs["spec"]["template"]["spec"]
    return pod


def test_nothing_of_the_image_runs_as_root_or_comes_by_a_tag() -> None:
    build, final = stages()
    text = DOCKERFILE.read_text()
    assert {stage.last["FROM"].partition(" AS ")[0] for stage in (build, final)} == {"${BASE}"}
    assert re.search(r"^ARG BASE$", text, re.MULTILINE), "the base has no default that could move"
    assert final.last["USER"] == "10001:10001"
    assert "ADD" not in {*build.last, *final.last}
    assert "RUN" not in final.last, "nothing is made in what is shipped"
    installs = re.findall(r"pip install ([^&]+)", re.sub(r"\\\n\s*", "", text))
    assert len(installs) == 2
    for install in installs:
        assert "--require-hashes" in install or "--no-index --no-deps" in install
        assert "://" not in install
    assert "--only-binary :all:" in installs[0]


def test_the_pod_runs_the_image_as_it_is_made() -> None:
    final, pod = stages()[-1], deployed_pod()
    (container,) = pod["containers"]
    assert (
        f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == final.last["USER"]
    )
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert mounts == [final.environment["TMPDIR"]] == [final.environment["HOME"]]
    assert "command" not in container, "the image's own entry point"
    port = str(container["ports"][0]["containerPort"])
    assert final.last["EXPOSE"] == port == container["args"][container["args"].index("--port") + 1]
    assert json.loads(final.last["ENTRYPOINT"]) == ["scoring-service"]
    assert json.loads(final.last["HEALTHCHECK"].partition("CMD ")[2]) == ["scoring-health"]


def test_the_lock_carries_hashes_and_no_addresses() -> None:
    text = LOCK.read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry.splitlines()[0]
    tested = dict(
        re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text(), re.M)
    )
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
        assert version == tested.get(name, version), f"{name} is tested in another version"


def test_the_lock_answers_what_the_service_asks_for() -> None:
    project = tomllib.loads((SOURCES / "pyproject.toml").read_text())["project"]
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK.read_text(), re.MULTILINE))
    for text in (*project["dependencies"], *project["optional-dependencies"]["serving"]):
        wanted = Requirement(text)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text


@dataclass(frozen=True)
class Container:
    """A process that runs as the container would."""

    process: subprocess.Popen[bytes]
    port: int
    environment: dict[str, str]
    writes: Path


def start(folder: Path, scripts: Path, mlflow_server: str, model: str) -> Container:
    """Run the image's entry point with the pod's arguments, on another port, in the image's environment."""
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    scratch, port_file = folder / "tmp", folder / "tmp" / "port"
    scratch.mkdir()
    final, (container,) = stages()[-1], deployed_pod()["containers"]
    arguments = [*container["args"]]
    arguments[arguments.index("--model") + 1] = model
    arguments[arguments.index("--host") + 1] = "127.0.0.1"
    arguments[arguments.index("--port") + 1] = "0"
    environment = {
        **final.environment,
        "PATH": os.pathsep.join([str(scripts), "/usr/bin", "/bin"]),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "MLFLOW_TRACKING_URI": mlflow_server,
        "PYTHONPATH": str(folder / "watch"),
        "WATCH_LOG": str(folder / "writes"),
    }
    (entry,) = json.loads(final.last["ENTRYPOINT"])
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [str(scripts / entry), *arguments, "--port-file", str(port_file)],
        cwd=scratch,
        env=environment,
        stdout=log,
        stderr=log,
    )
    deadline = time.monotonic() + 90
    while not port_file.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    if not port_file.is_file():
        process.kill()
        process.wait()
        raise RuntimeError((folder / "log").read_text())
    return Container(process, int(port_file.read_text()), environment, folder / "writes")


@pytest.fixture(scope="module")
def container(
    champion: RegisteredVersion, mlflow_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Container]:
    scripts = Path(sys.executable).parent
    started = start(
        tmp_path_factory.mktemp("container"), scripts, mlflow_server, f"{champion.name}/{champion.version}"
    )
    yield started
    started.process.kill()
    started.process.wait()


def test_the_health_check_tells_whether_it_serves(container: Container) -> None:
    check = [str(Path(sys.executable).with_name("scoring-health"))]
    environment = {**container.environment, "WATCH_LOG": os.devnull}
    served = subprocess.run([*check, str(container.port)], env=environment, capture_output=True, check=False)
    assert served.returncode == 0, served.stderr
    nobody = subprocess.run([*check, "1"], env=environment, capture_output=True, text=True, check=False)
    assert nobody.returncode == 1
    assert "scoring-health: " in nobody.stderr
    assert "Traceback" not in nobody.stderr


def test_it_writes_to_its_scratch_alone(container: Container) -> None:
    container.process.send_signal(signal.SIGTERM)
    assert container.process.wait(20) == 0, "it ends in order"
    scratch = container.environment["TMPDIR"]
    written = container.writes.read_text().splitlines()
    assert [path for path in written if not path.startswith((scratch, "/dev/null"))] == []
    assert written, "the model was downloaded"


class Credential:
    """Stands for Entra; notes what it was asked for."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self._error = error

    def get_token(self, *scopes: str, **_: Any) -> Any:
        self.asked += scopes
        if self._error:
            raise self._error
        return AccessToken("entra-says-so", 0)


def test_a_pod_signs_in_by_its_own_identity() -> None:
    environment = {"AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/tokens/azure-identity-token"}
    credential = Credential()
    sign_in(environment, credential)
    assert environment["DATABRICKS_TOKEN"] == "entra-says-so"
    assert credential.asked == ["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"]
    sign_in(environment, Credential(AssertionError("asked again")))
    outside: dict[str, str] = {}
    sign_in(outside, Credential(AssertionError("asked outside a pod")))
    assert outside == {}


def test_a_pod_that_entra_does_not_know_is_told_so() -> None:
    environment = {"AZURE_FEDERATED_TOKEN_FILE": "/token"}
    with pytest.raises(SignInError, match="no token for Databricks: AADSTS70021"):
        sign_in(environment, Credential(ClientAuthenticationError("AADSTS70021: no matching credential")))
    assert set(environment) == {"AZURE_FEDERATED_TOKEN_FILE"}


@pytest.mark.slow
def test_the_locked_packages_alone_serve(
    champion: RegisteredVersion, mlflow_server: str, tmp_path: Path
) -> None:
    """What the image's first stage installs, installed here; takes minutes without a cache."""
    application = tmp_path / "app"
    subprocess.run([sys.executable, "-m", "venv", str(application)], check=True)
    python = str(application / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked = ["--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK)]
    subprocess.run([*install, *locked], check=True)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=SOURCES, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    subprocess.run([*install, "--no-index", "--no-deps", str(wheel)], check=True)
    run = start(tmp_path, application / "bin", mlflow_server, f"{champion.name}@champion")
    try:
        check = [str(application / "bin" / "scoring-health"), str(run.port)]
        assert subprocess.run(check, env=run.environment, check=False).returncode == 0
        of_pods = "from mlflow.store.artifact import azure_data_lake_artifact_repo; import azure.identity"
        assert subprocess.run([python, "-c", of_pods], check=False).returncode == 0
    finally:
        run.process.send_signal(signal.SIGTERM)
        run.process.wait(20)
