"""The judgement of a model set at a moment: what makes it unhealthy, what is only warned of, and what to do."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.forecasting.audit import ModelReport, SetReport
from aegismatrix_engine.forecasting.models import MODEL_NAMES
from aegismatrix_engine.jobs.check_models import ModelCheck, check, model_skill
from aegismatrix_engine.jobs.earlier_state import EarlierState
from aegismatrix_engine.scores import BrierSkill
from aegismatrix_engine.state.last_values import FoundLastValues, LastValue, LastValues
from aegismatrix_engine.state.rollback_file import RollbackState

MARKET = synthetic.MARKET
NOW = pd.Timestamp("2026-07-01T12:00+05:30")
TRAINED = NOW - pd.Timedelta(days=1)
NOTHING_KNOWN = FoundLastValues(None)


def manifest(**changes: Any) -> Manifest:
    training = replace(synthetic.trained()[1], trained_at=TRAINED.isoformat())
    return replace(synthetic.manifest(training), **changes)


def report(made_by: Manifest | None = None, changes: tuple[str, ...] = (), **unhealthy: str) -> SetReport:
    reports = {
        name: ModelReport(name, unhealthy.get(name, "ok"), f"of {name}" if name in unhealthy else "", 0.0)  # type: ignore[arg-type]
        for name in MODEL_NAMES
    }
    return SetReport(Path("models"), made_by or manifest(), reports, {}, changes)


def checked(
    found: SetReport | None = None, now: pd.Timestamp = NOW, last: FoundLastValues = NOTHING_KNOWN
) -> ModelCheck:
    return check(EarlierState(found or report(), last), MARKET, now)


def standing_still(market_id: str = "nifty50", **numbers: int) -> FoundLastValues:
    still = {path: LastValue(0.25, periods) for path, periods in numbers.items()}
    return FoundLastValues(LastValues(market_id, "2026-07-01T11:45:00+05:30", "2026-07-28", 25000.0, still))


def test_a_sound_set_is_healthy_without_a_warning() -> None:
    found = checked()
    assert found.healthy
    assert (found.failures, found.warnings, found.steps) == ((), (), ())
    assert found.age_days == pytest.approx(1.0)
    assert found.valid_through == "2026-12-31"


def test_every_unhealthy_model_is_a_failure_of_its_own_with_a_remedy() -> None:
    found = checked(report(trap="corrupt", theta="drifted"))
    assert not found.healthy
    assert [failure.key for failure in found.failures] == ["model: trap corrupt", "model: theta drifted"]
    for failure in found.failures:
        assert failure.what.endswith(("corrupt, of trap", "drifted, of theta"))
        assert failure.line == f"{failure.what}; {failure.remedy}"
    assert len(found.steps) == 1, "one training mends both"


@pytest.mark.parametrize(("days", "warned"), [(35, False), (35.5, True), (99, True)])
def test_a_set_is_old_after_35_days(days: float, warned: bool) -> None:
    found = checked(now=TRAINED + pd.Timedelta(days=days))
    assert found.healthy
    assert bool(found.warnings) == warned
    assert found.age_days == pytest.approx(days)


def test_another_environment_a_forced_set_and_a_rollback_are_warnings() -> None:
    assert checked(report(changes=("numpy 2.4.6, trained with 1.26.0",))).warnings == (
        "another environment than in training: numpy 2.4.6, trained with 1.26.0",
    )
    (forced,) = checked(report(manifest(forced=True))).warnings
    assert "--force" in forced
    held = check(
        EarlierState(report(), NOTHING_KNOWN, RollbackState(fault="rollback.json cannot be read")), MARKET, NOW
    )
    assert held.healthy
    (warning,) = held.warnings
    assert "rollback.json cannot be read" in warning


@pytest.mark.parametrize(
    ("ahead", "healthy", "warned"),
    [(0, False, False), (4, False, False), (5, True, True), (44, True, True), (45, True, False)],
)
def test_the_calendar_must_reach_five_sessions_and_should_reach_the_longest_horizon(
    ahead: int, healthy: bool, warned: bool
) -> None:
    end = MARKET.calendar.valid_through
    sessions = MARKET.calendar.regular(end - pd.Timedelta(days=120), end)
    today = (sessions[-ahead - 1] + pd.Timedelta(hours=16)).tz_localize(MARKET.zone)
    young = replace(manifest(), training=replace(manifest().training, trained_at=today.isoformat()))
    found = checked(report(young), now=today)
    of_calendar = [warning for warning in found.warnings if "announced calendar" in warning]
    assert (found.healthy, bool(of_calendar)) == (healthy, warned)
    assert [failure.key for failure in found.failures] == ([] if healthy else ["calendar: ends 2026-12-31"])


@pytest.mark.parametrize(("ahead", "warned"), [(31, False), (30, False), (29, True), (5, True), (0, True)])
def test_the_end_of_the_announced_events_is_warned_of_from_30_sessions_before_and_fails_nothing(
    ahead: int, warned: bool
) -> None:
    end = min(table.valid_through for table in MARKET.events if table.column is not None)
    sessions = MARKET.calendar.regular(end - pd.Timedelta(days=120), end)
    today = (sessions[-ahead - 1] + pd.Timedelta(hours=16)).tz_localize(MARKET.zone)
    young = replace(manifest(), training=replace(manifest().training, trained_at=today.isoformat()))
    found = checked(report(young), now=today)
    of_events = [warning for warning in found.warnings if "announced events end" in warning]
    assert bool(of_events) == warned
    assert not [failure for failure in found.failures if "events" in failure.key]
    for warning in of_events:
        assert f"{end:%Y-%m-%d}" in warning
        assert "union_budget and general_election_count under events" in warning
        assert "calendar.toml" in warning


def test_a_day_is_the_exchanges_where_the_clock_is_in_another_zone() -> None:
    end = MARKET.calendar.valid_through
    fifth, sixth = MARKET.calendar.regular(end - pd.Timedelta(days=30), end)[[-5, -6]]
    young = replace(manifest(), training=replace(manifest().training, trained_at=f"{sixth:%Y-%m-%d}T00:00:00+05:30"))
    # 20:00 in London is 01:30 of the next day in Mumbai.
    evening = pd.Timestamp(f"{fifth - pd.Timedelta(days=1):%Y-%m-%d}T20:00").tz_localize("UTC")
    assert not checked(report(young), now=evening).healthy
    assert checked(report(young), now=evening - pd.Timedelta(hours=2)).healthy


@pytest.mark.parametrize(("periods", "frozen"), [(7, False), (8, True)])
def test_a_number_that_stands_still_over_eight_periods_is_a_failure(periods: int, frozen: bool) -> None:
    found = checked(last=standing_still(**{"seller.trap.score": periods, "market.vix": 0}))
    assert found.healthy != frozen
    assert [failure.key for failure in found.failures] == (["frozen: seller.trap.score"] if frozen else [])
    expected = [{"signal": "seller.trap.score", "value": 0.25, "periods": periods}] if frozen else []
    assert found.content()["frozen"] == expected


def test_last_values_of_another_market_and_a_fault_of_their_file_fail_nothing() -> None:
    assert checked(last=standing_still("sp500", **{"seller.trap.score": 9})).healthy
    damaged = checked(last=FoundLastValues(None, "recent.json, line 3: damaged"))
    assert (damaged.healthy, damaged.warnings) == (True, ("recent.json, line 3: damaged",))


def test_failures_keep_their_key_from_day_to_day() -> None:
    first, second = (checked(last=standing_still(**{"seller.trap.score": n})).failures[0] for n in (8, 9))
    assert first.key == second.key
    assert first.what != second.what


def test_skill_is_the_part_of_climatologys_score_that_was_saved_and_belongs_to_one_model() -> None:
    skill = (
        BrierSkill("seller.trap.score", 0.15, 0.2, 0.001, 800, "2016-01-04", "2019-06-28"),
        BrierSkill("buyer.breakout_next.0", 0.22, 0.2, 0.001, 800, "2016-01-04", "2019-06-28"),
        BrierSkill("direction.horizons.t1", 0.2, 0.2, 0.001, 800, "2016-01-04", "2019-06-28"),
    )
    found = report(manifest(training=replace(manifest().training, skill=skill)))
    assert model_skill(found, "trap") == pytest.approx({"seller.trap.score": 0.25})
    assert model_skill(found, "breakout") == pytest.approx({"buyer.breakout_next.0": -0.1})
    assert model_skill(found, "direction") == {"direction.horizons.t1": 0.0}
    assert model_skill(found, "gamma") == {}
    assert model_skill(replace(found, manifest=None), "trap") == {}


def test_the_content_for_machines_holds_every_model_and_the_set() -> None:
    found = checked(report(trap="corrupt")).content()
    assert (found["healthy"], found["checked_at"]) == (False, NOW.isoformat())
    models = {one["model"]: one for one in found["models"]}
    assert set(models) == set(MODEL_NAMES)
    assert models["trap"]["status"] == "corrupt"
    assert models["trap"]["remedy"]
    assert {one["remedy"] for name, one in models.items() if name != "trap"} == {""}
    training = manifest().training
    assert (found["set"]["rows"], found["set"]["vix_rows"]) == (training.rows, training.vix_rows)
    assert (found["set"]["first"], found["set"]["last"]) == (training.first, training.last)
    assert found["set"]["age_days"] == pytest.approx(1.0)


def test_without_a_manifest_there_is_neither_age_nor_set() -> None:
    lost = replace(report(**dict.fromkeys(MODEL_NAMES, "missing")), manifest=None)
    found = checked(lost)
    assert found.age_days is None
    assert found.content()["set"] is None
    assert len(found.failures) == len(MODEL_NAMES)
