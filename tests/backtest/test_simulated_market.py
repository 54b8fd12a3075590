"""The simulator says what it claims: its ranges hold as often as they should, and its probabilities are reliable."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from simulated_market import FREEDOM, TRUE, persistence, simulated

from aegismatrix_engine.scores import wilson_interval

SESSIONS = 4000
UNIT = np.sqrt((FREEDOM - 2) / FREEDOM)
"""What makes a t variate one of variance 1."""


def shocks() -> np.ndarray:
    """Each session's return in units of its true standard deviation."""
    market = simulated(SESSIONS)
    close = np.log(market.frame["close"].to_numpy())
    returns = 100 * np.diff(close)
    return np.asarray((returns - TRUE.mu) / np.sqrt(market.variance[1:-1]))


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.98])
def test_ranges_of_the_true_law_hold_as_often_as_they_should(coverage: float) -> None:
    inside = np.abs(shocks()) <= UNIT * student.ppf((1 + coverage) / 2, FREEDOM)
    assert abs(inside.mean() - coverage) <= 0.025


def test_probabilities_of_the_true_law_are_reliable_within_their_intervals() -> None:
    # A move beyond 1 % is likely on some days and rare on others.
    market = simulated(SESSIONS)
    sd = np.sqrt(market.variance[1:-1])
    said = student.sf((1 - TRUE.mu) / (UNIT * sd), FREEDOM) + student.cdf((-1 - TRUE.mu) / (UNIT * sd), FREEDOM)
    came = np.abs(shocks() * sd + TRUE.mu) > 1
    table = (
        pd.DataFrame({"said": said, "came": came})
        .groupby(pd.qcut(said, 10), observed=True)
        .agg({"said": "mean", "came": ["mean", "size"]})
    )
    held = []
    for _, (mean, share, size) in table.iterrows():
        low, high = wilson_interval(share, int(size))
        held.append(low <= mean <= high)
    assert sum(held) >= 9
    assert table["said", "mean"].iloc[-1] > table["said", "mean"].iloc[0] + 0.3


def test_shocks_are_t_variates_without_memory_and_variance_has_one() -> None:
    found = shocks()
    assert found.std() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 0.05
    sizes = np.abs(found) > UNIT * student.ppf(0.995, FREEDOM)
    assert 0.005 < sizes.mean() < 0.016
    squares = np.diff(np.log(simulated(SESSIONS).frame["close"].to_numpy())) ** 2
    assert np.corrcoef(squares[1:], squares[:-1])[0, 1] > 0.1
    assert persistence() < 1


def test_bars_contain_their_opens_and_closes_and_nights_have_their_share() -> None:
    frame = simulated(SESSIONS).frame
    prices = frame[["open", "high", "low", "close"]]
    assert (prices.max(axis=1) == frame["high"]).all()
    assert (prices.min(axis=1) == frame["low"]).all()
    night = np.log(frame["open"].to_numpy()[1:] / frame["close"].to_numpy()[:-1])
    whole = np.diff(np.log(frame["close"].to_numpy()))
    assert night.var() / whole.var() == pytest.approx(0.25, abs=0.03)


def test_the_volatility_index_is_above_what_follows_in_the_mean() -> None:
    market = simulated(SESSIONS)
    ahead = pd.Series(market.variance[1:]).rolling(21).mean().shift(-21).to_numpy()
    implied = market.frame["vix"].to_numpy() ** 2 / 252
    known = np.isfinite(ahead)
    assert 1.2 < np.median(implied[known] / ahead[known]) < 1.6
