"""The ranges of the walk, their widths and what came of them, each recounted from the walk's own forecasts."""

from functools import cache

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.seller.range_width import ALL, NARROW, USUAL, WIDE, WidthRecord
from aegismatrix_engine.training.range_widths import width_record
from aegismatrix_engine.training.walk_forward import WalkForward, walk_forward
from aegismatrix_engine.volatility.conformal import adapt, central_interval, known_miss, nominal_miss

SESSIONS = 1150


@cache
def walk() -> WalkForward:
    features = synthetic.features(SESSIONS)
    found = walk_forward(features, nearest_horizons(synthetic.MARKET, features.series.dates))
    assert found is not None
    return found


@cache
def record() -> WidthRecord:
    return width_record(walk(), synthetic.features(SESSIONS))


@pytest.mark.parametrize("h", [1, 4])
def test_every_range_is_graded_by_the_model_of_its_time_and_judged_by_what_came(h: int) -> None:
    features, path = synthetic.features(SESSIONS), adapt(nominal_miss(), walk().pit)
    close, high, low = (getattr(features.series, name) for name in ("close", "high", "low"))
    held: dict[int, list[bool]] = {NARROW: [], USUAL: [], WIDE: []}
    left: dict[int, list[bool]] = {NARROW: [], USUAL: [], WIDE: []}
    moves: dict[int, list[float]] = {NARROW: [], USUAL: [], WIDE: []}
    for block in walk().blocks:
        scale = block.model.scales(features).horizon[:, h - 1]
        for row in range(block.rows.start, min(block.rows.stop, SESSIONS - h)):
            share = ((scale[row - 251 : row + 1] < scale[row]).sum() + 0.5) / 252
            grade = NARROW if share < 0.2 else WIDE if share >= 0.8 else USUAL
            miss = float(known_miss(path, row - walk().rows[0], h)[0])
            bounds = central_interval(block.forecast.distribution, row - block.rows.start, h, miss)
            ahead = slice(row + 1, row + h + 1)
            held[grade].append(bounds.lower <= close[row + h] - close[row] <= bounds.upper)
            above, below = high[ahead].max() - close[row], low[ahead].min() - close[row]
            left[grade].append(above > bounds.upper or below < bounds.lower)
            moves[grade].append(abs(close[row + h] - close[row]))
    for grade in (NARROW, USUAL, WIDE):
        assert record().ranges[grade, h - 1] == len(held[grade])
        assert record().held[grade, h - 1] == pytest.approx(np.mean(held[grade]))
        assert record().touched[grade, h - 1] == pytest.approx(np.mean(left[grade]))
        assert record().move[grade, h - 1] == pytest.approx(np.median(moves[grade]))


def test_ranges_hold_about_as_often_as_they_say() -> None:
    assert record().held[ALL] == pytest.approx(0.8, abs=0.04)


def test_without_the_volatility_index_widths_are_measured_too() -> None:
    plain = market_features(synthetic.history(synthetic.daily_frame().assign(vix=np.nan)))
    found = walk_forward(plain, nearest_horizons(synthetic.MARKET, plain.series.dates))
    assert found is not None
    assert (width_record(found, plain).ranges[ALL] > 390).all()
