"""One sound synthetic market on NSE's sessions of 2026, as it can be seen at a moment."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import get_market

MARKET = get_market("nifty50")
FIRST, LAST = pd.Timestamp("2026-02-02"), pd.Timestamp("2026-11-25")
SESSIONS_OF_BARS = 30
BAR = pd.Timedelta(minutes=15)
US_SETTLED = pd.Timedelta(hours=16, minutes=30)
TICKS = 5
SPOT = ("open", "high", "low", "close")

SERIES = ("spot_daily", "vix_daily", "spot_intraday", "vix_intraday", "us_vix_daily")

US_PRICES = ("us_spot_daily", "inda_daily")
"""Whole in every combination; ``test_states_of_us_prices`` has them in each state."""

CLOCKS: Mapping[str, pd.Timestamp] = {
    name: pd.Timestamp(f"{moment}+05:30")
    for name, moment in {
        "night": "2026-11-19T03:30",
        "before_open": "2026-11-19T09:05",
        "in_session": "2026-11-18T11:07:30",
        "auction": "2026-11-18T15:20",
        "just_closed": "2026-11-18T15:40",
        "after_close": "2026-11-18T16:10",
        "holiday": "2026-11-24T11:07",
        "special": "2026-11-08T18:50",
        "after_special": "2026-11-09T11:07",
        "averaged_close": "2026-07-15T15:40",
    }.items()
}
"""Moments of the trading clock; at ``averaged_close`` closes are still averages of the last half hour.

``night`` is after the US close; at ``just_closed`` Yahoo's daily row is no close yet; ``special`` is inside the Muhurat
session of 2026-11-08, ``after_special`` the Monday after it.
"""

Seen = dict[str, pd.DataFrame]


@cache
def _whole() -> Seen:
    """Every series from FIRST to LAST; of intraday bars all sessions."""
    calendar = MARKET.calendar
    dates = calendar.regular(FIRST, LAST).union(calendar.special(FIRST, LAST))
    draws = np.random.default_rng(26)
    level, vix_level, rows, bars, vix_closes, vix_bars = 24000.0, 14.0, [], [], [], []
    for day in dates:
        hours = calendar.hours(day)
        starts = pd.date_range(hours.opens, hours.continuous_close, freq=BAR, inclusive="left").tz_localize(None)
        steps = 0.0016 * draws.standard_normal((len(starts), TICKS)).ravel() / np.sqrt(TICKS)
        night = level * np.exp(0.003 * draws.standard_normal())
        ticks = np.round(np.concatenate([[night], night * np.exp(np.cumsum(steps))]), 2)
        within = np.column_stack([ticks[:-1].reshape(len(starts), TICKS), ticks[TICKS::TICKS]])
        of_day = pd.DataFrame(
            dict(zip(SPOT, (within[:, 0], within.max(1), within.min(1), within[:, -1]), strict=True)),
            index=starts.as_unit("ns"),
        )
        close = float(of_day["close"].iloc[-1]) * np.exp(0.0003 * draws.standard_normal())
        if MARKET.averages_close(day):
            close = float(of_day[["high", "low", "close"]].iloc[-2:].to_numpy().mean())
        level = round(close, 2)
        high, low = max(of_day["high"].max(), level), min(of_day["low"].min(), level)
        rows.append([of_day["open"].iloc[0], high, low, level])
        bars.append(of_day)
        moved = vix_level * np.exp(0.1 * np.log(14.0 / vix_level) + 0.03 * draws.standard_normal())
        path = np.linspace(vix_level, moved, len(starts) + 1)[1:] * np.exp(0.002 * draws.standard_normal(len(starts)))
        vix_level = round(float(path[-1]), 2)
        vix_closes.append(vix_level)
        vix_bars.append(pd.Series(np.round(path, 2), index=starts.as_unit("ns")))
    index = dates.as_unit("ns").rename("date")
    nights = get_market("sp500").calendar.regular(FIRST, LAST).as_unit("ns").rename("date")
    us = 16 + 2 * np.sin(np.arange(len(nights)) / 9) + 0.4 * draws.standard_normal(len(nights))
    us_close = 6500 * np.exp(np.cumsum(0.008 * draws.standard_normal(len(nights))))
    us_open = np.append(6500.0, us_close[:-1]) * np.exp(0.002 * draws.standard_normal(len(nights)))
    both = np.column_stack([us_open, us_close])
    us_spot = np.column_stack([us_open, both.max(axis=1) * 1.002, both.min(axis=1) * 0.998, us_close])
    fund = us_close / 120 * np.exp(0.004 * draws.standard_normal(len(nights)))
    return {
        "spot_daily": pd.DataFrame(rows, index=index, columns=list(SPOT)),
        "vix_daily": pd.DataFrame({"close": vix_closes}, index=index),
        "spot_intraday": pd.concat(bars).rename_axis("timestamp"),
        "vix_intraday": pd.concat(vix_bars).rename("close").to_frame().rename_axis("timestamp"),
        "us_vix_daily": pd.DataFrame({"close": np.round(us, 2)}, index=nights),
        "us_spot_daily": pd.DataFrame(us_spot.round(2), index=nights, columns=list(SPOT)),
        "inda_daily": pd.DataFrame({"close": fund.round(2)}, index=nights),
    }


@cache
def seen(now: pd.Timestamp) -> Seen:
    """Every series as a source shows it at ``now``, today's row and bar in progress included. Do not write into it.

    Daily frames are indexed by session date, intraday ones by naive bar start in exchange time; prices in points,
    volatility indices in vol points. Today's daily row holds what its bars add up to until its official close.
    """
    whole, local = _whole(), now.tz_convert(MARKET.zone).tz_localize(None)
    days = whole["spot_daily"].index
    begun = days[[MARKET.calendar.opens_at(day) <= now for day in days]]
    first = begun[-SESSIONS_OF_BARS]
    shown = {name: whole[name].loc[first:local] for name in ("spot_intraday", "vix_intraday")}
    shown |= {name: whole[name].loc[begun] for name in ("spot_daily", "vix_daily")}
    today = begun[-1]
    if MARKET.calendar.closes_at(today) > now:
        own, vix = (shown[name].loc[today:] for name in ("spot_intraday", "vix_intraday"))
        so_far = [own["open"].iloc[0], own["high"].max(), own["low"].min(), own["close"].iloc[-1]]
        shown["spot_daily"] = shown["spot_daily"].copy()
        shown["spot_daily"].loc[today] = so_far
        shown["vix_daily"] = shown["vix_daily"].copy()
        shown["vix_daily"].loc[today] = vix["close"].iloc[-1]
    for name in ("us_vix_daily", *US_PRICES):
        settled = (pd.DatetimeIndex(whole[name].index) + US_SETTLED).tz_localize("America/New_York")
        shown[name] = whole[name][settled <= now]
    return {name: shown[name] for name in (*SERIES, *US_PRICES)}


def last_closed(now: pd.Timestamp) -> pd.Timestamp:
    """The last session whose official close is at or before ``now``."""
    days = _whole()["spot_daily"].index
    return pd.Timestamp(days[[MARKET.calendar.closes_at(day) <= now for day in days]][-1])
