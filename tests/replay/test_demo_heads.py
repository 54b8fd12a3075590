"""The document of the demo, the S&P 500 that comes with the engine: what has no skill there is no model's forecast."""

from functools import cache

import pandas as pd
import pytest
from synthetic import manifest

from aegismatrix_engine.artifacts.head_proof import HEADS
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.training.train import train

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@cache
def document() -> Document:
    history = Sample().daily(get_market("sp500"))
    models, training = train(history, pd.Timestamp("2019-01-02T22:00:00Z"))
    made = infer(history, models, manifest(training), "sample", pd.Timestamp("2019-01-02T22:00:00Z"))
    return made.document


def basis_of(signal: str) -> str | None:
    """The basis that a scored signal is published with; None where the document does not show it today."""
    seller, buyer, direction = document().seller, document().buyer, document().direction
    name = signal.rpartition(".")[2]
    if signal == "seller.trap.10":
        return seller.trap.basis_10
    if signal == "seller.trap.5":
        return seller.trap.basis
    if signal == "seller.expiry_stress":
        return seller.expiry_stress.basis
    if signal.startswith("buyer.breakout."):
        return buyer.breakout_next[int(name) - 1].basis
    if signal == "buyer.spike_direction_bias":
        return buyer.spike_direction_bias.basis
    if signal.startswith("buyer.theta_edge."):
        return buyer.theta_edge.basis if buyer.theta_edge.sessions_left == int(name) else None
    return direction.by_horizon[signal.split(".")[1]].basis


def test_no_signal_is_published_as_a_model_with_negative_skill() -> None:
    skill = {one.signal: one.skill_pct for one in document().track_record.skill}
    assert set(HEADS) <= set(skill)
    negative = {signal for signal, gain in skill.items() if gain < 0}
    print({signal: (gain, basis_of(signal)) for signal, gain in skill.items()})
    assert negative, "the demo has a head without skill"
    assert {signal for signal in negative if basis_of(signal) == "model"} == set()


def test_what_is_proven_speaks_and_what_is_not_says_why() -> None:
    buyer, seller = document().buyer, document().seller
    assert [one.word is not None for one in buyer.breakout_next[:4]] == [True] * 4
    assert (seller.expiry_stress.word, seller.expiry_stress.label) == (None, "CAUTION")
    assert seller.expiry_stress.reason is not None
    assert seller.trap.score_10 == seller.trap.base_rate_10
