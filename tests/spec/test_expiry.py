"""Until when an environment is needed: its last day, the week before, and what a date never decides."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from lakeplane.diagnostics import Severity
from lakeplane.layout import ProjectLayout
from lakeplane.spec import EnvironmentSpec, load_spec
from lakeplane.spec.expiry import Need, expired, find_lifetimes, lifetime_of
from lakeplane.spec.hub_template import hub_starter
from lakeplane.spec.template import starter
from lakeplane.spec.tiers import TIERS
from lakeplane.validation import validate

LAST = date(2030, 6, 1)


@pytest.fixture
def project(tmp_path: Path) -> ProjectLayout:
    layout = ProjectLayout(tmp_path)
    layout.environments.mkdir(parents=True)
    return layout


def write(project: ProjectLayout, name: str, expiry: object = None, tier: str = "dev") -> Path:
    path = project.environments / f"{name}.yaml"
    path.write_text(starter(name, tier) + (f"expiry: {expiry}\n" if expiry else ""))
    return path


def spec(project: ProjectLayout, tier: str = "dev") -> EnvironmentSpec:
    return load_spec(write(project, "team1", LAST, tier))


@pytest.mark.parametrize(
    ("days", "need"),
    [
        (-8, Need.LATER),
        (-7, Need.SOON),
        (-1, Need.SOON),
        (0, Need.SOON),
        (1, Need.EXPIRED),
        (400, Need.EXPIRED),
    ],
)
def test_the_last_day_counts_and_the_week_before_is_told(
    project: ProjectLayout, days: int, need: Need
) -> None:
    lifetime = lifetime_of(spec(project), "team1", "team1.yaml", LAST + timedelta(days))
    assert lifetime.need is need
    assert lifetime.days_left == -days
    assert lifetime.is_removable == (need is Need.EXPIRED)


@pytest.mark.parametrize("tier", TIERS)
def test_prod_is_never_removed_by_a_date(project: ProjectLayout, tier: str) -> None:
    lifetime = lifetime_of(spec(project, tier), "team1", "team1.yaml", LAST + timedelta(1))
    assert lifetime.need is Need.EXPIRED
    assert lifetime.is_removable == (tier != "prod")


def test_without_an_expiry_nothing_ends(project: ProjectLayout) -> None:
    lifetime = lifetime_of(load_spec(write(project, "team1")), "team1", "team1.yaml", date.max)
    assert (lifetime.need, lifetime.days_left, lifetime.is_removable) == (Need.UNLIMITED, None, False)


@pytest.mark.parametrize("tier", TIERS)
def test_an_expired_environment_is_a_warning(project: ProjectLayout, tier: str) -> None:
    declared = spec(project, tier)
    assert list(expired(declared, LAST)) == []
    (finding,) = expired(declared, LAST + timedelta(1))
    assert (finding.code, finding.severity, finding.path) == ("EXP001", Severity.WARNING, ("expiry",))
    assert ("never removed" in finding.detail) == (tier == "prod")


def test_validate_asks_the_clock(project: ProjectLayout) -> None:
    past = {one.code for one in validate(write(project, "old", "2020-01-01"))}
    ahead = {one.code for one in validate(write(project, "new", "2998-01-01"))}
    assert past - ahead == {"EXP001"}


def test_a_directory_is_its_environments_alone_what_ends_first_before_the_others(
    project: ProjectLayout,
) -> None:
    for name, expiry in (("later", "2031-01-01"), ("never", None), ("gone", "2030-01-01")):
        write(project, name, expiry)
    (project.environments / "hub.yaml").write_text(hub_starter("hub"))
    (project.environments / "examples").mkdir()
    write(project, "examples/deeper", "2020-01-01")
    found, wrong = find_lifetimes(project, [project.environments], LAST)
    assert [one.name for one in found] == ["gone", "later", "never"]
    assert wrong == ()


def test_an_example_goes_by_its_path(project: ProjectLayout, tmp_path: Path) -> None:
    path = Path(write(project, "team1", LAST).rename(tmp_path / "team1.yaml"))
    (one,), _ = find_lifetimes(project, [path], LAST)
    assert one.name == one.spec == str(path)


def test_a_spec_that_cannot_be_read_hides_no_other(project: ProjectLayout) -> None:
    write(project, "gone", "2030-01-01")
    path = write(project, "broken", "2030-01-01")
    path.write_text(path.read_text().replace("tier: dev", "tier: dve"))
    found, wrong = find_lifetimes(project, [project.environments, path], LAST)
    assert [one.name for one in found] == ["gone"]
    assert [one.code for one in wrong] == ["SPC014"]
