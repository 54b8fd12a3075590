"""A backtest of the simulated market by forecasts of the true law: its files, made without the engine's models."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from simulated_market import MARKET, TRUE, SimulatedMarket
from synthetic import history

from aegismatrix_engine.backtest.block_files import BlockFiles, block_content, write_block
from aegismatrix_engine.backtest.columns import MODEL_ID, OUTPUT_TYPE, TARGET, Kind
from aegismatrix_engine.backtest.forecast_table import forecast_table
from aegismatrix_engine.backtest.garch import Garch, Paths
from aegismatrix_engine.backtest.garch_baseline import probability
from aegismatrix_engine.backtest.tables import table_suffix
from aegismatrix_engine.record.baselines import IndexAlone
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, number, parsed
from aegismatrix_engine.volatility.daily_series import DailySeries

LEVELS = np.array([0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
HORIZONS = (1, 5, 20)
SETTLED_AT = pd.Timestamp("2026-06-30T18:00:00+05:30")
LONGEST, PATHS = 25, 1000

FIRST_ORIGIN, ORIGINS = 1000, 200
SESSIONS = FIRST_ORIGIN + ORIGINS + 10
"""Of the backtest that tests share: its last forecasts are open."""


def write_backtest(
    folder: Path, market: SimulatedMarket, start: int, origins: int, block: int = 63
) -> list[BlockFiles]:
    """The folder of a backtest whose origins are ``origins`` rows from ``start`` on."""
    blocks = []
    for first in range(start, start + origins, block):
        last = min(first + block, start + origins) - 1
        dates = tuple(market.frame.index[[first, first, last]])
        tables = tables_of(market, first, last)
        blocks.append(write_block(folder, block_content(MARKET.id, dates, tables, table_suffix())))
    (folder / "run.json").write_text(json.dumps({"market": MARKET.id, "blocks": [asdict(one) for one in blocks]}))
    return blocks


def tables_of(market: SimulatedMarket, first: int, last: int) -> dict[Kind, pd.DataFrame]:
    """The tables of a block whose origins are the rows from ``first`` to ``last``."""
    series = DailySeries.from_frame(market.frame)
    law = Garch(series, first, TRUE)
    rows: list[ForecastRow] = []
    quantiles, came = [], {}
    for origin in range(first, last + 1):
        paths = law.paths(origin, LONGEST, PATHS)
        rows += by_paths(forecasts(market, series, origin, paths), paths)
        close, day = float(market.frame["close"].iloc[origin]), market.frame.index[origin]
        for horizon in HORIZONS:
            end = MARKET.calendar.following(day, horizon)[-1]
            values = close * np.exp(np.quantile(paths.move[horizon - 1], LEVELS))
            quantiles += [(day, horizon, end, level, value) for level, value in zip(LEVELS, values, strict=True)]
            if end in market.frame.index:
                came[end] = float(market.frame["close"][end])
    resolved = Resolver(history(market.frame)).resolve(rows, SETTLED_AT)
    outcomes = {one.forecast: one for one in resolved if isinstance(one, ResolutionRow)}
    names = ["reference_date", "horizon", "target_end_date", "output_type_id", "value"]
    distributions = pd.DataFrame(quantiles, columns=names).assign(
        model_id=MODEL_ID, market=MARKET.id, target=TARGET, output_type=OUTPUT_TYPE
    )
    oracle = pd.DataFrame({"target_end_date": list(came), "oracle_value": list(came.values())})
    return {
        "forecasts": forecast_table(rows, outcomes),
        "quantiles": distributions,
        "oracle": oracle.assign(market=MARKET.id, target=TARGET),
    }


def forecasts(market: SimulatedMarket, series: DailySeries, origin: int, paths: Paths) -> Iterator[ForecastRow]:
    """Of every kind of event some, to horizons that are fixed and to the end of the month."""
    day, spot = market.frame.index[origin], float(market.frame["close"].iloc[origin])
    implied, usual = float(series.implied_sd[origin]), float(series.log_return[: origin + 1].std())
    ends = MARKET.calendar.following(day, LONGEST)
    month = int(np.flatnonzero(np.asarray(ends.month) != ends[0].month)[0])
    wanted = [
        ("direction.today", "up", 1, {"threshold": 0.002}),
        ("direction.today", "down", 1, {"threshold": 0.002}),
        ("buyer.breakout_today", "breakout", 1, {"threshold": 2 * usual}),
        ("buyer.theta_edge", "straddle", 5, {"threshold": implied * math.sqrt(5) * 0.8}),
        ("seller.trap.5", "trap", 5, {"threshold": implied}),
    ]
    wanted += [
        (
            f"seller.breach_probabilities.{i}",
            event,
            month,
            {"threshold": round(spot * usual * math.sqrt(month) * sigma, 2)},
        )
        for i, sigma in enumerate((0.5, 1.5))
        for event in ("touch", "close_beyond")
    ]
    for horizon in HORIZONS:
        low, high = spot * np.exp(np.quantile(paths.move[horizon - 1], [0.1, 0.9]))
        wanted.append((f"forecast.{horizon}.80", "range", horizon, {"lower": low, "upper": high}))
    close = MARKET.calendar.closes_at(day).isoformat()
    for signal, event, sessions, limits in wanted:
        yield ForecastRow(
            as_of=close,
            generated_at=close,
            standing="backtest",
            market=MARKET.id,
            signal=signal,
            event=event,
            origin=f"{day:%Y-%m-%d}",
            until=f"{ends[sessions - 1]:%Y-%m-%d}",
            sessions=str(sessions),
            spot=number(spot, 9),
            probability="0.8",
            climatology=number(by_normal(event, sessions, spot, usual, limits), 4),
            vix=number(by_normal(event, sessions, spot, implied, limits), 4),
            model_set="0123456789ab",
            training_end=f"{day:%Y-%m-%d}",
            basis="model",
            schema_version="2.4.0",
            **{name: number(limits.get(name), 9) for name in ("threshold", "lower", "upper")},
        )


def by_paths(drafts: Iterable[ForecastRow], paths: Paths) -> Iterator[ForecastRow]:
    """The rows with their probabilities by the paths; that of a range is its nominal coverage."""
    for row in drafts:
        numbers = {name: parsed(getattr(row, name)) for name in ("spot", "threshold", "lower", "upper")}
        typed = SimpleNamespace(event=row.event, sessions=int(row.sessions), **numbers)
        yield row if row.event == "range" else replace(row, probability=number(probability(typed, paths)))


def by_normal(event: str, sessions: int, spot: float, sd: float, limits: dict[str, float]) -> float | None:
    """What a normal distribution without drift gives."""
    alone = IndexAlone(sd * math.sqrt(sessions))
    if event == "range":
        return 1 - alone.beyond(math.log(limits["upper"] / spot), -math.log(limits["lower"] / spot))
    threshold = limits["threshold"]
    if event in ("touch", "close_beyond"):
        up, down = math.log1p(threshold / spot), -math.log1p(-threshold / spot)
        return alone.touch(up, down) if event == "touch" else alone.beyond(up, down)
    if event == "breakout":
        return IndexAlone(sd).range_above(threshold)
    if event == "trap":
        return IndexAlone.mean_square_above(sessions)
    return alone.beyond(threshold, threshold if event == "straddle" else math.inf)
