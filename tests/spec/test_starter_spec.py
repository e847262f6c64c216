"""The starter spec loads as it is, and as well with every comment's key put in force."""

import re
from pathlib import Path

import pytest

from lakeplane.spec import EnvironmentSpec, load_spec
from lakeplane.spec.hub import HubSpec, load_hub
from lakeplane.spec.hub_template import hub_starter
from lakeplane.spec.template import starter
from lakeplane.spec.tiers import TIERS
from lakeplane.validation import validate

_REQUIRED = ("kind", "name", "organisation", "region", "owner", "cost_centre", "subscription", "tenant")


@pytest.mark.parametrize("tier", TIERS)
def test_starter_validates_without_findings(tier: str, tmp_path: Path) -> None:
    path = tmp_path / "team1.yaml"
    path.write_text(starter("team1", tier), encoding="utf-8")
    assert {finding.code for finding in validate(path)} == {"SRV010", "DBX014"}, (
        "nothing but what is awaited, of the spec and of others"
    )
    assert (load_spec(path).name, load_spec(path).tier) == ("team1", tier)


@pytest.mark.parametrize("tier", TIERS)
def test_starter_comments_show_what_holds_without_them(tier: str, tmp_path: Path) -> None:
    path = tmp_path / "team1.yaml"
    path.write_text(starter("team1", tier), encoding="utf-8")
    plain = load_spec(path)
    path.write_text(in_force(starter("team1", tier)), encoding="utf-8")
    spelt_out = load_spec(path)
    assert spelt_out.workloads == ("medallion", "forecasting")
    assert spelt_out.monthly_budget == 1500
    assert [one.role for one in spelt_out.role_assignments] == ["Key Vault Secrets User"]
    assert [one.name for one in spelt_out.diagnostic_settings] == ["siem"]
    examples = (
        "workloads",
        "monthly_budget",
        "expiry",
        "watch",
        "cost",
        "diagnostic_settings",
        "exceptions",
        "overrides",
        "pipelines",
        "role_assignments",
    )
    unchanged = {key: getattr(plain, key) for key in examples}
    assert spelt_out.model_copy(update=unchanged) == plain


def test_starter_shows_every_key() -> None:
    keys = set(re.findall(r"^(?:# )?(\w+):", starter("team1"), flags=re.MULTILINE))
    assert set(EnvironmentSpec.model_fields) <= keys


def test_hub_starter_validates_with_what_it_awaits_of_others(tmp_path: Path) -> None:
    path = tmp_path / "hubweu.yaml"
    path.write_text(hub_starter("hubweu"), encoding="utf-8")
    assert {finding.code for finding in validate(path)} == {"HUB010"}
    path.write_text(in_force(hub_starter("hubweu")), encoding="utf-8")
    spelt_out = load_hub(path)
    plain = HubSpec(**{key: getattr(spelt_out, key) for key in _REQUIRED})
    assert spelt_out.network == plain.network
    assert spelt_out.watch.log_retention_days == plain.watch.log_retention_days
    assert spelt_out.databricks.web_authentication == plain.databricks.web_authentication


def test_hub_starter_shows_every_key() -> None:
    keys = set(re.findall(r"^(?:# )?(\w+):", hub_starter("hub"), flags=re.MULTILINE))
    assert set(HubSpec.model_fields) <= keys


def test_starter_rejects_an_unknown_tier() -> None:
    with pytest.raises(ValueError, match="no tier 'big'; allowed: dev, test, prod"):
        starter("team1", "big")


def in_force(text: str) -> str:
    """Uncomment the lines that hold keys, and the keys' own comments one level less."""
    return re.sub(r"^# ((?:\w+:|  ).*)$", r"\1", text, flags=re.MULTILINE)
