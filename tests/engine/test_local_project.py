"""The local target works beside the user's stack settings, never in them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lakeplane.engine import local_environment, write_local_project
from lakeplane.engine.local_project import write_local_settings
from lakeplane.errors import SpecError
from lakeplane.layout import ProjectLayout

from .conftest import STACK, Tiny

LayOut = Callable[[Path], ProjectLayout]

# What a team keeps of the same stack on Azure; nothing here can be opened on this machine.
AZURE = """\
secretsprovider: azurekeyvault://kv-contoso.vault.azure.net/keys/state
encryptedkey: bm90IGEga2V5
config:
  tiny:colour: green
  tiny:token:
    secure: v1:abc:def
  tiny:nested:
    plain: 1
    deep: [{secure: v1:abc:def}]
  lakeplane:spec: ../elsewhere.yaml
"""


def _settings(project: ProjectLayout) -> Path:
    return project.stacks / "config" / f"Pulumi.{STACK}.yaml"


def _read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text())


def _users_files(project: ProjectLayout) -> dict[str, bytes]:
    return {
        str(path.relative_to(project.root)): path.read_bytes()
        for path in sorted(project.root.rglob("*"))
        if path.is_file() and not path.is_relative_to(project.private) and "__pycache__" not in path.parts
    }


def _pulumi(tiny: Tiny, *arguments: str) -> str:
    """Run plain `pulumi` in the user's project, with what `lakeplane local env` exports."""
    path = os.pathsep.join([*map(str, tiny.binaries.path), os.environ["PATH"]])
    done = subprocess.run(
        [str(tiny.binaries.pulumi), "--non-interactive", *arguments],
        cwd=tiny.layout.root,
        env={**os.environ, **local_environment(tiny.layout, "local", tiny.ports), "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.engine
def test_up_and_destroy_touch_no_file_of_the_user(tiny: Tiny) -> None:
    tiny.write_program(
        "import pulumi\nconfig = pulumi.Config('tiny')\n"
        "pulumi.export('colour', config.require('colour'))\npulumi.export('token', config.get('token'))\n"
    )
    _settings(tiny.layout).write_text(AZURE)
    before = _users_files(tiny.layout)
    engine = tiny.engine()
    engine.point_at(STACK, tiny.layout.environments / "local.yaml")
    assert engine.up(STACK).changes == {"create": 1}
    assert engine.outputs(STACK)["colour"] == "green"
    assert "token" not in engine.outputs(STACK), "a secret of another provider is not there"
    assert tiny.engine().up(STACK).changes == {"same": 1}
    assert _users_files(tiny.layout) == before
    last = tiny.engine()
    last.destroy(STACK)
    last.remove(STACK)
    assert _users_files(tiny.layout) == before


@pytest.mark.engine
def test_plain_pulumi_and_the_local_target_work_on_one_state(tiny: Tiny) -> None:
    """A checkout from before the local target had settings of its own begins with the first of these."""
    _pulumi(tiny, "stack", "init", STACK)
    _pulumi(tiny, "up", "--yes", "--skip-preview", "--stack", STACK)
    salt = _read(_settings(tiny.layout))["encryptionsalt"]
    assert tiny.engine().up(STACK).changes == {"same": 2}
    own = tiny.layout.environment("local").project / "config" / f"Pulumi.{STACK}.yaml"
    assert _read(own)["encryptionsalt"] != salt
    _pulumi(tiny, "preview", "--expect-no-changes", "--stack", STACK)
    _pulumi(tiny, "up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)
    assert _pulumi(tiny, "stack", "output", "token", "--show-secrets", "--stack", STACK) == "never-shown\n"
    assert tiny.engine().up(STACK).changes == {"same": 2}
    assert _read(_settings(tiny.layout)) == {"encryptionsalt": salt}


@pytest.mark.engine
@pytest.mark.parametrize(
    "torn",
    [
        "encryptionsalt: v1:H5k",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("", "encryptionsalt: [", "\0\0\0")),
    ],
)
def test_settings_that_a_killed_engine_left_half_written_are_made_again(tiny: Tiny, torn: str) -> None:
    tiny.engine().up(STACK)
    directory = tiny.layout.environment("local").project
    (directory / "config" / f"Pulumi.{STACK}.yaml").write_text(torn)
    (directory / "Pulumi.yaml").write_text(torn)
    assert tiny.engine().up(STACK).changes == {"same": 2}


def test_the_project_file_is_the_users_with_its_paths_led_back(tmp_path: Path, lay_out_tiny: LayOut) -> None:
    project = lay_out_tiny(tmp_path)
    file = tmp_path / "Pulumi.yaml"
    file.write_text(
        file.read_text().replace("tiny\n", "tiny\nbackend: {url: 's3://state'}\nconfig: {tiny:colour: red}\n")
        + 'requiredPulumiVersion: ">=3.1"\nplugins: {providers: [{name: probe, path: bin}, {name: other}]}\n'
    )
    directory = write_local_project(project, "local")
    written = _read(directory / "Pulumi.yaml")
    assert (directory / written["main"]).resolve() == tmp_path / "stacks"
    virtual = written["runtime"]["options"]["virtualenv"]
    assert (directory / virtual).resolve() == tmp_path / ".venv"
    probe, other = written["plugins"]["providers"]
    assert (directory / probe["path"]).resolve() == tmp_path / "bin"
    assert other == {"name": "other"}
    assert (written["name"], written["requiredPulumiVersion"]) == ("tiny", ">=3.1")
    assert written["config"] == {"tiny:colour": "red"}
    assert "backend" not in written, "the local target has its own"
    assert written["stackConfigDir"] == "config"


def test_settings_carry_what_is_plain_and_the_spec_that_was_told(
    tmp_path: Path, lay_out_tiny: LayOut
) -> None:
    project = lay_out_tiny(tmp_path)
    _settings(project).write_text(AZURE + "  flavour: [a, 2, true]\n")
    write_local_project(project, "local")
    own = project.environment("local").project / "config" / f"Pulumi.{STACK}.yaml"
    plain = {"tiny:colour": "green", "tiny:flavour": ["a", 2, True]}
    write_local_settings(project, STACK)
    assert _read(own) == {"config": plain}
    write_local_settings(project, STACK, tmp_path / "mine" / "local.yaml")
    assert _read(own) == {"config": {**plain, "lakeplane:spec": "../mine/local.yaml"}}
    write_local_settings(project, STACK)
    assert _read(own)["config"]["lakeplane:spec"] == "../mine/local.yaml", "it holds until another is told"
    write_local_settings(project, STACK, project.environments / "local.yaml")
    assert _read(own) == {"config": plain}


def test_settings_that_cannot_be_read_are_a_finding_with_its_place(
    tmp_path: Path, lay_out_tiny: LayOut
) -> None:
    project = lay_out_tiny(tmp_path)
    _settings(project).write_text("config:\n  tiny:colour: [green\n")
    write_local_project(project, "local")
    with pytest.raises(SpecError) as failure:
        write_local_settings(project, STACK)
    (finding,) = failure.value.findings
    assert finding.location is not None
    assert finding.location.file == str(_settings(project))
