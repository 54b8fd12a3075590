"""Fits on the first rows of a history: the plain formulas on these rows, worked by libraries row by row.

What the sums of products replace stays here as the reference: each ridge in closed form on its own rows, each grid by
Hazen's quantiles of all outcomes, each head by scikit-learn from zero.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from aegismatrix_engine.buyer.targets import breakout_happened, straddle_cost, straddle_pays
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.forecasters import ExpandingFits, Forecasters, fit_forecasters, forecast
from aegismatrix_engine.seller.model import StressCounts, stress_touched
from aegismatrix_engine.seller.targets import trap_sprung
from aegismatrix_engine.volatility.event_head import EventHead
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import NEAR, LogHarSums
from aegismatrix_engine.volatility.near_ridge import KNOWN_BLOCKS
from aegismatrix_engine.volatility.outcomes import (
    horizon_outcomes,
    mean_range_variance_ahead,
    session_range_variance_ahead,
)
from aegismatrix_engine.volatility.shape import LEVELS

SESSIONS = 3700
LATE_VIX = 400
EVERY = range(50)
SIZES = (1400, pytest.param(2601, marks=pytest.mark.slow), pytest.param(SESSIONS, marks=pytest.mark.slow))


@cache
def features() -> DailyFeatures:
    """Fourteen years: the volatility index is not known at first and has a hole, the S&P 500 and events end early."""
    frame = synthetic.daily_frame(SESSIONS).copy()
    index = frame.columns.get_loc("vix")
    frame.iloc[:LATE_VIX, index], frame.iloc[2000:2010, index] = np.nan, np.nan
    us = frame[["open", "high", "low", "close"]].set_axis(frame.index - pd.Timedelta(days=1)).iloc[:3500]
    found = market_features(replace(synthetic.history(frame), us_spot=us))
    events = found.event_block.copy()
    events[1500:1540] = np.nan
    return replace(found, event_block=events)


@dataclass(frozen=True)
class Plain:
    """One-session variances by plain ridges, (n, 50), without the index and with it; NaN where not known."""

    log_plain: np.ndarray
    log_full: np.ndarray
    implied: np.ndarray

    @property
    def horizon(self) -> np.ndarray:
        """Standard deviations over 1..45 sessions, blended where the index is known."""
        blended = np.exp(self.log_full / 3) * self.implied[:, None] ** (1 / 3)
        found = np.where(np.isfinite(blended), blended, np.exp(self.log_plain / 2))
        return np.asarray(found[:, :45] * np.sqrt(np.arange(1, 46)))

    @property
    def har(self) -> np.ndarray:
        return np.exp(np.where(np.isfinite(self.log_full), self.log_full, self.log_plain) / 2)


def ridge(columns: np.ndarray, target: np.ndarray, penalty: float) -> np.ndarray:
    """Forecasts at every row of the ridge on the rows whose columns and target are known, in closed form."""
    known = np.isfinite(columns).all(axis=1) & np.isfinite(target)
    mean, sd = columns[known].mean(axis=0), columns[known].std(axis=0)
    scaled = (columns - mean) / np.where(sd > 1e-12, sd, np.inf)
    centre, rows = target[known].mean(), scaled[known]
    gram = rows.T @ rows + penalty * len(rows) * np.eye(rows.shape[1])
    return np.asarray(centre + scaled @ np.linalg.solve(gram, rows.T @ (target[known] - centre)))


def near_ridges(known: DailyFeatures, left_over: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """What a third ridge for each set of known blocks adds at every row, (n, 10)."""
    added = np.zeros((len(known), 10))
    own = list(zip(known.has_spillover, known.has_events, strict=True))
    for with_us, with_events in KNOWN_BLOCKS:
        here = np.array([pair == (with_us, with_events) for pair in own])
        rows = usable & (known.has_spillover | (not with_us)) & (known.has_events | (not with_events))
        for i in range(10):
            parts = [known.high_block]
            parts += [known.spillover_block] if with_us else []
            parts += [known.event_block[:, i]] if with_events else []
            forecasts = ridge(np.hstack(parts), np.where(rows, left_over[:, i], np.nan), 1e-2)
            added[here, i] = np.where(known.has_highs, forecasts, 0.0)[here]
    return added


@cache
def plain(n: int) -> Plain:
    known = features().head(n)
    outcome = np.hstack([mean_range_variance_ahead(known.series), session_range_variance_ahead(known.series)])
    target, gaps = np.log(outcome), np.hstack([known.gap, known.single_gap])
    both = np.hstack([known.range_block, known.vix_block])
    by_range = np.array([ridge(np.column_stack([gaps[:, i], known.range_block]), target[:, i], 1e-3) for i in EVERY]).T
    left = target - by_range
    by_index = np.array([ridge(np.column_stack([gaps[:, i], both]), left[:, i], 1e-3) for i in EVERY]).T
    log_plain, log_full = by_range.copy(), by_range + by_index
    log_plain[:, NEAR] += near_ridges(known, left[:, NEAR], known.has_range)
    log_full[:, NEAR] += near_ridges(known, (left - by_index)[:, NEAR], known.has_vix)
    return Plain(log_plain, log_full, known.implied_sd)


@cache
def fits() -> ExpandingFits:
    return ExpandingFits.of(features())


@cache
def fitted(n: int) -> Forecasters:
    return fits().fit(n)[0]


@pytest.mark.parametrize("n", SIZES)
def test_scales_are_those_of_plain_ridges(n: int) -> None:
    known, wanted, model = features().head(n), plain(n), fitted(n).distribution
    without = model.log_har.scales(known, with_vix=False)
    assert 2 * np.log(np.hstack([without.har, without.session_har])) == pytest.approx(
        wanted.log_plain, abs=1e-9, nan_ok=True
    )
    with_index = model.log_har.scales(known, with_vix=True)
    assert 2 * np.log(np.hstack([with_index.har, with_index.session_har])) == pytest.approx(
        wanted.log_full, abs=1e-9, nan_ok=True
    )
    assert model.scales(known).horizon == pytest.approx(wanted.horizon, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("n", SIZES)
def test_the_scales_of_a_fits_own_rows_are_those_that_it_forecasts_from_them(n: int) -> None:
    known, log_har = features().head(n), fitted(n).distribution.log_har
    wanted = log_har.best_scales(known), log_har.scales(known, with_vix=False)
    for own, forecasts in zip(fits().sums.log_har.scales(log_har, n), wanted, strict=True):
        for name, values in vars(forecasts).items():
            assert getattr(own, name) == pytest.approx(values, rel=1e-12, nan_ok=True)


def test_so_are_those_with_a_companion_index() -> None:
    block = np.random.default_rng(4).normal(size=(1400, 3))
    block[:300], block[900:905] = np.nan, np.nan
    known = replace(features().head(1400), companion_block=block)
    sums = LogHarSums.of(known)
    log_har = sums.fit(1200)
    assert log_har.companion is not None
    wanted = log_har.scales(known.head(1200), with_vix=False)
    for name, values in vars(sums.scales(log_har, 1200)[1]).items():
        assert values == pytest.approx(getattr(wanted, name), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("n", SIZES)
def test_shapes_are_hazens_quantiles_of_all_outcomes_in_these_units(n: int) -> None:
    known, model = features().head(n), fitted(n).distribution
    outcomes = horizon_outcomes(known.series)
    without = np.exp(plain(n).log_plain[:, :45] / 2) * np.sqrt(np.arange(1, 46))
    for shapes, scale, rows in (
        (model.with_vix, plain(n).horizon, known.has_vix),
        (model.without_vix, without, known.has_range),
    ):
        for name in ("close", "up", "down", "either"):
            standard = getattr(outcomes, name) / scale
            standard[~rows] = np.nan
            grid = np.nanquantile(standard, LEVELS, axis=0, method="hazen").T
            assert getattr(shapes, name).grid == pytest.approx(grid, abs=1e-9)
            assert getattr(shapes, name).count.tolist() == np.isfinite(standard).sum(axis=0).tolist()


def head_by_scikit_learn(columns: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Intercept and weights on the raw columns."""
    known = np.isfinite(columns).all(axis=1) & np.isfinite(happened)
    mean, sd = columns[known].mean(axis=0), columns[known].std(axis=0)
    model = LogisticRegression(C=0.02, solver="newton-cholesky", tol=1e-8)
    model.fit((columns[known] - mean) / sd, happened[known])
    weights = model.coef_[0] / sd
    return np.concatenate([model.intercept_ - mean @ weights, weights])


