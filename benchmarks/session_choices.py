"""What the choices about forecasts inside a session in docs/decisions.md are made from.

    python -m benchmarks.session_choices DATA

DATA is a csv folder with daily rows, the volatility index and 15-minute bars of both. Walks through the sessions since
2018, refits every 63, and prints for each choice the CRPS of today's close against that of another choice, in per cent
with the t of the difference, and how often the 80 % range held: all sessions, those before 2020, those since.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.intraday import profile, scale, sessions, spread, state
from aegismatrix_engine.intraday.model import OWN_CLOSES, fit_intraday, moves_ahead
from aegismatrix_engine.intraday.sessions import IntradaySessions
from aegismatrix_engine.intraday.state import SessionState, states
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.scores import standard_error
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.volatility.distribution import DistributionModel, fit_distribution
from aegismatrix_engine.volatility.shape import LEVELS

FIRST, SECOND_HALF = pd.Timestamp("2018-01-09"), pd.Timestamp("2020-01-01")
REFIT_INTERVAL = 63
CLOCKS = {2: "09:45", 4: "10:15", 8: "11:15", 12: "12:15", 16: "13:15", 20: "14:15", 23: "15:00"}
CRPS_LEVELS = np.arange(1, 100) / 100


@dataclass(frozen=True)
class Walk:
    """Forecasts of one close from each of CLOCKS: losses and whether the 80 % range held, (moments, n); dates (n,)."""

    loss: np.ndarray
    held: np.ndarray
    dates: pd.DatetimeIndex


class Market:
    """Bars of a folder, with one daily model for each refit."""

    def __init__(self, folder: Path) -> None:
        self.market = get_market("nifty50")
        source = open_source("csv", folder)
        self.history = source.with_intraday(source.daily(self.market))
        self.features = market_features(self.history)

    @cache  # noqa: B019 - one market a process
    def daily(self, row: int) -> DistributionModel:
        return fit_distribution(self.features.head(row))

    def walk(self, close: int = 0, *, adapt: bool = True) -> Walk:
        """Forecasts of the close that many sessions after today, its spread adapting from its own closes or not."""
        held = IntradaySessions.from_bars(self.history.bars, self.features.series)
        dates = self.features.series.dates[held.rows]
        first = int(dates.searchsorted(FIRST))
        parts = [self._block(held, at, close, adapt) for at in range(first, len(held), REFIT_INTERVAL)]
        loss, inside = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
        return Walk(loss, inside, dates[first:])

    def _block(self, held: IntradaySessions, at: int, close: int, adapt: bool) -> tuple[np.ndarray, np.ndarray]:
        row = int(held.rows[at])
        known, daily = self.features.head(row), self.daily(row)
        scales = daily.scales(self.features).horizon
        past = held.where(held.rows < row)
        model = fit_intraday(known, scales[:row], past).without_spread()
        block = held.where(np.isin(np.arange(len(held)), np.arange(at, at + REFIT_INTERVAL)))
        losses, inside = [], []
        for moment in CLOCKS:
            grid, ratios = model.close[moment - 1, close], []
            for some, features in ((past, known), (block, self.features)):
                before = scales[some.rows - 1]
                found = model.distribution(before, daily.shapes(use_vix=True), states(some, features.series, moment))
                move = moves_ahead(features, some, moment)[0][:, close]
                ratios.append(move / found.scale[:, close])
            low, high = np.interp([0.1, 0.9], LEVELS, grid)
            # What a close of some sessions ahead has done is known so many sessions later.
            came = np.concatenate([np.full(close, np.nan), ratios[0], ratios[1]])
            path = spread.adapt_spread(np.zeros(1), came[:, None], np.array([low]), np.array([high]))
            factor = np.exp(path[len(ratios[0]) : len(ratios[0]) + len(ratios[1]), 0] * adapt)
            error = move[:, None] - (found.scale[:, close] * factor)[:, None] * np.interp(CRPS_LEVELS, LEVELS, grid)
            losses.append(2 * np.maximum(CRPS_LEVELS * error, (CRPS_LEVELS - 1) * error).mean(axis=1))
            inside.append((ratios[1] >= low * factor) & (ratios[1] <= high * factor))
        return np.array(losses), np.array(inside)


@contextmanager
def changed(name: str, value: Any, *modules: Any) -> Iterator[None]:
    """Another value of a constant, or of a method, in the modules that hold it."""
    before = [getattr(module, name) for module in modules]
    for module in modules:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, old in zip(modules, before, strict=True):
            setattr(module, name, old)


def compared(name: str, walk: Walk, other: Walk, close: int = 0) -> None:
    """Print one line a moment: skill and t of ``walk`` over ``other``, and its coverage, by period."""
    print(name)
    known = np.isfinite(walk.loss).all(axis=0)
    early = np.asarray(walk.dates < SECOND_HALF)
    for i, clock in enumerate(CLOCKS.values()):
        cells = []
        for rows in (known, known & early, known & ~early):
            gain = other.loss[i, rows] - walk.loss[i, rows]
            error = standard_error(gain, close)
            t = gain.mean() / error if error > 0 else 0.0
            cells.append(f"{gain.mean() / other.loss[i, rows].mean():+.2%} (t {t:+.1f})")
        print(
            f"  {clock}: {', '.join(cells)}; held {walk.held[i, known].mean():.1%}, before {other.held[i].mean():.1%}"
        )


def without_recent(columns: Callable[..., list[np.ndarray]]) -> Callable[..., list[np.ndarray]]:
    """The columns with nothing to tell in that of the last bars."""
    place = scale.FEATURES.index("ln(recent/expected)") - 1

    def found(self: scale.IntradayScale, daily_scale: np.ndarray, at: SessionState) -> list[np.ndarray]:
        kept = columns(self, daily_scale, at)
        return [*kept[:place], np.zeros_like(kept[place]), *kept[place + 1 :]]

    return found


def last_bars(market: Market) -> None:
    """The column of the last bars: against none, and by how many of them."""
    with changed("columns", without_recent(scale.IntradayScale.columns), scale.IntradayScale):
        none = [market.walk(close, adapt=False) for close in (0, 1, OWN_CLOSES - 1)]
    for close, plain in zip((0, 1, OWN_CLOSES - 1), none, strict=True):
        compared(f"last four bars, against none, close {close}", market.walk(close, adapt=False), plain, close)
    four = market.walk(adapt=False)
    for bars in (2, 3, 6, 8):
        with changed("RECENT_MOMENTS", bars, sessions, scale, state):
            compared(f"last {bars} bars, against four", market.walk(adapt=False), four)


def spreads(market: Market) -> None:
    """The spread: against none by rate, and for the closes after today's."""
    for close in (0, 1, OWN_CLOSES - 1):
        plain = market.walk(close, adapt=False)
        for rate in (0.005, 0.01, 0.02) if close == 0 else (0.01,):
            with changed("SPREAD_RATE", rate, spread):
                compared(f"spread at rate {rate}, against none, close {close}", market.walk(close), plain, close)


def window_profile(market: Market) -> None:
    """Distance of the profile from the mean shares of the 63 sessions after, by the half-life of its sessions."""
    bars = market.history.bars
    assert bars is not None
    days = pd.DatetimeIndex(bars.index).normalize()
    shares = np.array(
        [
            profile.window_shares(own, market.market.gamma_windows)[0]
            for _, own in bars.groupby(days)
            if len(own) == sessions.MOMENTS
        ]
    )
    ends = range(500, len(shares) - REFIT_INTERVAL)
    after = np.array([shares[end : end + REFIT_INTERVAL].mean(axis=0) for end in ends])
    for half_life in (21, 42, 63, 125, 250, 500, 1000, np.inf):
        weight = 0.5 ** (np.arange(len(shares)) / half_life)
        said = np.array([np.average(shares[:end], axis=0, weights=weight[:end][::-1]) for end in ends])
        print(f"half-life {half_life}: {np.sqrt(((said - after) ** 2).sum(axis=1).mean()):.4f} from the next sessions")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure what the choices inside a session stand on.")
    arguments.add_argument("data", type=Path)
    market = Market(arguments.parse_args().data)
    last_bars(market)
    spreads(market)
    window_profile(market)


if __name__ == "__main__":
    main()
