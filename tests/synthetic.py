"""A market that never was, on the exchange's real sessions: stochastic volatility, nights, and a volatility index.

Deterministic, so that every test sees the same bars; nothing is read from disk or network.
"""

import dataclasses
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.environment import environment
from aegismatrix_engine.artifacts.manifest import Manifest, Training
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.training.train import train
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures

MARKET = get_market("nifty50")
FIRST = pd.Timestamp("2015-01-01")
SESSIONS = 1150
STEPS = 24
INTRADAY_SESSIONS, BARS, TICKS = 300, 25, 5
NIGHT_SHARE = 0.35
TRAINED_AT = pd.Timestamp("2030-01-01T12:00:00+00:00")


@cache
def daily_frame(sessions: int = SESSIONS, seed: int = 7) -> pd.DataFrame:
    """Columns open, high, low, close (points) and vix (vol points), one row a regular session. Do not write into it."""
    dates = MARKET.calendar.following(FIRST, sessions).rename("date")
    draws = np.random.default_rng(seed)
    shocks, premium = draws.standard_normal(sessions), draws.standard_normal(sessions)
    steps = draws.standard_normal((sessions, STEPS)) / np.sqrt(STEPS)
    log_sd, close = np.log(0.009), np.log(8000.0)
    rows, implied = np.empty((sessions, 4)), np.empty(sessions)
    for t in range(sessions):
        sd = np.exp(log_sd)
        night = 0.0002 + sd * np.sqrt(NIGHT_SHARE) * draws.standard_normal()
        path = close + night + np.concatenate([[0.0], np.cumsum(sd * np.sqrt(1 - NIGHT_SHARE) * steps[t])])
        rows[t] = path[0], path.max(), path.min(), path[-1]
        leverage = -0.25 * (path[-1] - close) / sd
        log_sd = np.log(0.009) + 0.96 * (log_sd - np.log(0.009)) + 0.09 * (shocks[t] + leverage)
        close = path[-1]
        ahead = np.log(0.009) + 0.75 * (log_sd - np.log(0.009))
        implied[t] = 100 * np.sqrt(252) * 1.15 * np.exp(ahead + 0.05 * premium[t])
    frame = pd.DataFrame(np.exp(rows), index=dates.as_unit("ns"), columns=["open", "high", "low", "close"])
    return frame.assign(vix=implied)


@cache
def intraday_frame(sessions: int = SESSIONS, last: int = INTRADAY_SESSIONS) -> pd.DataFrame:
    """15-minute bars of the last sessions of ``daily_frame``, index bar start. Do not write into it.

    Columns open, high, low, close (points), vix. A bridge from the open to near the close inside the day's range,
    livelier at both ends of the day; the volatility index walks from its close before to its close.
    """
    daily = daily_frame(sessions)
    draws = np.random.default_rng(11)
    speed = np.repeat(1 + 1.5 * np.abs(np.linspace(-1, 1, BARS)) ** 2, TICKS)
    elapsed = np.cumsum(speed) / speed.sum()
    parts = []
    for row in range(len(daily) - last, len(daily)):
        open_, high, low, close = np.log(daily.iloc[row, :4].to_numpy(dtype=np.float64))
        walk = np.cumsum(np.sqrt(speed / speed.sum()) * draws.standard_normal(BARS * TICKS))
        end = np.clip(close + 0.0004 * draws.standard_normal(), low, high)
        path = open_ + (end - open_) * elapsed + (high - low) / 1.6 * (walk - walk[-1] * elapsed)
        path = np.clip(np.concatenate([[open_], path]), low, high)
        ticks = np.column_stack([path[:-1].reshape(BARS, TICKS), path[TICKS::TICKS]])
        before, after = np.log(daily["vix"].iloc[[row - 1, row]].to_numpy(dtype=np.float64))
        vix = before + (after - before) * np.arange(1, BARS + 1) / BARS + 0.004 * draws.standard_normal(BARS)
        starts = daily.index[row] + pd.Timedelta(hours=9, minutes=15) + pd.Timedelta(minutes=15) * np.arange(BARS)
        prices = {"open": ticks[:, 0], "high": ticks.max(axis=1), "low": ticks.min(axis=1), "close": ticks[:, -1]}
        index = pd.DatetimeIndex(starts, name="timestamp").as_unit("ns")
        parts.append(pd.DataFrame({**prices, "vix": vix}, index=index).map(np.exp))
    return pd.concat(parts)


