"""What a record should say, worked out from its csv files and raw bars with plain pandas and numpy alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm


@dataclass(frozen=True)
class Bars:
    """Raw bars: daily (open, high, low, close by naive date), intraday (by naive start), dates not in horizons."""

    daily: pd.DataFrame
    intraday: pd.DataFrame
    special: frozenset[pd.Timestamp]

    @property
    def regular(self) -> pd.DataFrame:
        return self.daily[~self.daily.index.isin(list(self.special))]


def table(folder: Path, market: str, kind: str) -> pd.DataFrame:
    """Every line of every file of a kind, all cells as text."""
    files = sorted((folder / market / kind).rglob("*.csv"))
    return pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in files], ignore_index=True)


def happened(row: Any, bars: Bars) -> tuple[bool, float]:
    """Whether a forecast's event happened, and the number that decides; ``row`` has the columns of the file."""
    until, origin = pd.Timestamp(row.until), pd.Timestamp(row.origin)
    spot = float(row.spot)
    threshold = float(row.threshold) if row.threshold else math.nan
    if row.event == "trap":
        closes = bars.regular["close"]
        closes = closes[closes.index <= until]
        before = int((closes.index <= origin).sum()) - 1
        returns = np.diff(np.log(closes.to_numpy()[before:]))
        assert len(returns) == int(row.sessions)
        size = math.sqrt(float(np.mean(returns**2)))
        return size > threshold, size
    if row.event == "breakout":
        days = bars.regular
        at = days.index.get_loc(until)
        last, day = days["close"].iloc[at - 1], days.loc[until]
        width = math.log(max(day[["open", "high", "low", "close"]].max(), last))
        width -= math.log(min(day[["open", "high", "low", "close"]].min(), last))
        return width > threshold, width
    close = float(bars.daily["close"][until])
    if row.event == "range":
        return float(row.lower) <= close <= float(row.upper), close
    if row.event == "close_beyond":
        return abs(close - spot) > threshold, abs(close - spot)
    if row.event == "touch":
        reached = max(abs(price - spot) for price in prices_after(row, bars, close))
        return reached > threshold, reached
    move = math.log(close / spot)
    return {"up": move > threshold, "down": -move > threshold, "straddle": abs(move) > threshold}[row.event], move


def prices_after(row: Any, bars: Bars, close: float) -> Iterator[float]:
    """The close that ends the time, and the highs and lows of all bars that began at the moment or after it."""
    yield close
    moment = pd.Timestamp(row.as_of).tz_localize(None)
    day, until = moment.normalize(), pd.Timestamp(row.until)
    after = bars.daily[(bars.daily.index > max(day, pd.Timestamp(row.origin))) & (bars.daily.index <= until)]
    if day > pd.Timestamp(row.origin):
        own = bars.intraday[(bars.intraday.index >= moment) & (bars.intraday.index < day + pd.Timedelta(days=1))]
        yield from own["high"]
        yield from own["low"]
    elif moment.hour < 9:
        after = bars.daily[(bars.daily.index >= day) & (bars.daily.index <= until)]
    yield from after["high"]
    yield from after["low"]


def signal_scores(forecasts: pd.DataFrame, outcomes: pd.Series, standing: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Scores of the decided forecasts of one standing, by signal and event; ``outcomes`` (0, 1) by key."""
    decided = forecasts[forecasts["key"].isin(outcomes.index) & (forecasts["standing"] == standing)]
    decided = decided.assign(name=decided["signal"].str.replace(r"(probabilities|curve)\.\d+$", r"\1", regex=True))
    return {
        (str(name), str(event)): one_score(part, outcomes[part["key"]].to_numpy(dtype=float))
        for (name, event), part in decided.groupby(["name", "event"])
    }


def one_score(part: pd.DataFrame, outcome: np.ndarray) -> dict[str, Any]:
    said = part["probability"].astype(float).to_numpy()
    counts = part["until"].value_counts()
    weight = np.array([1 / counts[until] for until in part["until"]])
    frequency = float((weight * outcome).sum() / weight.sum())
    kept = np.clip(said, 1e-4, 1 - 1e-4)
    surprise = -np.where(outcome == 1, np.log(kept), np.log(1 - kept))
    found: dict[str, Any] = {
        "n": len(part),
        "events": len(counts),
        "first": min(part["as_of"])[:10],
        "last": max(part["as_of"])[:10],
        "frequency": frequency,
        "interval": wilson(frequency, len(counts)),
        "brier": float((weight * (said - outcome) ** 2).sum() / weight.sum()),
        "log": float((weight * surprise).sum() / weight.sum()),
    }
    for name in ("climatology", "vix"):
        known = (part[name] != "").to_numpy()
        base = part[name][known].astype(float).to_numpy()
        ours = (weight[known] * (said[known] - outcome[known]) ** 2).sum()
        theirs = (weight[known] * (base - outcome[known]) ** 2).sum()
        found[name] = float(1 - ours / theirs) if known.any() and theirs > 0 else None
    return found


def wilson(rate: float, n: int) -> tuple[float, float]:
    """Where the normal approximation with the true share's own variance is 95 % wide, found by bisection."""
    z = norm.ppf(0.975)

    def beyond(share: float) -> float:
        return float(abs(rate - share) - z * math.sqrt(share * (1 - share) / n))

    low = 0.0 if rate == 0 else brentq(beyond, 0.0, min(rate, 1 - 1e-12))
    high = 1.0 if rate == 1 else brentq(beyond, max(rate, 1e-12), 1.0)
    return low, high
