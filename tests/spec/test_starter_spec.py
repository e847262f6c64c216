"""The starter spec loads as it is, and as well with every comment's key put in force."""

import re
from pathlib import Path

import pytest

from lakeplane.spec import EnvironmentSpec, load_spec
from lakeplane.spec.template import starter
from lakeplane.spec.tiers import TIERS
from lakeplane.validation import validate


@pytest.mark.parametrize("tier", TIERS)
def test_starter_validates_without_findings(tier: str, tmp_path: Path) -> None:
    path = tmp_path / "team1.yaml"
    path.write_text(starter("team1", tier), encoding="utf-8")
    assert validate(path) == ()
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
    unchanged = {"workloads": plain.workloads, "monthly_budget": plain.monthly_budget}
    assert spelt_out.model_copy(update=unchanged) == plain


def test_starter_shows_every_key() -> None:
    keys = set(re.findall(r"^(?:# )?(\w+):", starter("team1"), flags=re.MULTILINE))
    assert set(EnvironmentSpec.model_fields) - keys == {"ml"}  # has nothing to choose yet


def test_starter_rejects_an_unknown_tier() -> None:
    with pytest.raises(ValueError, match="no tier 'big'; allowed: dev, test, prod"):
        starter("team1", "big")


def in_force(text: str) -> str:
    """Uncomment the lines that hold keys, and the keys' own comments one level less."""
    return re.sub(r"^# ((?:\w+:|  ).*)$", r"\1", text, flags=re.MULTILINE)
