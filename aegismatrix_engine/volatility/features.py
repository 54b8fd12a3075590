"""What is known at a session's close, as the columns a model sees: one function for training and inference alike."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import BoolArray, FloatArray
from aegismatrix_engine.volatility.companion import CompanionCloses, companion_block
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.near_sessions import (
    EventDates,
    event_block,
    high_block,
    spillover_block,
)
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, SINGLE_SESSIONS
from aegismatrix_engine.volatility.realised_variance import average_true_range, range_variance, trailing_mean

RANGE_FEATURES = ("lv1", "lv5", "lv22", "lv66", "neg1", "neg5", "r22", "lew")
VIX_FEATURES = ("lvix", "dvix5", "dvix22")
BURN_IN = 66
EWMA_DECAY = 0.94
RETURN_CLIP = 4.0
VARIANCE_FLOOR = 1e-8


@dataclass(frozen=True)
class DailyFeatures:
    """A daily series with its features, row by row; every row uses that session and earlier ones only.

    range_block: (n, 8) RANGE_FEATURES, NaN in the first 65 rows. vix_block: (n, 3) VIX_FEATURES, NaN without VIX.
    gap: (n, 45) ln(calendar days to session t+h / h); single_gap: (n, 5) ln(calendar days from t+k-1 to t+k).
    average_true_range, implied_sd: (n,) log points. high_block: (n, 2), spillover_block: (n, 3), event_block:
    (n, 10, 2), of ``near_sessions``, NaN where not known. companion_block: (n, 3), of ``companion``, likewise.
    """

    series: DailySeries
    range_block: FloatArray
    vix_block: FloatArray
    gap: FloatArray
    single_gap: FloatArray
    average_true_range: FloatArray
    implied_sd: FloatArray
    high_block: FloatArray
    spillover_block: FloatArray
    event_block: FloatArray
    companion_block: FloatArray

    @classmethod
    def from_series(
        cls,
        series: DailySeries,
        sessions: pd.DatetimeIndex,
        us_spot: pd.DataFrame | None = None,
        events: tuple[EventDates, ...] | None = None,
        companion: CompanionCloses | None = None,
    ) -> Self:
        """Features of every row.

        Args:
            series: the bars.
            sessions: the exchange's calendar, at least 45 sessions past the last row.
            us_spot: daily open, high, low, close of the S&P 500 by US date, for a market that it reaches a day later.
            events: scheduled events, one entry a column of EVENT_FEATURES; None where they are not known.
            companion: closes of another market's volatility index, where the market has a companion index.
        """
        return cls(
            series,
            range_block(series),
            vix_block(series),
            *calendar_gaps(series.dates, sessions),
            average_true_range(series),
            series.implied_sd,
            high_block(series),
            spillover_block(us_spot, series.dates),
            event_block(events, series.dates, sessions),
            companion_block(companion, series.dates),
        )

    def __len__(self) -> int:
        return len(self.series)

    def head(self, n: int) -> "DailyFeatures":
        """The first n rows: the features as they were known at the close of session n - 1."""
        return self.rows(slice(0, n))

    def rows(self, wanted: slice) -> "DailyFeatures":
        """Some consecutive rows with their features, as origins to forecast from."""
        columns = (getattr(self, field.name)[wanted] for field in fields(self) if field.name != "series")
        return DailyFeatures(self.series.rows(wanted), *columns)

    def range_column(self, name: str) -> FloatArray:
        """One column of the range block by its name, shape (n,)."""
        return self.range_block[:, RANGE_FEATURES.index(name)]

    def vix_column(self, name: str) -> FloatArray:
        """One column of the VIX block by its name, shape (n,)."""
        return self.vix_block[:, VIX_FEATURES.index(name)]

    @cached_property
    def has_range(self) -> BoolArray:
        """(n,) bool: the range block is complete."""
        return np.asarray(np.isfinite(self.range_block).all(axis=1))

    @cached_property
    def has_vix(self) -> BoolArray:
        """(n,) bool: range block and VIX block are complete."""
        return self.has_range & np.asarray(np.isfinite(self.vix_block).all(axis=1))

    @cached_property
    def has_companion(self) -> BoolArray:
        """(n,) bool: range block and companion block are complete."""
        return self.has_range & np.asarray(np.isfinite(self.companion_block).all(axis=1))

    @property
    def has_highs(self) -> BoolArray:
        """(n,) bool: the distance to the highest closes is known."""
        return np.asarray(np.isfinite(self.high_block).all(axis=1))

    @property
    def has_spillover(self) -> BoolArray:
        """(n,) bool: the variance of the S&P 500 is known."""
        return np.asarray(np.isfinite(self.spillover_block).all(axis=1))

    @property
    def has_events(self) -> BoolArray:
        """(n,) bool: no event of the five sessions ahead can be missing."""
        return np.asarray(np.isfinite(self.event_block).all(axis=(1, 2)))


def range_block(series: DailySeries) -> FloatArray:
    """RANGE_FEATURES from the bars alone, shape (n, 8).

    lv1, lv5, lv22, lv66: ln of the range variance and of its means over 5, 22 and 66 sessions. neg1, neg5, r22: the
    negative part of the last return, of the 5-session return, and the 22-session return, in units of sqrt(mean of
    range variance over 22 sessions), clipped at 4. lew: ln of the exponentially weighted mean of squared returns,
    decay 0.94 (RiskMetrics, 1996).
    """
    variance = range_variance(series)
    mean22 = trailing_mean(variance, 22)
    unit = np.sqrt(mean22)
    last = series.log_return / unit
    week = np.clip(trailing_return(series, 5) / unit, -RETURN_CLIP, RETURN_CLIP)
    month = np.clip(trailing_return(series, 22) / unit, -RETURN_CLIP, RETURN_CLIP)
    weighted = pd.Series(series.log_return**2).ewm(alpha=1 - EWMA_DECAY).mean().to_numpy()
    block = np.column_stack(
        [
            np.log(variance),
            np.log(trailing_mean(variance, 5)),
            np.log(mean22),
            np.log(trailing_mean(variance, 66)),
            np.minimum(last, 0),
            np.minimum(week, 0),
            month,
            np.log(np.maximum(weighted, VARIANCE_FLOOR)),
        ]
    )
    block[: BURN_IN - 1] = np.nan
    return block


def vix_block(series: DailySeries) -> FloatArray:
    """VIX_FEATURES, shape (n, 3): ln of the implied daily variance, its deviation from its 5- and 22-session means."""
    level = np.log(series.implied_sd**2)
    return np.column_stack([level, level - trailing_mean(level, 5), level - trailing_mean(level, 22)])


def calendar_gaps(dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> tuple[FloatArray, FloatArray]:
    """ln(calendar days to t+h / h), shape (n, 45), and ln(calendar days from t+k-1 to t+k), shape (n, 5).

    Raises ValueError where ``sessions`` lacks a date or ends less than 45 sessions after the last one.
    """
    calendar = sessions.as_unit("ns").asi8 // 86_400_000_000_000
    position = sessions.as_unit("ns").searchsorted(dates)
    if len(dates) and position[-1] + MAX_HORIZON >= len(sessions):
        raise ValueError(f"the calendar ends less than {MAX_HORIZON} sessions after the last bar, {dates[-1]:%Y-%m-%d}")
    if not (sessions[position] == dates).all():
        raise ValueError("a bar's date is not a session of the calendar")
    steps = np.arange(1, MAX_HORIZON + 1)
    days = calendar[position[:, None] + steps] - calendar[position][:, None]
    single = np.diff(days[:, :SINGLE_SESSIONS], axis=1, prepend=0)
    return np.log(days / steps), np.log(single)


def trailing_return(series: DailySeries, sessions: int) -> FloatArray:
    """Log return over the last ``sessions`` sessions, NaN before there are enough. Shape (n,)."""
    result = np.full(len(series), np.nan)
    result[sessions:] = series.close[sessions:] - series.close[:-sessions]
    return result
