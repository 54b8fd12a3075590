"""The gate of a head: what enters, what stays, what leaves, and what is not measured."""

import numpy as np
import pytest
from scipy.optimize import brentq

from aegismatrix_engine.artifacts.head_proof import HEADS, HeadProof
from aegismatrix_engine.training.head_gate import head_proof, head_proofs
from aegismatrix_engine.training.measures import ScoredSignal

HEAD = "buyer.breakout.1"


def scored(knowledge: "float | np.ndarray", n: int = 3000, seed: int = 5, signal: str = HEAD) -> ScoredSignal:
    """Events of chance 0.2 to 0.4, of which a forecast knows the stated part and the base rate nothing."""
    generator = np.random.default_rng(seed)
    chance = 0.3 + 0.1 * generator.uniform(-1, 1, n)
    happened = (generator.uniform(size=n) < chance).astype(float)
    return ScoredSignal(signal, 0.3 + knowledge * (chance - 0.3), np.full(n, 0.3), happened, 1)


def gains(one: ScoredSignal) -> np.ndarray:
    return (one.base_rate - one.happened) ** 2 - (one.forecast - one.happened) ** 2


def with_recent(skill: float, t: float) -> ScoredSignal:
    """Forecasts of 3,000 tosses of a coin whose last 750 have the skill, and whose t over all is as given."""
    generator = np.random.default_rng(3)
    happened = (generator.uniform(size=3000) < 0.5).astype(float)
    noise = 0.2 * generator.normal(size=3000)
    recent = np.arange(3000) >= 2250

    def known(before: float, after: float) -> ScoredSignal:
        part = noise + np.where(recent, after, before)
        return ScoredSignal(HEAD, 0.5 + part * (happened - 0.5), np.full(3000, 0.5), happened, 1)

    after = brentq(lambda after: head_proof(known(0.0, after), was_proven=False).recent_skill - skill, -0.5, 0.5)
    before = brentq(lambda before: head_proof(known(before, after), was_proven=False).t - t, -0.5, 0.5)
    return known(before, after)


def test_skill_and_t_are_those_of_the_score_differences() -> None:
    one = scored(1.0)
    gain = gains(one)
    centred = gain - gain.mean()
    total = centred @ centred
    for k in range(1, 8):  # lag 1.5 + 5 rounded, to the even number
        if k <= round(1.5) + 5:
            total += 2 * (1 - k / (round(1.5) + 6)) * (centred[k:] @ centred[:-k])
    found = head_proof(one, was_proven=False)
    assert found.t == pytest.approx(gain.mean() / (np.sqrt(total) / len(gain)), rel=1e-9)
    climatology = (one.base_rate - one.happened) ** 2
    assert found.skill == pytest.approx(gain.sum() / climatology.sum(), rel=1e-12)
    assert found.recent_skill == pytest.approx(gain[-750:].sum() / climatology[-750:].sum(), rel=1e-12)
    assert (found.n, found.proven, found.reason) == (3000, True, "")


@pytest.mark.parametrize(
    ("recent", "t", "enters", "stays"),
    [
        (0.01, 1.7, True, True),
        (0.01, 1.3, False, True),
        (0.01, 0.8, False, False),
        (-0.003, 1.7, False, True),
        (-0.008, 1.7, False, False),
    ],
)
def test_a_head_stays_on_weaker_numbers_than_it_enters_on(recent: float, t: float, enters: bool, stays: bool) -> None:
    one = with_recent(recent, t)
    assert head_proof(one, was_proven=False).proven is enters
    assert head_proof(one, was_proven=True).proven is stays


def test_the_reason_names_what_is_short() -> None:
    bad_years = head_proof(with_recent(-0.008, 1.7), was_proven=True)
    assert bad_years.reason.startswith("no skill measured over the last three years (-0.")
    weak = head_proof(with_recent(0.01, 0.8), was_proven=False)
    assert weak.reason == f"no skill measured beyond chance ({weak.skill:+.1%} against the base rate, t {weak.t:.1f})"
    few = head_proof(scored(1.0, n=249), was_proven=True)
    assert (few.proven, few.n) == (False, 249)
    assert few.reason == "no skill was measured: the history has too few past forecasts"
    assert head_proof(scored(1.0, n=250), was_proven=False).n == 250


def test_forecasts_whose_outcome_is_open_do_not_count() -> None:
    one = scored(1.0)
    open_ones = ScoredSignal(
        HEAD, *(np.append(part, np.nan) for part in (one.forecast, one.base_rate, one.happened)), one.horizon
    )
    closed, later = head_proof(one, was_proven=False), head_proof(open_ones, was_proven=False)
    assert (later.n, later.skill, later.t) == (closed.n, closed.skill, closed.t)


def test_the_base_rate_itself_has_no_skill_and_no_t() -> None:
    found = head_proof(scored(0.0), was_proven=True)
    assert found == HeadProof(HEAD, False, 0.0, 0.0, 0.0, 3000)


def test_every_head_has_a_proof_and_each_its_own() -> None:
    known, wild = scored(1.0, signal="seller.trap.5"), scored(-1.0, signal="buyer.theta_edge.2")
    found = {one.signal: one for one in head_proofs([known, wild], proven_before=HEADS)}
    assert tuple(found) == HEADS
    assert [signal for signal, one in found.items() if one.proven] == ["seller.trap.5"]
    assert found["seller.trap.10"].n == 0


@pytest.mark.parametrize("horizon", [1, 5])
def test_without_any_skill_few_heads_are_let_in(horizon: int) -> None:
    """A normal score is above 1.5 in 7 % of cases; the recent skill must be at least 0 besides."""
    entered = 0
    for seed in range(300):
        generator = np.random.default_rng(seed)
        noise = np.convolve(generator.normal(size=2000 + horizon - 1), np.ones(horizon) / np.sqrt(horizon), "valid")
        happened = (noise > 0.5).astype(float)
        forecast = 0.31 + 0.05 * np.sin(np.arange(2000) / 20 + seed)
        one = ScoredSignal(HEAD, forecast, np.full(2000, happened.mean()), happened, horizon)
        entered += head_proof(one, was_proven=False).proven
    assert entered <= 0.07 * 300
