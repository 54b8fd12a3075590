"""The US night: how each subset of its series moves a distribution, and the open that it points to."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.forecasting.features import market_features, nights
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.night import (
    MINIMUM_NIGHTS,
    NIGHT_HORIZONS,
    NOT_CHOSEN,
    SUBSETS,
    NightModel,
    enough_nights,
    fit_night,
    silent_night,
)
from aegismatrix_engine.volatility.night_moves import NIGHT_SERIES, NightMoves, no_nights
from aegismatrix_engine.volatility.opening_gap import GAP_FLOOR, gap_unit
from aegismatrix_engine.volatility.outcomes import horizon_outcomes, opening_gap_ahead
from aegismatrix_engine.volatility.ridge import fit_ridge

PANEL = market_features(synthetic.whole_history())
LEVELS = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
EACH = range(len(SUBSETS))
MONDAY = "2019-07-22"


@cache
def moves() -> NightMoves:
    return nights(synthetic.whole_history(), PANEL)


@cache
def whole() -> ReturnDistribution:
    panel_model = synthetic.trained_whole()[0].distribution
    return ReturnDistribution(panel_model.scales(PANEL).horizon, panel_model.shapes(use_vix=True))


@cache
def distribution() -> ReturnDistribution:
    return ReturnDistribution(whole().scale[-50:], whole().shapes)


def model() -> NightModel:
    return synthetic.trained_whole()[0].night


def night(n: int, **columns: float) -> NightMoves:
    """n nights alike; what is not given is 0."""
    values = dict.fromkeys(("us_vix", "us_spot", "inda", "inda_before", "us_vix_change"), 0.0) | columns
    return NightMoves(last=no_nights(n).last, **{name: np.full(n, value) for name, value in values.items()})


def usable(which: int) -> np.ndarray:
    known = moves().known[:, [NIGHT_SERIES.index(name) for name in SUBSETS[which]]].all(axis=1)
    return np.asarray(known & PANEL.has_vix)


def test_every_subset_of_the_series_has_weights_of_its_own() -> None:
    assert sorted(map(sorted, SUBSETS)) == sorted(
        sorted(name for name, wanted in zip(NIGHT_SERIES, bits, strict=True) if wanted)
        for bits in np.ndindex(2, 2, 2)
        if any(bits)
    )
    for which in EACH:
        fitted = model().subsets[which]
        assert fitted.nights == int(usable(which).sum())
        assert fitted.mean.shape == (NIGHT_HORIZONS, len(moves().mean_columns(SUBSETS[which])))
        assert fitted.scale.shape == (NIGHT_HORIZONS, 2 * len(SUBSETS[which]))
    found = [tuple(part.mean[0]) for part in model().subsets]
    assert len(set(found)) == len(SUBSETS)


@pytest.mark.parametrize("which", EACH)
def test_a_night_is_forecast_by_all_the_series_that_know_it(which: int) -> None:
    unknown = {name: np.full(4, np.nan) for name in NIGHT_SERIES if name not in SUBSETS[which]}
    assert model().chosen(replace(night(4), **unknown)).tolist() == [which] * 4


@pytest.mark.parametrize("which", EACH)
def test_a_document_of_the_night_rests_on_the_series_that_are_there(which: int) -> None:
    history = synthetic.whole_history()
    known = replace(history, **{name: None for name in NIGHT_SERIES if name not in SUBSETS[which]})
    from aegismatrix_engine.markets.as_of import AsOf

    moment = AsOf.of(pd.Timestamp(f"{MONDAY}T08:40").tz_localize("Asia/Kolkata"))
    found = synthetic.document(*synthetic.trained_whole(), known.until(moment))
    used = [f"{name}_daily" for name in NIGHT_SERIES if name in SUBSETS[which]]
    assert [one["series"] for one in found["provenance"]["us_night"]["used"]] == used
    assert found["direction"]["night"]["series"] == used
    assert ("change_pct" in found["provenance"]["us_night"]) == ("us_vix" in SUBSETS[which])


def test_a_subset_of_too_few_nights_is_not_learnt_and_the_largest_learnt_one_is_used() -> None:
    late = np.where(np.cumsum(usable(0)[::-1])[::-1] < MINIMUM_NIGHTS, moves().inda, np.nan)
    few = replace(moves(), inda=late)
    fitted = fit_night(PANEL, whole().scale, few)
    assert fitted.learnt.tolist() == ["inda" not in series for series in SUBSETS]
    assert fitted.chosen(few.rows(slice(-5, -1))).tolist() == [SUBSETS.index(("us_vix", "us_spot"))] * 4
    assert enough_nights(PANEL, few).tolist() == fitted.learnt.tolist()


def test_nothing_is_chosen_where_nothing_is_known_or_learnt() -> None:
    assert (model().chosen(no_nights(3)) == NOT_CHOSEN).all()
    assert (silent_night().chosen(night(3)) == NOT_CHOSEN).all()


def test_too_few_nights_teach_nothing() -> None:
    unknown = np.where(np.arange(len(PANEL)) < MINIMUM_NIGHTS, 0.0, np.nan)
    few = replace(
        moves(), us_vix=moves().us_vix + unknown, us_spot=moves().us_spot + unknown, inda=no_nights(1150).inda
    )
    assert synthetic.equal(fit_night(PANEL, whole().scale, few), silent_night())
    assert not silent_night().learnt.any()


@cache
def all_fitted() -> NightModel:
    return fit_night(PANEL, whole().scale, moves())


@pytest.mark.parametrize("which", EACH)
def test_its_weights_are_the_ridges_of_the_nights_whose_outcome_has_come(which: int) -> None:
    found, columns = all_fitted().subsets[which], np.column_stack(moves().mean_columns(SUBSETS[which]))
    scaled = horizon_outcomes(PANEL.series, NIGHT_HORIZONS).close / whole().scale[:, :NIGHT_HORIZONS]
    gap = opening_gap_ahead(PANEL.series) / gap_unit(PANEL.series, whole().scale[:, 0])
    for target, weights in zip([*scaled.T, gap], [*found.mean, found.gap_mean], strict=True):
        rows = usable(which) & np.isfinite(target)
        assert weights == pytest.approx(fit_ridge(columns[rows], target[rows], 1e-2)[1:], abs=1e-9)


@pytest.mark.parametrize("which", EACH)
def test_only_what_is_wanted_is_fitted_and_it_is_the_same(which: int) -> None:
    fitted = fit_night(PANEL, whole().scale, moves(), np.array([which]))
    assert fitted.learnt.tolist() == [i == which for i in EACH]
    assert synthetic.equal(fitted.subsets[which], all_fitted().subsets[which])


@pytest.mark.parametrize("which", EACH)
def test_a_night_without_a_move_leaves_every_scale_and_shifts_nothing(which: int) -> None:
    still = night(50)
    shift, factor = model().shift_and_factor(still, which)
    assert not shift.any()
    assert (factor == 1).all()
    found = model().applied(distribution(), still, which)
    assert (found.scale == distribution().scale).all()
    for horizon in (1, 5):
        median, plain = (one.quantile(horizon, np.array([0.5]))[:, 0] for one in (found, distribution()))
        assert np.abs(median - plain) / distribution().scale[:, horizon - 1] == pytest.approx(np.zeros(50), abs=0.25)
    later, plain = (one.quantile(6, LEVELS) for one in (found, distribution()))
    assert (later == plain).all()


def test_a_fall_of_the_us_vix_moves_the_open_up_where_it_did_in_the_past() -> None:
    which = SUBSETS.index(("us_vix",))
    rise, calm, fall = (
        model().applied(distribution(), night(50, us_vix=size), which).quantile(1, np.array([0.5]))
        for size in (0.1, 0.0, -0.1)
    )
    assert (fall > calm).all()
    assert (calm > rise).all()


def test_past_the_fifth_session_the_shift_stays_and_scale_and_shape_are_the_plain_ones() -> None:
    found = model().applied(distribution(), night(50, us_vix=-0.05, us_spot=1.0, inda=0.5), 0)
    assert found.shift is not None
    assert (found.shift[:, NIGHT_HORIZONS:] == found.shift[:, [NIGHT_HORIZONS - 1]]).all()
    assert (found.scale[:, NIGHT_HORIZONS:] == distribution().scale[:, NIGHT_HORIZONS:]).all()
    expected = distribution().quantile(20, LEVELS) + found.shift[:, [NIGHT_HORIZONS - 1]]
    assert found.quantile(20, LEVELS) == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([1, 2, 5, 6, 45]), st.floats(-0.02, 0.02))
def test_a_shift_moves_quantiles_chances_and_breaches_together(horizon: int, size: float) -> None:
    plain = distribution().row(0)
    moved = replace(plain, shift=np.full_like(plain.scale, size))
    assert moved.quantile(horizon, LEVELS) == pytest.approx(plain.quantile(horizon, LEVELS) + size)
    points = plain.quantile(horizon, LEVELS)
    assert moved.cumulative(horizon, points + size) == pytest.approx(plain.cumulative(horizon, points))
    distance = np.array([0.001, 0.01, 0.03])
    found = moved.breaches(horizon, distance)
    assert found.close_up == pytest.approx(1 - moved.cumulative(horizon, distance))
    assert found.close_down == pytest.approx(moved.cumulative(horizon, -distance))
    assert (found.touch_up >= found.close_up).all()
    assert (found.touch_down >= found.close_down).all()
    assert (found.touch >= np.maximum(found.touch_up, found.touch_down)).all()
    assert (np.diff(found.touch, axis=1) <= 1e-12).all()
    middle = (np.arange(1000) + 0.5) / 1000
    mean = np.abs(moved.quantile(horizon, middle)).mean()
    assert moved.mean_absolute_return(horizon) == pytest.approx(mean)


@pytest.mark.parametrize("which", EACH)
def test_after_a_learnt_night_quantiles_hold_their_share_of_what_came(which: int) -> None:
    known = usable(which)
    known[-1] = False
    own = ReturnDistribution(whole().scale[known], whole().shapes)
    came = np.append(np.diff(PANEL.series.close), np.nan)[known]
    below = (came[:, None] <= model().applied(own, moves().where(known), which).quantile(1, LEVELS)).mean(axis=0)
    assert below == pytest.approx(LEVELS, abs=0.01)


@pytest.mark.parametrize("which", EACH)
def test_the_open_lies_below_its_quantiles_as_often_as_they_say(which: int) -> None:
    known = usable(which)
    known[-1] = False
    unit = gap_unit(PANEL.series, whole().scale[:, 0])[known]
    found = model().gap_quantile(moves().where(known), which, unit, LEVELS)
    below = (opening_gap_ahead(PANEL.series)[known, None] <= found).mean(axis=0)
    assert below == pytest.approx(LEVELS, abs=0.01)


def test_one_night_is_forecast_as_it_is_among_others() -> None:
    """Bytes: no row of a forecast may depend on how many there are."""
    rows = np.flatnonzero(usable(0))[-30:]
    together = model().shift_and_factor(moves().where(np.isin(np.arange(len(PANEL)), rows)), 0)
    for place, row in enumerate(rows):
        alone = model().shift_and_factor(moves().rows(slice(row, row + 1)), 0)
        for one, many in zip(alone, together, strict=True):
            assert one[0].tobytes() == many[place].tobytes()


def test_the_scale_of_the_gap_lies_between_that_of_a_session_and_that_of_past_gaps() -> None:
    series = PANEL.series
    square = np.maximum(np.nan_to_num(series.open - series.previous_close) ** 2, GAP_FLOOR)
    fading = 0.97 ** np.arange(len(square))[::-1]
    recent = np.sqrt(fading @ square / fading.sum())
    assert gap_unit(series, np.array([0.01]))[0] == pytest.approx(np.sqrt(0.01 * recent))
    assert gap_unit(series, np.array([0.01, 0.02]))[1] == pytest.approx(np.sqrt(0.02 * recent))
