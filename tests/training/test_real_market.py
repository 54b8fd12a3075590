"""On NIFTY 50 and India VIX: labels that all occur, one answer from adapter and document, numbers a trader knows."""

import importlib
import math
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.document.schema import breakout as breakout_schema
from aegismatrix_engine.document.schema import buyer as buyer_schema
from aegismatrix_engine.document.schema import direction as direction_schema
from aegismatrix_engine.document.schema import seller as seller_schema
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.find_origin import origin_at_close
from aegismatrix_engine.forecasting.forecasters import fit_forecasters
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market, nearest_horizons
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.training.train import train
from aegismatrix_engine.training.walk_forward import walk_forward
from aegismatrix_engine.volatility.label_cuts import learn_cuts

MARKET = get_market("nifty50")
INDEX_BEGINS = "2009-03-02"
LABELS_FROM, LABELS_UNTIL = "2014-01-01", "2022-12-30"
LABEL_BLOCK = 126
LEAST_SHARE = 0.02
FITTED_ON = ("2015-06-30", "2017-06-30", "2019-06-28", "2021-06-30")
DATES_PER_FIT = 5
REPLAYED = 60
# Half a unit of the last decimal that a document shows, and a little for the binary form of it.
FOUR, TWO = 5.01e-5, 5.01e-3


@cache
def whole(folder: Path) -> MarketHistory:
    return CsvFolder(folder).daily(MARKET)


@cache
def since_the_index(folder: Path) -> MarketHistory:
    bars = whole(folder)
    return MarketHistory(MARKET, bars.spot.loc[INDEX_BEGINS:], bars.vix)


@pytest.fixture(scope="session")
def bars(shared: Path) -> MarketHistory:
    """Daily bars from the first session with a volatility index on."""
    return since_the_index(shared / "data" / "nifty50")


def graded(score: np.ndarray, base: np.ndarray, dates: pd.DatetimeIndex) -> Counter[int]:
    """How often each grade came, every session graded by cuts that knew only the scores before its block."""
    inside = np.flatnonzero((dates >= LABELS_FROM) & (dates <= LABELS_UNTIL))
    found: Counter[int] = Counter()
    for first in range(int(inside[0]), int(inside[-1]) + 1, LABEL_BLOCK):
        cuts = learn_cuts(score[:first], base[:first])
        rows = range(first, min(first + LABEL_BLOCK, int(inside[-1]) + 1))
        found.update(cuts.grade(float(score[row]), float(base[row])) for row in rows if np.isfinite(score[row]))
    return found


@pytest.mark.slow
def test_every_label_occurs_in_one_session_of_fifty_when_cut_by_earlier_scores(bars: MarketHistory) -> None:
    features = market_features(bars)
    walk = walk_forward(features, nearest_horizons(MARKET, features.series.dates))
    assert walk is not None
    scores = {"trap": (walk.trap[:, 0], walk.trap_base[:, 0]), "stress": (walk.stress, walk.stress_base)}
    for k in range(5):
        scores[f"breakout {k + 1}"] = walk.breakout[:, k], walk.breakout_base[:, k]
    for signal, (score, base) in scores.items():
        found = graded(score, base, features.series.dates[walk.rows])
        total = sum(found.values())
        shares = [found[grade] / total for grade in (0, 1, 2)]
        print(f"{signal}: " + ", ".join(f"{share:.1%}" for share in shares), f"of {total} sessions")
        assert total > 2000, signal
        assert min(shares) >= LEAST_SHARE, signal


@cache
def taught_until_2013(folder: Path) -> tuple[Models, Training]:
    return train(since_the_index(folder).until(AsOf.of(pd.Timestamp("2013-12-31"))), synthetic.TRAINED_AT)


@pytest.mark.slow
def test_labels_of_a_replay_are_the_contracts_and_their_frequencies_are_printed(
    shared: Path, bars: MarketHistory
) -> None:
    folder = shared / "data" / "nifty50"
    models, training = taught_until_2013(folder)
    dates = bars.regular_sessions[bars.regular_sessions >= LABELS_FROM]
    enums = {
        "direction.horizons.t1.direction": direction_schema.DirectionLabel,
        "direction.horizons.t20.direction": direction_schema.DirectionLabel,
        "seller.trap.label": seller_schema.TrapLabel,
        "seller.expiry_stress.label": seller_schema.StressLabel,
        "seller.seller_flag.label": seller_schema.SellerFlagLabel,
        "buyer.breakout_today.label": breakout_schema.BreakoutLabel,
        "buyer.theta_edge.label": buyer_schema.ThetaLabel,
        "buyer.buyer_environment.label": buyer_schema.BuyerEnvironmentLabel,
        "buyer.regime": buyer_schema.BuyerRegime,
    }
    seen: dict[str, Counter[str]] = {path: Counter() for path in enums}
    held, asked = 0, 0
    closes = bars.spot["close"]
    for date in dates[np.linspace(0, len(dates) - 30, REPLAYED).astype(int)]:
        document = synthetic.document(models, training, bars.until(AsOf.of(date)))
        for path in enums:
            content: Any = document
            for part in path.split("."):
                content = content[part]
            seen[path][content] += 1
        safe = document["seller"]["safe_range"]
        expiry = pd.Timestamp(safe["expiry"])
        if expiry in closes.index:
            asked, held = asked + 1, held + (safe["lower"] <= closes[expiry] <= safe["upper"])
    for path, kind in enums.items():
        print(f"{path}: " + ", ".join(f"{label} {count / REPLAYED:.0%}" for label, count in seen[path].most_common()))
        assert set(seen[path]) <= set(get_args(kind))
    print(f"safe ranges held: {held} of {asked}")
    assert 0.65 <= held / asked <= 0.95


