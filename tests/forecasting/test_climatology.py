"""The climatology prior: base rates that can be counted, one scale for all, and nothing told as a model's word."""

from collections.abc import Iterator

import numpy as np
import pytest
from synthetic import MARKET, TRAINED_AT, daily_frame, features, history, manifest

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.document import check_json, dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.climatology import climatology
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.forecasting.probes import probe_rows
from aegismatrix_engine.inference.health import Incident
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.training.head_gate import head_proofs

FRAME = daily_frame()


@pytest.fixture(scope="module")
def prior() -> Models:
    return climatology(features())


@pytest.fixture(scope="module")
def document(prior: Models) -> Document:
    rows = len(FRAME)
    probes = probe_rows(features())
    heads = head_proofs(())
    training = Training(
        MARKET.id, TRAINED_AT.isoformat(), "2015-01-01", "2019-08-01", rows, rows, "", (), heads, probes
    )
    incident = Incident(dict.fromkeys(MODEL_NAMES, "missing, it is not there"))
    return infer(history(), prior, manifest(training), "synthetic", TRAINED_AT, incident).document


def closes() -> np.ndarray:
    return np.log(FRAME["close"].to_numpy())


def daily_implied() -> np.ndarray:
    return FRAME["vix"].to_numpy() / 100 / np.sqrt(252)


def counted(happened: list[bool]) -> tuple[int, int]:
    return sum(happened), len(happened)


def trap_counts(horizon: int) -> tuple[int, int]:
    moves = np.diff(closes()) ** 2
    starts = range(len(FRAME) - horizon)
    return counted([bool(moves[t : t + horizon].mean() > daily_implied()[t] ** 2) for t in starts])


def straddle_counts(horizon: int) -> tuple[int, int]:
    close, implied = closes(), daily_implied()
    starts = range(len(FRAME) - horizon)
    return counted([abs(close[t + horizon] - close[t]) > 0.8 * implied[t] * horizon**0.5 for t in starts])


@pytest.mark.parametrize(("index", "horizon"), [(0, 5), (1, 10)])
def test_the_base_rate_of_traps_is_their_count(prior: Models, index: int, horizon: int) -> None:
    happened, n = trap_counts(horizon)
    head = prior.trap.forecaster.heads[index]
    assert head.base_rate == pytest.approx((happened + 0.20) / (n + 1), abs=1e-12)
    assert not head.learnt


@pytest.mark.parametrize("horizon", [1, 3, 5])
def test_the_base_rate_of_paying_straddles_is_their_count(prior: Models, horizon: int) -> None:
    happened, n = straddle_counts(horizon)
    head = prior.theta.forecaster.heads[horizon - 1]
    assert head.base_rate == pytest.approx((happened + 0.34) / (n + 1), abs=1e-12)


@pytest.mark.parametrize("offset", [1, 5])
def test_the_base_rate_of_breakouts_is_their_count(prior: Models, offset: int) -> None:
    high, low, close = (FRAME[name].map(np.log) for name in ("high", "low", "close"))
    reach = np.maximum(high, close.shift(1)) - np.minimum(low, close.shift(1))
    threshold = 1.25 * reach.rolling(14).mean()
    both = reach.shift(-offset).notna() & threshold.notna()
    n = int(both.sum())
    happened = int((reach.shift(-offset)[both] > threshold[both]).sum())
    head = prior.breakout.forecaster.heads[offset - 1]
    # The average true range may be smoothed otherwise than by a plain mean: a rate alike, from as many sessions.
    assert head.base_rate == pytest.approx((happened + 0.24) / (n + 1), abs=0.02)


def test_one_scale_serves_every_session_and_grows_with_the_horizon(prior: Models) -> None:
    scales = prior.distribution.scales(features(), use_vix=False).blended
    complete = scales[np.isfinite(scales).all(axis=1)]
    assert len(complete)
    assert np.ptp(complete, axis=0) == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(complete[0]) > 0).all()
    # Near the true one: what one session moves on average, open gap included.
    assert complete[0, 0] == pytest.approx(np.diff(closes()).std(), rel=0.35)


def test_it_knows_no_direction(prior: Models, document: Document) -> None:
    assert all(np.isinf(prior.direction.proven_margin(key)) for key in document.direction.by_horizon)
    assert {call.direction for call in document.direction.by_horizon.values()} == {"NEUTRAL"}


def blocks(content: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(content, dict):
        if {"basis", "models"} <= content.keys():
            yield path, content
        for name, value in content.items():
            yield from blocks(value, f"{path}.{name}".strip("."))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from blocks(value, f"{path}.{index}")


def test_a_document_of_it_keeps_every_rule_and_calls_nothing_a_models_word(document: Document) -> None:
    check_json(dump(document))
    found = dict(blocks(document.model_dump(mode="json", exclude_none=True)))
    assert len(found) > 20
    told = {entry.signal for entry in document.health.degraded}
    for path, block in found.items():
        assert block["basis"] == ("prior" if block["models"] else "estimator"), path
        assert (path in told) == bool(block["models"]), path
    assert document.health.status == "degraded"


def test_its_probabilities_are_the_base_rates(prior: Models, document: Document) -> None:
    assert document.seller.trap.score == pytest.approx(prior.trap.forecaster.heads[0].base_rate, abs=1e-4)
    assert document.buyer.breakout_today.score == pytest.approx(prior.breakout.forecaster.heads[0].base_rate, abs=1e-4)
    assert document.buyer.theta_edge.score == document.buyer.theta_edge.base_rate
    assert document.seller.expiry_stress.score == document.seller.expiry_stress.base_rate


def test_forecasts_of_it_are_coherent(document: Document) -> None:
    for horizon in document.forecast.horizons:
        levels = [quantile.index_level for quantile in horizon.quantiles]
        assert levels == sorted(levels)
        touches = [breach.touch for breach in horizon.breaches]
        assert touches == sorted(touches, reverse=True)
        assert all(breach.close_beyond <= breach.touch for breach in horizon.breaches)
    widths = [one.sigma_pct for one in document.forecast.horizons]
    assert widths == sorted(widths)
