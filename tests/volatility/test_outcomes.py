"""What came true, against loops over the bars; the origin's own session is never part of it."""

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import (
    exceeds,
    horizon_outcomes,
    known_by,
    mean_range_variance_ahead,
    realised_variance_ahead,
    session_range_variance_ahead,
    true_range_ahead,
)
from aegismatrix_engine.volatility.realised_variance import range_variance, true_range

BARS = synthetic.daily_frame(90)
SERIES = DailySeries.from_frame(BARS)
N = len(BARS)
PRICES = ["open", "high", "low", "close"]


def test_moves_to_every_horizon_are_those_of_the_bars_ahead() -> None:
    found = horizon_outcomes(SERIES)
    log = {name: np.log(BARS[name].to_numpy()) for name in PRICES}
    for t in range(N):
        for h in (1, 2, 7, 45):
            got = [float(getattr(found, name)[t, h - 1]) for name in ("close", "up", "down", "either")]
            if t + h >= N:
                assert np.isnan(got).all()
                continue
            origin = log["close"][t]
            up = max(log["high"][i] for i in range(t + 1, t + h + 1)) - origin
            down = origin - min(log["low"][i] for i in range(t + 1, t + h + 1))
            assert got == pytest.approx([log["close"][t + h] - origin, up, down, max(up, down)], abs=1e-12)


def test_variances_ahead_are_means_over_the_sessions_ahead() -> None:
    variance = range_variance(SERIES)
    returns = np.diff(SERIES.close)  # returns[i] belongs to session i + 1
    mean, single = mean_range_variance_ahead(SERIES), session_range_variance_ahead(SERIES)
    realised = realised_variance_ahead(SERIES, 5)
    for t in range(N):
        for h in (1, 5, 45):
            wanted = np.mean(variance[t + 1 : t + h + 1]) if t + h < N else np.nan
            assert mean[t, h - 1] == pytest.approx(wanted, rel=1e-9, nan_ok=True)
        for k in (1, 5):
            assert single[t, k - 1] == pytest.approx(variance[t + k] if t + k < N else np.nan, nan_ok=True)
        assert realised[t] == pytest.approx(
            np.mean(returns[t : t + 5] ** 2) if t + 5 < N else np.nan, rel=1e-9, nan_ok=True
        )


def test_true_ranges_ahead_are_those_of_single_sessions() -> None:
    ranges, ahead = true_range(SERIES), true_range_ahead(SERIES)
    for k in range(1, 6):
        assert np.array_equal(ahead[: N - k, k - 1], ranges[k:])
        assert np.isnan(ahead[N - k :, k - 1]).all()


def test_horizons_longer_than_the_series_are_unknown() -> None:
    short = horizon_outcomes(SERIES.rows(slice(0, 3)))
    assert short.close.shape == (3, 45)
    assert np.isfinite(short.close).sum() == 3


@pytest.mark.parametrize(("t", "h"), [(10, 1), (10, 5), (40, 20)])
def test_an_outcome_depends_on_the_sessions_from_t_plus_1_to_t_plus_h_only(t: int, h: int) -> None:
    before, column = horizon_outcomes(SERIES), h - 1

    def with_changes(rows: list[int], columns: list[str]) -> tuple[float, ...]:
        frame = BARS.copy()
        frame.iloc[rows, [PRICES.index(name) for name in columns]] *= 1.5
        found = horizon_outcomes(unwidened(frame))
        return tuple(float(getattr(found, name)[t, column]) for name in ("close", "up", "down"))

    same = tuple(float(getattr(before, name)[t, column]) for name in ("close", "up", "down"))
    assert with_changes([t], ["open", "high", "low"]) == same
    assert with_changes(list(range(t + h + 1, N)), PRICES) == same
    assert with_changes(list(range(t)), PRICES) == same
    for row in (t + 1, t + h):
        assert with_changes([row], ["high"])[1] != same[1]
    assert with_changes([t + h], ["close"])[0] != same[0]


def unwidened(frame: pd.DataFrame) -> DailySeries:
    logs = {name: np.log(frame[name].to_numpy()) for name in PRICES}
    return DailySeries(pd.DatetimeIndex(frame.index), *logs.values(), frame["vix"].to_numpy())


def test_an_event_is_unknown_where_value_or_threshold_is() -> None:
    found = exceeds(np.array([1.0, 2.0, 2.0, np.nan, 3.0]), np.array([2.0, 2.0, 1.0, 1.0, np.nan]))
    assert found[:3].tolist() == [0.0, 0.0, 1.0]
    assert np.isnan(found[3:]).all()


@pytest.mark.parametrize("n", [3, 45, 60, N])
def test_outcomes_known_by_a_row_are_those_of_a_history_that_ends_with_it(n: int) -> None:
    found = known_by(horizon_outcomes(SERIES).close, n, range(1, 46))
    assert np.array_equal(found, horizon_outcomes(SERIES.rows(slice(0, n))).close, equal_nan=True)