def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2]))
    return importlib.import_module("benchmarks.referee_adapter")


@pytest.mark.slow
@pytest.mark.parametrize("fitted", FITTED_ON)
def test_adapter_and_document_give_the_same_probabilities(
    shared: Path, bars: MarketHistory, monkeypatch: pytest.MonkeyPatch, fitted: str
) -> None:
    adapter = engine(monkeypatch)
    known = bars.until(AsOf.of(pd.Timestamp(fitted)))
    last = bars.regular_sessions[-1]
    candidate = adapter.Engine(bars.regular_sessions.append(MARKET.calendar.following(last, 60)))
    candidate.fit(known.daily())
    parts = fit_forecasters(market_features(known))
    models, training = taught_until_2013(shared / "data" / "nifty50")
    models = replace(
        models,
        distribution=parts.distribution,
        trap=replace(models.trap, forecaster=parts.trap),
        breakout=replace(models.breakout, forecaster=parts.breakout),
        theta=replace(models.theta, forecaster=parts.straddle),
    )
    later = bars.regular_sessions[bars.regular_sessions >= fitted]
    for date in later[np.linspace(0, 250, DATES_PER_FIT).astype(int)]:
        seen = bars.until(AsOf.of(date))
        said = candidate.predict(seen.daily())
        speaking = synthetic.with_heads(training, True)
        check_agreement(synthetic.document(models, speaking, seen), said, adapter.LEVELS)


def check_agreement(document: dict[str, Any], said: dict[str, Any], levels: np.ndarray) -> None:
    spot = document["market"]["spot"]
    compared = 0
    for horizon in document["forecast"]["horizons"]:
        h = horizon["sessions"]
        if h in said["quantiles"]:
            assert horizon["p_up"] == pytest.approx(said["up"][h], abs=FOUR)
            for quantile in horizon["quantiles"]:
                at = np.flatnonzero(np.isclose(levels, quantile["level"]))
                if len(at):
                    move = float(said["quantiles"][h][at[0]])
                    assert quantile["points"] == pytest.approx(spot * math.expm1(move), abs=TWO)
                    assert quantile["index_level"] == pytest.approx(spot * math.exp(move), abs=TWO)
                    compared += 1
        for breach in horizon["breaches"]:
            key = (h, breach["distance_pct"])
            if key in said["touch"]:
                assert breach["touch"] == pytest.approx(said["touch"][key], abs=FOUR)
                assert breach["close_beyond"] == pytest.approx(said["terminal"][key], abs=FOUR)
                compared += 1
    assert compared > 80
    trap, theta = document["seller"]["trap"], document["buyer"]["theta_edge"]
    assert (trap["score"], trap["score_10"]) == pytest.approx((said["trap"][5], said["trap"][10]), abs=FOUR)
    assert theta["score"] == pytest.approx(said["straddle"][theta["sessions_left"]], abs=FOUR)
    for one in document["buyer"]["breakout_next"]:
        assert one["score"] == pytest.approx(said["breakout"][one["day_offset"]], abs=FOUR)


@pytest.mark.slow
def test_the_numbers_of_2022_12_30_are_those_of_an_index_not_of_a_day_or_a_crash(shared: Path) -> None:
    bars = whole(shared / "data" / "nifty50")
    models, training = train(bars, synthetic.TRAINED_AT)
    document, origin = synthetic.document(models, training, bars), origin_at_close(bars, models.forecasters)
    assert document["as_of"].startswith("2022-12-30")
    assert document["health"]["status"] == "ok"
    spot, safe = document["market"]["spot"], document["seller"]["safe_range"]
    assert 0.03 < 1 - safe["lower"] / spot < 0.08
    assert 0.03 < safe["upper"] / spot - 1 < 0.08
    month = {q["level"]: q["index_level"] / spot - 1 for q in document["forecast"]["horizons"][6]["quantiles"]}
    assert -0.08 < month[0.1] < -0.03 < 0.03 < month[0.9] < 0.08
    found = origin.forecast.distribution.breaches(30, np.log1p(np.array([0.03, 0.05, 0.08, 0.10])))
    print("30 sessions, 3/5/8/10 %: touch", found.touch[0].round(2), "close", found.close[0].round(2))
    for value, (low, high) in zip(
        found.touch[0], ((0.70, 0.97), (0.30, 0.65), (0.06, 0.30), (0.02, 0.18)), strict=True
    ):
        assert low < value < high
    for value, (low, high) in zip(
        found.close[0], ((0.35, 0.60), (0.15, 0.40), (0.02, 0.20), (0.01, 0.12)), strict=True
    ):
        assert low < value < high
    check_rates(document)


def check_rates(document: dict[str, Any]) -> None:
    safe, calls = document["track_record"]["safe_range"], document["track_record"]["breakout_calls"]
    print(f"safe range {safe['rate']:.1%} of {safe['events']} expiries, calls {calls['rate']:.1%} of {calls['n']}")
    assert safe["basis"] == calls["basis"] == "model"
    assert safe["interval"][0] < 0.80 < safe["interval"][1]
    assert calls["rate"] > calls["base_rate"] + 0.03
    skill = {one["signal"]: one["skill_pct"] for one in document["track_record"]["skill"]}
    assert skill["seller.trap.5"] > 0
    assert skill["buyer.breakout.1"] > 0.02
