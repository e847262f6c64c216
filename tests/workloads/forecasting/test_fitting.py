"""Features, folds and the batched fit, on a year of real profiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from lakeplane_workloads.forecasting.evaluation import forecast, split_weeks
from lakeplane_workloads.forecasting.features import MissingHistoryError, feature_rows, load_group_id
from lakeplane_workloads.forecasting.fitting import FittedForecasts, TrainingConfig, fit_forecasts
from lakeplane_workloads.forecasting.gate import Score, decide
from lakeplane_workloads.forecasting.panel import LoadPanel, TrainingDataError, build_panel
from lakeplane_workloads.forecasting.ridge import Penalties, block_moments, solve
from lakeplane_workloads.forecasting.scoring import (
    DAY_TYPES,
    HOURS_A_DAY,
    LAG_COLUMNS,
    calendar_cells,
    is_public_holiday,
    parse_hour,
)


def test_fit_gives_the_same_bytes_twice_in_any_order_of_rows(
    gold_hourly: pd.DataFrame, gold_groups: pd.DataFrame, fitted: FittedForecasts
) -> None:
    shuffled = build_panel(
        gold_hourly.sample(frac=1, random_state=1), gold_groups.sample(frac=1, random_state=2)
    )
    assert fit_forecasts(shuffled, TrainingConfig()).held_back.forecasts.sha256 == (
        fitted.held_back.forecasts.sha256
    )


def test_fit_covers_the_loads_and_beats_the_baseline_in_every_fold(
    panel: LoadPanel, fitted: FittedForecasts
) -> None:
    assert len(panel.loads) >= 500
    assert panel.represented.sum() + panel.loads_without_power == 36_063
    assert len(fitted.folds) == 3
    for fold in fitted.folds:
        assert fold.metrics["mae"] < fold.metrics["mae_baseline"]
        assert fold.metrics["mase"] < fold.metrics["mase_baseline"]
    assert fitted.held_back.metrics["loads_better"] > 0.95


def test_fit_never_sees_the_held_back_weeks(
    panel: LoadPanel, gold_hourly: pd.DataFrame, gold_groups: pd.DataFrame, fitted: FittedForecasts
) -> None:
    start = fitted.held_back.split.start
    later = gold_hourly.assign(mean_value=gold_hourly["mean_value"].where(gold_hourly["hour"] < start, 7.0))
    blind = fit_forecasts(build_panel(later, gold_groups), TrainingConfig())
    assert blind.held_back.forecasts.sha256 == fitted.held_back.forecasts.sha256
    assert panel.hours[fitted.held_back.split.training].max() < start


def test_solve_equals_ridge_by_its_definition(panel: LoadPanel) -> None:
    places, scale = panel.usable(0, 2000), np.abs(panel.power_mw).mean(axis=1)
    penalties = Penalties(3.0, 20.0)
    weights, effects = solve(block_moments(panel, scale, places), penalties)
    day_types, hours = calendar_cells(panel.hours[places])
    diagonal = np.diag([penalties.lags] * len(LAG_COLUMNS) + [penalties.hours] * HOURS_A_DAY)
    for load in (0, 100, 333):
        for day_type in range(DAY_TYPES):
            rows = np.flatnonzero(day_types == day_type)
            design = np.hstack(
                [panel.lags(places[rows])[load].T / scale[load], np.eye(HOURS_A_DAY)[hours[rows]]]
            )
            target = panel.power_mw[load, places[rows]] / scale[load]
            expected = np.linalg.solve(design.T @ design + diagonal, design.T @ target)
            np.testing.assert_allclose(weights[load, day_type], expected[:7], rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(effects[load, day_type], expected[7:], rtol=1e-7, atol=1e-9)


def test_scale_variants_of_a_profile_have_the_same_relative_forecast(
    panel: LoadPanel, fitted: FittedForecasts
) -> None:
    same = [row for row, profile in enumerate(panel.profiles) if profile == panel.profiles[0]]
    values = forecast(fitted.held_back.forecasts, panel, fitted.held_back.split.held_back)[same]
    relative = values / panel.p_mw[same][:, None]
    np.testing.assert_allclose(relative, np.broadcast_to(relative[0], relative.shape), rtol=1e-9)


def test_one_row_and_many_rows_give_the_same_bits(panel: LoadPanel, fitted: FittedForecasts) -> None:
    forecasts = fitted.held_back.forecasts
    places = panel.usable(0, len(panel.hours))[::501]
    many = forecast(forecasts, panel, places)
    lags = panel.lags(places)
    for load in range(0, len(panel.loads), 17):
        for number, place in enumerate(places):
            one = forecasts.predict_row(load, int(panel.hours[place]), lags[load, :, number].tolist())
            assert one == many[load, number]


def test_feature_rows_match_the_lags_of_training(panel: LoadPanel) -> None:
    load, place = 5, 5000
    moments = [datetime.fromtimestamp(int(hour) * 3600, tz=UTC) for hour in panel.hours]
    history = dict(zip(moments, panel.power_mw[load].tolist(), strict=True))
    [row] = feature_rows(panel.loads[load], history, [moments[place]])
    assert row["load"] == panel.loads[load] == load_group_id(panel.profiles[load], panel.p_mw[load])
    assert parse_hour(str(row["target_hour"])) == panel.hours[place]
    assert [row[column] for column in LAG_COLUMNS] == panel.lags(np.array([place]))[load, :, 0].tolist()
    with pytest.raises(MissingHistoryError, match="lag_1d"):
        feature_rows(panel.loads[load], history, [moments[-1] + timedelta(days=2)])


def test_calendar_knows_the_clocks_and_the_holidays() -> None:
    stamps = ["2016-10-30T00:00:00Z", "2016-10-30T01:00:00Z", "2016-03-27T01:00:00Z", "2016-12-25T23:00:00Z"]
    day_types, hours = calendar_cells(np.array([parse_hour(stamp) for stamp in stamps]))
    assert hours.tolist() == [2, 2, 3, 0]
    # 26 December 2016 is a Monday and a public holiday: it counts as a Sunday.
    assert day_types.tolist() == [6, 6, 6, 6]
    assert parse_hour("2016-12-05T13:00:00+01:00") == parse_hour("2016-12-05T12:00:00Z")
    easter_mondays = ["2016-03-28", "2017-04-17", "2024-04-01", "2025-04-21", "2038-04-26"]
    assert all(is_public_holiday(datetime.fromisoformat(day).date()) for day in easter_mondays)
    assert not is_public_holiday(datetime(2016, 12, 24).date())


def test_panel_rejects_tables_that_do_not_fit(gold_hourly: pd.DataFrame, gold_groups: pd.DataFrame) -> None:
    some = gold_hourly[gold_hourly["profile"] == "H0-A"]
    with pytest.raises(TrainingDataError, match="have no hourly values: BL-H"):
        build_panel(some, gold_groups)
    mine = gold_groups[gold_groups["profile"] == "H0-A"]
    with pytest.raises(TrainingDataError, match="twice"):
        build_panel(pd.concat([some, some.head(1)]), mine)
    with pytest.raises(TrainingDataError, match="run the medallion job first"):
        build_panel(some.head(0), mine)
    with pytest.raises(TrainingDataError, match="read more days"):
        split_weeks(build_panel(some.head(600), mine), 4)


def test_a_gap_in_the_history_is_left_out_of_rows_and_lags(
    gold_hourly: pd.DataFrame, gold_groups: pd.DataFrame
) -> None:
    some = gold_hourly[gold_hourly["profile"] == "H0-A"].sort_values("hour")
    panel = build_panel(some.drop(some.index[3000]), gold_groups[gold_groups["profile"] == "H0-A"])
    usable = set(panel.usable(0, len(panel.hours)).tolist())
    assert {3000 + HOURS_A_DAY * day for day in range(8)}.isdisjoint(usable)
    assert {2999, 3001, 3000 + HOURS_A_DAY * 8} <= usable


@pytest.mark.parametrize(
    ("challenger", "champion", "promoted"),
    [
        (Score(1, 1), None, True),
        (Score(2, 1), None, False),
        (Score(3, 1), None, False),
        (Score(1, 1), Score(1.5, 1.5), True),
        (Score(1, 1), Score(1, 1), False),
        (Score(1, 1), Score(1.5, 0.9), False),
        (Score(float("nan"), float("nan")), None, False),
    ],
)
def test_gate_asks_for_both_errors_to_be_lower(
    challenger: Score, champion: Score | None, promoted: bool
) -> None:
    decision = decide(challenger, Score(2, 2), champion, champion_name="version 3")
    assert decision.promoted is promoted
    assert decision.reason
