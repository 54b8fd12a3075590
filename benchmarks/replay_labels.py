"""What followed each label of the documents of past closes, and how often each head was published as a model.

    python -m benchmarks.replay_labels DATA [--market ID] [--first DATE] [--last DATE] [--every N] [--step N]

DATA is a csv folder with daily rows and, better, the volatility index. Trains every 63 sessions on what was known then,
with the proofs of the training before, makes the document of each close by the engine's own ``infer``, and compares its
words with what came. Takes three to four minutes for five years.

An order of values is contradicted where the outcome of the worse one is below that of the better by more than the 95 %
interval of the difference: a circular block bootstrap with blocks of 96 days, some 66 sessions.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.environment import environment
from aegismatrix_engine.artifacts.head_proof import HEADS
from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.buyer.targets import breakout_happened, straddle_cost, straddle_pays
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.scores import block_starts
from aegismatrix_engine.seller.model import stress_touched
from aegismatrix_engine.seller.targets import trap_sprung
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training.train import train
from aegismatrix_engine.volatility.outcomes import horizon_outcomes, realised_variance_ahead

BLOCK_DAYS, REPLICATIONS = 96, 1000
LONGEST = 10


@dataclass(frozen=True)
class Claim:
    """A label, its words from least to most, and the outcomes that grow along them if the words are true."""

    label: str
    words: tuple[str, ...]
    outcomes: tuple[str, ...]


MOVES = ("realised over implied", "80 % range left", "move in sigmas", "move in %")
RISKS = ("CALM", "CAUTION", "HOSTILE")
CLAIMS = (
    Claim("seller.trap.word", ("LOW", "MEDIUM", "HIGH"), ("trap sprung",)),
    Claim("seller.expiry_stress.word", RISKS, ("stress distance touched",)),
    Claim("seller.range_width.grade", ("NARROW", "USUAL", "WIDE"), MOVES),
    Claim("seller.seller_flag.label", ("FAVOURABLE", "CAUTION", "HOSTILE"), MOVES),
    Claim("seller.regime", ("CALM", "CAUTIOUS", "HOSTILE"), MOVES),
    Claim("seller.daily_flag", ("FAVOURABLE", "NEUTRAL", "RISKY"), MOVES),
    Claim(
        "buyer.theta_edge.word",
        ("DONT_WASTE_PREMIUM", "BORDERLINE", "EDGE_JUSTIFIES_PREMIUM"),
        ("straddle pays", "pay-off over cost"),
    ),
    Claim(
        "buyer.buyer_environment.label",
        ("UNFAVOURABLE", "SPECULATIVE_ONLY", "PREMIUM_FRIENDLY"),
        ("straddle pays", "pay-off over cost", "next session breaks out"),
    ),
    *(
        Claim(f"buyer.breakout_next.{k}.word", ("LOW", "MEDIUM", "HIGH"), (f"session {k + 1} breaks out",))
        for k in range(5)
    ),
    *(
        Claim(f"direction.horizons.{key}.direction", ("DOWN", "NEUTRAL", "UP"), (f"return over {h}",))
        for key, h in (("t1", 1), ("t5", 5))
    ),
)
"""``buyer.environment_state`` is the environment in other words."""


def replay(
    history: MarketHistory, first: pd.Timestamp, last: pd.Timestamp, every: int = 63, step: int = 1
) -> pd.DataFrame:
    """One row for every ``step``-th close from ``first`` to ``last``: its labels, bases of heads, and outcomes.

    every: sessions between two trainings.
    """
    series = market_features(history).series
    rows = np.flatnonzero((series.dates >= first) & (series.dates <= last))
    outcomes, found, proven = _outcomes(history), [], frozenset[str]()
    for start in range(0, len(rows), every):
        models, manifest = _trained(history, pd.Timestamp(series.dates[rows[start]]), proven)
        proven = frozenset(head.signal for head in manifest.training.heads if head.proven)
        for row in rows[start : start + every : step]:
            known = history.until(AsOf.of(pd.Timestamp(series.dates[row])))
            document = infer(known, models, manifest, "replay", _noon_after(known)).document
            found.append(_labels(document) | _bases(document) | outcomes(int(row), document))
    return pd.DataFrame(found, index=series.dates[rows][_taken(len(rows), every, step)])


def _taken(n: int, every: int, step: int) -> np.ndarray:
    return np.array([row for start in range(0, n, every) for row in range(start, min(start + every, n), step)])


def _trained(history: MarketHistory, day: pd.Timestamp, proven: frozenset[str]) -> tuple[Models, Manifest]:
    known = history.until(AsOf.of(day))
    models, training = train(known, _noon_after(known), proven_before=proven)
    return models, Manifest("0" * 12, __version__, environment(), training, {}, {}, {}, {}, forced=False)


def _noon_after(history: MarketHistory) -> pd.Timestamp:
    return (history.last_session + pd.Timedelta(days=1, hours=6)).tz_localize(history.market.zone)


def _at(document: Document, path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value


def _labels(document: Document) -> dict[str, Any]:
    return {claim.label: _at(document, claim.label) for claim in CLAIMS}


def _bases(document: Document) -> dict[str, Any]:
    """Head -> basis under which its number was published; theta's is that of the nearest expiry's horizon."""
    seller, buyer = document.seller, document.buyer
    found = {
        "seller.trap.5": seller.trap.basis,
        "seller.trap.10": seller.trap.basis_10,
        "seller.expiry_stress": seller.expiry_stress.basis if seller.expiry_stress.word else "base_rate",
        "buyer.spike_direction_bias": buyer.spike_direction_bias.basis,
        f"buyer.theta_edge.{buyer.theta_edge.sessions_left}": buyer.theta_edge.basis,
    }
    found |= {f"buyer.breakout.{one.day_offset}": one.basis for one in buyer.breakout_next}
    return {f"basis {head}": basis for head, basis in found.items()}


def _outcomes(history: MarketHistory) -> Any:
    """A function of (row, document): what came after that close, NaN where it is not yet known."""
    features = market_features(history)
    series = features.series
    ahead = horizon_outcomes(series, LONGEST)
    realised = np.column_stack([realised_variance_ahead(series, h) for h in range(1, LONGEST + 1)])
    stress, sprung, broke_out = stress_touched(features), trap_sprung(series, 5), breakout_happened(series)
    pays = np.column_stack([straddle_pays(series, h) for h in range(1, 6)])

    def of(row: int, document: Document) -> dict[str, float]:
        h = min(document.seller.expiry_stress.sessions_left, LONGEST)
        at, implied, move = h - 1, series.implied_sd[row], abs(ahead.close[row, h - 1])
        nearest = document.seller.expiries[0]
        lower, upper = _range_over(document, h) if nearest.sessions_left == h else (np.nan, np.nan)
        left = np.nan
        if np.isfinite(lower) and np.isfinite(move):
            left = float(ahead.up[row, at] > upper or ahead.down[row, at] > -lower)
        five = min(h, 5)
        return {
            "realised over implied": realised[row, at] / implied**2,
            "80 % range left": left,
            "move in sigmas": move / (implied * np.sqrt(h)),
            "move in %": 100 * move / np.sqrt(h),
            "trap sprung": sprung[row],
            "stress distance touched": stress[row, at],
            "straddle pays": pays[row, five - 1],
            "pay-off over cost": abs(ahead.close[row, five - 1]) / straddle_cost(np.array([implied]), five)[0],
            "next session breaks out": broke_out[row, 0],
            **{f"session {k + 1} breaks out": broke_out[row, k] for k in range(5)},
            **{f"return over {k}": 100 * ahead.close[row, k - 1] for k in (1, 5)},
        }

    return of


def _range_over(document: Document, sessions: int) -> tuple[float, float]:
    """Log distances to the bounds of the 80 % range of the close."""
    nearest = document.seller.expiries[0]
    one = next(band for band in nearest.ranges if band.kind == "close_at_expiry" and band.coverage == 0.8)
    spot = document.market.spot
    return float(np.log(one.lower / spot)), float(np.log(one.upper / spot))


@dataclass(frozen=True)
class Followed:
    """Mean outcome after one value of a label, with its 95 % interval."""

    label: str
    value: str
    outcome: str
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Order:
    """Two values of a label in the order of its words: outcome after ``more`` less that after ``less``."""

    label: str
    outcome: str
    less: str
    more: str
    difference: float
    low: float
    high: float

    @property
    def contradicted(self) -> bool:
        """Whether the outcome goes against the words beyond its interval."""
        return self.high < 0


def followed(rows: pd.DataFrame) -> Iterator[Followed]:
    """What followed every value of every label."""
    for claim in CLAIMS:
        for outcome in claim.outcomes:
            for value in claim.words:
                found = _resampled(rows, claim.label, outcome, (value,))
                if found is not None:
                    mean, drawn = found
                    low, high = np.nanquantile(drawn[:, 0], [0.025, 0.975])
                    yield Followed(
                        claim.label, value, outcome, int(_n(rows, claim.label, outcome, value)), mean[0], low, high
                    )


def orders(rows: pd.DataFrame) -> Iterator[Order]:
    """Every pair of values that were both there, for every outcome their label is about."""
    for claim in CLAIMS:
        for outcome in claim.outcomes:
            for less, more in combinations(claim.words, 2):
                found = _resampled(rows, claim.label, outcome, (less, more))
                if found is None:
                    continue
                mean, drawn = found
                low, high = np.nanquantile(drawn[:, 1] - drawn[:, 0], [0.025, 0.975])
                yield Order(claim.label, outcome, less, more, mean[1] - mean[0], low, high)


def _n(rows: pd.DataFrame, label: str, outcome: str, value: str) -> int:
    return int(((rows[label] == value) & rows[outcome].notna()).sum())


def _resampled(
    rows: pd.DataFrame, label: str, outcome: str, values: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Means after each value, and the same of 1,000 block-bootstrap samples; None where one has under 20 outcomes."""
    if any(_n(rows, label, outcome, value) < 20 for value in values):
        return None
    came, known = rows[outcome].to_numpy(dtype=np.float64), rows[outcome].notna().to_numpy()
    chosen = np.column_stack([(rows[label] == value).to_numpy() & known for value in values])
    sums = np.where(chosen, np.where(known, came, 0.0)[:, None], 0.0)
    blocks = max((rows.index[-1] - rows.index[0]).days // BLOCK_DAYS, 1)
    length = len(rows) // blocks
    starts = block_starts(len(rows) + length - 1, length, blocks, REPLICATIONS)
    totals, counts = (
        np.lib.stride_tricks.sliding_window_view(np.concatenate([part, part[: length - 1]]), length, axis=0)
        .sum(axis=-1)[starts]
        .sum(axis=1)
        for part in (sums, chosen.astype(np.float64))
    )
    with np.errstate(invalid="ignore"):
        return sums.sum(axis=0) / chosen.sum(axis=0), totals / counts


def published_as_model(rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Head -> documents whose number was its own, and documents that could have had it."""
    found = {}
    for head in HEADS:
        column = rows.get(f"basis {head}")
        known = pd.Series(dtype=object) if column is None else column.dropna()
        found[head] = int((known == "model").sum()), len(known)
    return found


def report(rows: pd.DataFrame) -> str:
    """The tables as text."""
    lines = [f"{len(rows):,} closes from {rows.index[0]:%Y-%m-%d} to {rows.index[-1]:%Y-%m-%d}", ""]
    lines += [
        f"{one.label:32} {one.value:24} {one.outcome:26} n {one.n:5}  {one.mean:7.3f} [{one.low:.3f}, {one.high:.3f}]"
        for one in followed(rows)
    ]
    wrong = [one for one in orders(rows) if one.contradicted]
    lines += ["", f"orders against their words beyond the interval: {len(wrong)}"]
    lines += [
        f"{one.label}: {one.outcome} after {one.more} less than after {one.less} by {-one.difference:.3f} "
        f"[{-one.high:.3f}, {-one.low:.3f}]"
        for one in wrong
    ]
    lines += ["", "published as a model"]
    lines += [f"{head:32} {model:5} of {n:5}" for head, (model, n) in published_as_model(rows).items()]
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description="What followed each label of the documents of past closes.")
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--market", default="nifty50")
    arguments.add_argument("--first", type=pd.Timestamp, default=pd.Timestamp("2018-01-01"))
    arguments.add_argument("--last", type=pd.Timestamp, default=pd.Timestamp("2022-12-31"))
    arguments.add_argument("--every", type=int, default=63)
    arguments.add_argument("--step", type=int, default=1)
    given = arguments.parse_args()
    history = open_source("csv", given.data).daily(get_market(given.market))
    print(report(replay(history, given.first, given.last, given.every, given.step)))


if __name__ == "__main__":
    main()
