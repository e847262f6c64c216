"""`lakeplane policy rules` and `config`, and what a preview says of a spec's own exceptions."""

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lakeplane_policies import RULES, Settings

PROJECT = Path(__file__).parents[2]
ENVIRONMENTS = PROJECT / "stacks" / "environments"


def lakeplane(*words: str, cwd: Path = PROJECT) -> Any:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(PROJECT / "Pulumi.yaml", tmp_path)
    shutil.copytree(PROJECT / "stacks", tmp_path / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "workloads").symlink_to(PROJECT / "workloads")
    return tmp_path


def test_rules_are_data_for_scripts() -> None:
    done = lakeplane("policy", "rules", "--format", "json")
    assert [one["code"] for one in json.loads(done.stdout)] == [rule.code for rule in RULES]
    assert (done.returncode, done.stderr) == (0, "")


def test_config_tells_the_pack_what_the_spec_says(tmp_path: Path) -> None:
    path = tmp_path / "max.json"
    done = lakeplane("policy", "config", str(ENVIRONMENTS / "examples" / "max.yaml"), "--output", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    document = json.loads(path.read_text(encoding="utf-8"))
    settings = Settings.from_dict(document.pop("settings"), date(2026, 1, 1))
    assert (settings.tier, settings.access_mode) == ("prod", "allow_list")
    assert [(one.rule, one.resource) for one in settings.exceptions] == [
        ("KV003", "registry-vault-vault"),
        ("KV009", "registry-vault-vault"),
    ]
    assert {rule.code: document[rule.code] for rule in RULES} == {
        rule.code: rule.tiers.prod.value for rule in RULES
    }
    assert list(tmp_path.iterdir()) == [path], "nothing half-written is left"


def test_config_of_a_hub_is_that_of_prod_behind_closed_doors() -> None:
    document = json.loads(lakeplane("policy", "config", str(ENVIRONMENTS / "hub.yaml")).stdout)
    assert (document["settings"]["tier"], document["settings"]["access_mode"]) == ("prod", "private")


def test_config_asks_for_remediation_only_where_it_is_told_to() -> None:
    plain, asked = (
        json.loads(lakeplane("policy", "config", "dev", *words).stdout) for words in ((), ("--remediate",))
    )
    changed = {code for code in plain if plain[code] != asked[code]}
    assert changed == {rule.code for rule in RULES if rule.remediation}


def test_preview_tells_of_exceptions_where_they_stand(project: Path) -> None:
    spec = project / "stacks" / "environments" / "examples" / "defaults.yaml"
    text = spec.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    spec.write_text(
        text
        + """
exceptions:
  - rule: ST999
    resource: lake-account
    reason: there is no such rule any more
    owner: data-platform@contoso.example
    until: 2030-12-31
  - rule: ST005
    resource: lake-account
    reason: it was to be open for a week
    owner: data-platform@contoso.example
    until: 2020-12-31
  - rule: ST006
    resource: lake-account
    reason: it is never broken at all
    owner: data-platform@contoso.example
    until: 2030-12-31
""",
        encoding="utf-8",
    )
    done = lakeplane("preview", str(spec), "--format", "json", cwd=project)
    told = [one for one in json.loads(done.stdout)["findings"] if one["code"].startswith("POL")]
    place = spec.relative_to(project).as_posix()
    assert [(one["code"], one["severity"], one["location"]) for one in told] == [
        ("POL001", "error", f"{place}:{lines + 3}:11"),
        ("POL002", "warning", f"{place}:{lines + 12}:12"),
        ("POL003", "warning", f"{place}:{lines + 14}:15"),
    ]
    assert done.returncode == 1
