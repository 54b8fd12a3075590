"""The variance still to come, from any bar of a session: a share of the day's forecast, corrected by what was seen.

For the close of today and those of some days ahead, ridge regressions forecast the logarithm of the range variance
between now and that close. The prior is the daily model's: its variance for today times the share that falls after this
bar, and its variance for the days ahead, which hold every further night.
"""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.intraday.sessions import MOMENTS, RECENT_MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import SessionState, states
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import HAR_SHARE
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, sessions_ahead
from aegismatrix_engine.volatility.realised_variance import range_variance
from aegismatrix_engine.volatility.ridge import fit_ridges

KNOTS = (0, 1, 2, 3, 4, 9, 19, 39)
"""Sessions after today whose closes have regressions of their own; between them the correction is interpolated."""

FEATURES = (
    "ln prior",
    "ln(so far/expected)",
    "negative gap",
    "negative move",
    "ln(recent/expected)",
    "ln implied variance",
    "implied change",
)
PLAIN_FEATURES = 5
"""The first features, which need no volatility index."""

UNAVERAGED = 20
"""The last moment, 14:15 of NSE's day, well before the half hour of which the official close was an average."""

SESSION_FLOOR = 1e-10
MINIMUM_SCALE_ROWS = 60


@dataclass(frozen=True)
class IntradayScale:
    """Shares and weights, one row for each of the 25 moments.

    Attributes:
        share_left: (25,) share of a whole day's variance, the night included, that falls after the moment.
        session_share: that of all its bars.
        close_share: (25,) share of the variance of a close-to-close return that is still open there.
        residual: variance of the official close about the last bar's, as a share of that of the session's bars.
        weights: (25, 8, 8) intercept and FEATURES for each of KNOTS.
        plain_weights: (25, 8, 6) without the volatility index.
    """

    share_left: FloatArray
    session_share: float
    close_share: FloatArray
    residual: float
    weights: FloatArray
    plain_weights: FloatArray

    def scale(self, daily_scale: FloatArray, state: SessionState) -> FloatArray:
        """Standard deviation of the return from now to the close 0..44 sessions after today, shape (n, 45).

        daily_scale: (n, 45) of the h-session return from the close before, h = 1..45; today is its first session.
        Where the volatility index is known, forecast and index are blended as the daily model blends them.
        """
        prior = self.prior_variance(daily_scale, state.moment)
        known = np.isfinite(state.implied_sd) & np.isfinite(state.implied_before)
        columns = self.columns(daily_scale, state)
        full = _correction(self.weights[state.moment - 1], prior, columns)
        plain = _correction(self.plain_weights[state.moment - 1], prior, columns[: PLAIN_FEATURES - 1])
        correction = np.where(known[:, None], full, plain)
        spread = np.zeros_like(prior)
        for i in range(len(KNOTS)):  # column by column, so that a row does not depend on how many are asked with it
            spread = spread + correction[:, [i]] * _SPREAD[:, i]
        variance = prior * np.exp(spread)
        paid = np.where(known[:, None], self.implied(state) ** 2, 1.0)
        blended = variance**HAR_SHARE * paid ** (1 - HAR_SHARE)
        return np.asarray(np.sqrt(np.where(known[:, None], blended, variance)))

    def prior_variance(self, daily_scale: FloatArray, moment: int) -> FloatArray:
        """The daily model's variance from now to the close 0..44 sessions after today, shape (n, 45)."""
        variance = daily_scale**2
        further = np.maximum.accumulate(np.maximum(variance - variance[:, [0]], 0.0), axis=1)
        return np.asarray(variance[:, [0]] * self.share_left[moment - 1] + further)

    def implied(self, state: SessionState) -> FloatArray:
        """Standard deviation that the volatility index implies from now to the same closes, shape (n, 45).

        Its variance for one session times the share of it that is still open plus the sessions after it.
        """
        return np.asarray(state.implied_sd[:, None] * np.sqrt(self.still_open(state) + np.arange(MAX_HORIZON)))

    def still_open(self, state: SessionState) -> float:
        """Share of the variance of a close-to-close return that is still open.

        A close that is not an average stays as open as the price: near the end it follows the variance of the bars.
        """
        if state.averaged or state.moment <= UNAVERAGED:
            return float(self.close_share[state.moment - 1])
        bars = self.share_left[state.moment - 1] / self.share_left[UNAVERAGED - 1]
        return float(self.close_share[UNAVERAGED - 1] * bars)

    def expected_so_far(self, daily_scale: FloatArray, moment: int) -> FloatArray:
        """The daily model's variance from the close before to the moment, shape (n,)."""
        return np.asarray(daily_scale[:, 0] ** 2 * (1 - self.share_left[moment - 1]))

    def expected_recent(self, daily_scale: FloatArray, moment: int) -> FloatArray:
        """The daily model's variance of the bars that end within the last four moments, shape (n,)."""
        first = moment - RECENT_MOMENTS
        before = float(self.share_left[first - 1]) if first > 0 else self.session_share * (1 + self.residual)
        return np.asarray(daily_scale[:, 0] ** 2 * (before - self.share_left[moment - 1]))

    def columns(self, daily_scale: FloatArray, state: SessionState) -> list[FloatArray]:
        """FEATURES but for the first, which differs by knot; each (n,)."""
        unit = daily_scale[:, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            return [
                np.log(np.maximum(state.so_far, SESSION_FLOOR) / self.expected_so_far(daily_scale, state.moment)),
                np.minimum(state.gap / unit, 0.0),
                np.minimum(state.move / unit, 0.0),
                np.log(
                    np.maximum(state.recent, SESSION_FLOOR)
                    / np.maximum(self.expected_recent(daily_scale, state.moment), SESSION_FLOOR)
                ),
                2 * np.log(state.implied_sd),
                2 * np.log(state.implied_sd / state.implied_before),
            ]


def _correction(weights: FloatArray, prior: FloatArray, columns: list[FloatArray]) -> FloatArray:
    """ln(forecast variance / prior variance) at each of KNOTS, shape (n, 8)."""
    total = weights[:, 0] + (weights[:, 1] - 1) * np.log(prior[:, KNOTS])
    for i, column in enumerate(columns, start=2):
        total = total + column[:, None] * weights[:, i]
    return total


def fit_intraday_scale(features: DailyFeatures, daily_scale: FloatArray, sessions: IntradaySessions) -> IntradayScale:
    """Fit on past sessions; ``daily_scale`` (n, 45) are the daily model's scales at every row of the features."""
    close = features.series.close[sessions.rows]
    residual = float(((close - sessions.level[:, -1]) ** 2).sum() / sessions.total.sum())
    to_come = sessions.to_come + residual * sessions.total[:, None]
    whole = np.where(np.isfinite(to_come), (sessions.total + sessions.gap**2)[:, None], np.nan)
    share = np.nansum(to_come, axis=0) / np.nansum(whole, axis=0)
    empty = np.empty((MOMENTS, 0, 0))
    session_share = float(sessions.total.sum() / (sessions.total + sessions.gap**2).sum())
    scale = daily_scale[sessions.rows - 1]
    still_open = _close_share(features.series, sessions, scale[:, 0])
    bare = IntradayScale(share, session_share, still_open, residual, empty, empty)
    further = _further_variance(features.series, sessions)
    weights, plain = [], []
    for moment in range(1, MOMENTS + 1):
        state = states(sessions, features.series, moment)
        columns = bare.columns(scale, state)
        log_prior = np.log(bare.prior_variance(scale, moment)[:, KNOTS])
        target = np.log(np.maximum(to_come[:, [moment - 1]] + further, SESSION_FLOOR))
        weights.append(fit_ridges(target, log_prior, np.column_stack(columns), MINIMUM_SCALE_ROWS))
        plain.append(fit_ridges(target, log_prior, np.column_stack(columns[: PLAIN_FEATURES - 1]), MINIMUM_SCALE_ROWS))
    return IntradayScale(share, session_share, still_open, residual, np.array(weights), np.array(plain))


def _close_share(series: DailySeries, sessions: IntradaySessions, unit: FloatArray) -> FloatArray:
    """Mean squared return from each moment to the official close over that from close to close, never rising, (25,).

    Both in units of the daily forecast, so that a few wild sessions do not decide.
    """
    close = series.close[sessions.rows]
    left = ((close[:, None] - sessions.level) / unit[:, None]) ** 2
    whole = ((close - series.close[sessions.rows - 1]) / unit) ** 2
    known = np.isfinite(left) & np.isfinite(whole)[:, None]
    share = np.where(known, left, 0.0).sum(axis=0) / np.where(known, whole[:, None], 0.0).sum(axis=0)
    return np.minimum.accumulate(share)


def _further_variance(series: DailySeries, sessions: IntradaySessions) -> FloatArray:
    """Range variance of the sessions after today up to each of KNOTS, shape (S, 8); NaN where not yet known."""
    total = np.cumsum(sessions_ahead(range_variance(series), KNOTS[-1]), axis=1)
    return np.hstack([np.zeros((len(series), 1)), total])[sessions.rows][:, KNOTS]


def _interpolation() -> FloatArray:
    """(45, 8) weights that spread values at KNOTS over 0..44, linear in the logarithm of the sessions counted in."""
    steps = np.log(np.arange(MAX_HORIZON) + 1.0)
    return np.column_stack([np.interp(steps, np.log(np.array(KNOTS) + 1.0), unit) for unit in np.eye(len(KNOTS))])


_SPREAD = _interpolation()