@pytest.mark.parametrize("n", SIZES)
def test_heads_are_scikit_learns_from_zero(n: int) -> None:
    known, har, parts = features().head(n), plain(n).har, fitted(n)

    def columns(threshold: np.ndarray, scale: np.ndarray) -> np.ndarray:
        index, ranges = known.vix_column, known.range_column
        rest = [index("dvix5"), index("dvix22"), ranges("neg5"), index("lvix") - ranges("lv22")]
        return np.column_stack([np.log(threshold / scale), *rest])

    def check(head: EventHead, threshold: np.ndarray, scale: np.ndarray, happened: np.ndarray) -> None:
        wanted = head_by_scikit_learn(columns(threshold, scale), happened)
        assert np.array([head.intercept, *head.weights]) == pytest.approx(wanted, abs=1e-9)

    for head, k in zip(parts.trap.heads, (5, 10), strict=True):
        check(head, known.implied_sd, har[:, k - 1], trap_sprung(known.series, k))
    for h, head in enumerate(parts.straddle.heads, start=1):
        scale = har[:, h - 1] * np.sqrt(h)
        check(head, straddle_cost(known.implied_sd, h), scale, straddle_pays(known.series, h))
    for k, head in enumerate(parts.breakout.heads):
        happened = breakout_happened(known.series)[:, k]
        check(head, 1.25 * known.average_true_range, har[:, 45 + k], happened)