@cache
def us_vix_frame(sessions: int = SESSIONS) -> pd.DataFrame:
    """Column close (vol points) by US session; it rises over the nights before a fall. Do not write into it."""
    daily = daily_frame(sessions)
    first, last = daily.index[0] - pd.Timedelta(days=10), daily.index[-1] + pd.Timedelta(days=5)
    dates = get_market("sp500").calendar.regular(first, last)
    gap = np.log(daily["open"].to_numpy()[1:] / daily["close"].to_numpy()[:-1])
    following = daily.index.searchsorted(dates, side="right") - 1
    known = (following >= 0) & (following < len(gap))
    news = np.where(known, gap[np.clip(following, 0, len(gap) - 1)], 0.0)
    draws = np.random.default_rng(13)
    level = np.zeros(len(dates))
    for t in range(1, len(dates)):
        level[t] = 0.97 * level[t - 1] - 4 * news[t] + 0.02 * draws.standard_normal()
    return pd.DataFrame({"close": 15 * np.exp(level)}, index=dates.as_unit("ns").rename("date"))


@cache
def us_spot_frame(sessions: int = SESSIONS) -> pd.DataFrame:
    """Columns open, high, low, close (points) by US session; its days are the news of the night. Do not write into it.

    The index opens where it closed, but for a little, so that its day is what the market has not seen.
    """
    vix = np.log(us_vix_frame(sessions)["close"])
    draws = np.random.default_rng(17)
    day = -0.12 * vix.diff().fillna(0.0).to_numpy() + 0.003 * draws.standard_normal(len(vix))
    gap = 0.002 * draws.standard_normal(len(vix))
    close = np.log(3000) + np.cumsum(day + gap)
    prices = {"open": close - day, "high": np.maximum(close, close - day), "low": np.minimum(close, close - day)}
    return np.exp(pd.DataFrame({**prices, "close": close}, index=vix.index))


@cache
def inda_frame(sessions: int = SESSIONS) -> pd.DataFrame:
    """Column close (dollars) of a fund of the market's shares, by US session. Do not write into it.

    It follows the market's last close and half of what the S&P 500 has done since it, with noise of its own. On one day
    it pays out 8 %, and on one a share becomes three.
    """
    daily, us = daily_frame(sessions), us_spot_frame(sessions)
    at = np.clip(daily.index.searchsorted(us.index, side="right") - 1, 0, None)
    news = np.log(us["close"] / us["open"]).to_numpy()
    noise = 0.002 * np.random.default_rng(19).standard_normal(len(us))
    level = np.log(daily["close"].to_numpy()[at] / 250) + 0.5 * news + noise
    level[len(us) // 2 :] -= 0.08
    level[2 * len(us) // 3 :] -= np.log(3)
    return pd.DataFrame({"close": np.exp(level)}, index=us.index)


def whole_history() -> MarketHistory:
    """The same market with intraday bars of its last sessions, and with the three series of the US."""
    us = {"us_vix": us_vix_frame(), "us_spot": us_spot_frame(), "inda": inda_frame()}
    return replace(history(), bars=intraday_frame(), **us)


def history(frame: pd.DataFrame | None = None) -> MarketHistory:
    """The frame as a validated history; rows of vix that are NaN are left out."""
    bars = daily_frame() if frame is None else frame
    vix = bars[["vix"]].rename(columns={"vix": "close"}).dropna()
    return MarketHistory(MARKET, bars[["open", "high", "low", "close"]], vix if len(vix) else None)


def series(frame: pd.DataFrame | None = None) -> DailySeries:
    return DailySeries.from_frame(daily_frame() if frame is None else frame)


@cache
def features(sessions: int = SESSIONS) -> DailyFeatures:
    return market_features(history(daily_frame(sessions)))


@cache
def trained() -> tuple[Models, Training]:
    """The models of the whole synthetic history, and what they were trained on; all heads are held to be proven.

    The history is too short to prove any, and most tests are about what is published once they are.
    """
    models, training = train(history(), TRAINED_AT)
    return models, with_heads(training, True)


@cache
def trained_whole() -> tuple[Models, Training]:
    """The models of ``whole_history``, its heads proven: what is learnt of sessions and nights is its own."""
    models, training = train(whole_history(), TRAINED_AT)
    return models, with_heads(training, True)


def manifest(training: Training) -> Manifest:
    """A manifest for models that are on no disk."""
    return Manifest("0" * 12, "0", environment(), training, {}, {}, {}, {}, forced=False)


def with_heads(training: Training, proven: bool) -> Training:
    """The same training, with all of its heads proven or none."""
    return replace(training, heads=tuple(replace(head, proven=proven) for head in training.heads))


def document(models: Models, training: Training, bars: MarketHistory | None = None) -> dict[str, object]:
    """The document as its readers see it."""
    made = infer(bars or history(), models, manifest(training), "synthetic", TRAINED_AT).document
    content: dict[str, object] = made.model_dump(mode="json", exclude_none=True)
    return content


def equal(left: Any, right: Any) -> bool:
    """Whether two models, or parts of models, hold the same numbers to the last bit."""
    if dataclasses.is_dataclass(left):
        names = [field.name for field in dataclasses.fields(left)]
        return type(left) is type(right) and all(equal(getattr(left, n), getattr(right, n)) for n in names)
    if isinstance(left, tuple):
        return isinstance(right, tuple) and len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    return type(left) is type(right) and left == right
