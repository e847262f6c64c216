"""The local target's own backend, home and passphrase."""

from __future__ import annotations

from pathlib import Path

from lakeplane.engine import local_environment
from lakeplane.layout import ProjectLayout


def test_local_environment_makes_the_passphrase_once(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    first = local_environment(project, "local", {"kubernetes": 2, "databricks": 1})
    file = project.environment("local").passphrase
    passphrase = file.read_text()
    assert len(passphrase) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert local_environment(project, "local", {"kubernetes": 2, "databricks": 1}) == first
    assert file.read_text() == passphrase
    assert first["PULUMI_DEBUG_PROVIDERS"] == "databricks:1,kubernetes:2"
    assert first["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(file)
    assert passphrase not in str(first)


def test_local_environment_keeps_the_users_own_set_up_out(tmp_path: Path) -> None:
    variables = local_environment(ProjectLayout(tmp_path), "local", {})
    assert Path(variables["PULUMI_HOME"]).is_relative_to(tmp_path)
    assert variables["PULUMI_BACKEND_URL"] == (tmp_path / ".lakeplane" / "local" / "state").as_uri()


def test_local_environment_drops_a_salt_that_no_passphrase_opens(tmp_path: Path) -> None:
    """Of what git ignores alone: another environment's salt may open the secrets of its stack on Azure."""
    config = tmp_path / "stacks" / "config"
    config.mkdir(parents=True)
    own, other = config / "Pulumi.local.foundation.yaml", config / "Pulumi.dev.foundation.yaml"
    for settings in (own, other):
        settings.write_text("encryptionsalt: v1:abc=:v1:def\nconfig:\n  lakeplane:spec: x.yaml\n")
    for name in ("local", "dev"):
        local_environment(ProjectLayout(tmp_path), name, {})
    assert own.read_text() == "config:\n  lakeplane:spec: x.yaml\n"
    assert "encryptionsalt" in other.read_text(), "another environment's settings are not ours"
    own.write_text("encryptionsalt: v1:abc=:v1:def\n")
    local_environment(ProjectLayout(tmp_path), "local", {})
    assert "encryptionsalt" in own.read_text(), "a salt that belongs to the passphrase stays"