def numbers(model: Any) -> list[np.ndarray]:
    if is_dataclass(model):
        return [found for field in fields(model) for found in numbers(getattr(model, field.name))]
    return [found for one in model for found in numbers(one)] if isinstance(model, tuple) else [np.asarray(model)]


@pytest.mark.parametrize("n", [1400, 2601])
def test_a_fit_knows_nothing_of_the_rows_that_follow(n: int) -> None:
    for left, right in zip(numbers(fitted(n)), numbers(fit_forecasters(features().head(n))), strict=True):
        assert np.array_equal(left, right)


def test_fits_do_not_depend_on_the_threads_of_linear_algebra() -> None:
    with threadpool_limits(1):
        alone = numbers(ExpandingFits.of(features()).fit(2601)[0])
    with threadpool_limits(4):
        together = numbers(ExpandingFits.of(features()).fit(2601)[0])
    assert all(np.array_equal(left, right) for left, right in zip(alone, together, strict=True))


def test_shapes_without_the_index_are_left_out_where_no_origin_needs_them() -> None:
    slim, whole = fits().fit(2601, index_known=True)[0], fitted(2601)
    origins = features().rows(slice(2600, 2650))
    said, wanted = forecast(slim, origins), forecast(whole, origins)
    for left, right in zip(numbers(said.distribution), numbers(wanted.distribution), strict=True):
        assert np.array_equal(left, right)
    assert np.array_equal(said.breakout, wanted.breakout)
    with pytest.raises(IndexError):
        forecast(slim, features().rows(slice(2000, 2010)))


def test_base_rates_of_stress_are_shares_of_the_outcomes_that_had_come() -> None:
    counts = StressCounts.of(features())
    for n in (1400, 2601, SESSIONS):
        touched = stress_touched(features().head(n))
        known = np.isfinite(touched)
        assert counts.base(n).base_rate == pytest.approx((np.nansum(touched, axis=0) + 0.25) / (known.sum(axis=0) + 1))
        assert counts.base(n).sessions == known[:, 0].sum()
