"""The windows of a session in progress: what each has shown, and what of the rest falls to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.buyer.session_windows import session_windows, window_of_bar, window_states
from aegismatrix_engine.intraday.profile import PRIOR_SHARES
from aegismatrix_engine.intraday.state import SessionSoFar
from aegismatrix_engine.markets import get_market

WINDOWS = get_market("nifty50").gamma_windows
PROFILE = np.array(PRIOR_SHARES) / sum(PRIOR_SHARES)


def after(finished: int, variance: float = 1e-6, lacking: tuple[int, ...] = ()) -> SessionSoFar:
    """A session after so many bars of one variance each."""
    bar = np.array([i for i in range(finished) if i not in lacking], dtype=np.int64)
    return SessionSoFar(finished, 25, 9.0, 9.0, 9.0, np.full(len(bar), variance), bar, 0.0, 0.0, 15.0, 15.0)


@pytest.mark.parametrize(
    ("finished", "states"),
    [
        (1, "running ahead ahead ahead ahead ahead"),
        (2, "past ahead ahead ahead ahead ahead"),
        (3, "past running ahead ahead ahead ahead"),
        (11, "past past past ahead ahead ahead"),
        (23, "past past past past past ahead"),
        (24, "past past past past past running"),
        (25, "past past past past past past"),
        (26, "past past past past past past"),
    ],
)
def test_a_window_is_running_once_a_bar_of_it_is_complete(finished: int, states: str) -> None:
    assert window_states(after(finished), WINDOWS) == states.split()


def test_since_august_2026_the_last_window_ends_with_continuous_trading() -> None:
    early = SessionSoFar(23, 24, 9.0, 9.0, 9.0, np.full(23, 1e-6), np.arange(23), 0.0, 0.0, 15.0, 15.0)
    over = SessionSoFar(24, 24, 9.0, 9.0, 9.0, np.full(24, 1e-6), np.arange(24), 0.0, 0.0, 15.0, 15.0)
    assert window_states(early, WINDOWS) == ["past"] * 5 + ["ahead"]
    assert window_states(over, WINDOWS) == ["past"] * 6
    shares, _ = session_windows(over, PROFILE, WINDOWS, 1e-5, 1e-4)
    assert shares == pytest.approx(np.bincount(window_of_bar(np.arange(24), WINDOWS)) / 24)


def test_a_session_that_ends_without_having_moved_has_the_shares_of_its_profile() -> None:
    shares, ratios = session_windows(after(25, variance=0.0), PROFILE, WINDOWS, 1e-5, 1e-4)
    assert shares == pytest.approx(PROFILE)
    assert ratios.tolist() == [0.0] * 6


def test_bars_belong_to_the_window_they_start_in() -> None:
    found = window_of_bar(np.arange(26), WINDOWS)
    assert np.bincount(found).tolist() == [2, 4, 5, 8, 4, 3]


@settings(max_examples=80)
@given(st.integers(1, 25), st.floats(1e-8, 1e-4), st.floats(1e-9, 1e-3), st.floats(1e-6, 1e-3))
def test_shares_are_of_one_whole_and_ratios_of_the_usual_part(
    finished: int, variance: float, left: float, usual: float
) -> None:
    shares, ratios = session_windows(after(finished, variance), PROFILE, WINDOWS, left, usual)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    whole = finished * variance + (left if finished < 25 else 0.0)
    assert (ratios * PROFILE).sum() * usual == pytest.approx(whole)
    assert shares * whole == pytest.approx(ratios * PROFILE * usual)


def test_what_is_over_is_what_the_bars_have_shown_and_what_is_ahead_keeps_its_profile() -> None:
    left, usual = 2e-5, 4e-5
    _, ratios = session_windows(after(6, 3e-6), PROFILE, WINDOWS, left, usual)
    assert ratios[0] * PROFILE[0] * usual == pytest.approx(2 * 3e-6)
    assert ratios[1] * PROFILE[1] * usual == pytest.approx(4 * 3e-6)
    ahead = PROFILE[2:] / PROFILE[2:].sum() * left
    assert ratios[2:] * PROFILE[2:] * usual == pytest.approx(ahead)


def test_a_running_window_has_shown_a_part_and_is_forecast_the_rest() -> None:
    left, usual = 2e-5, 4e-5
    _, ratios = session_windows(after(3, 3e-6), PROFILE, WINDOWS, left, usual)
    to_come = PROFILE * np.array([0, 0.75, 1, 1, 1, 1])
    assert ratios[1] * PROFILE[1] * usual == pytest.approx(3e-6 + left * to_come[1] / to_come.sum())


def test_a_session_that_goes_as_forecast_is_as_usual_in_every_window() -> None:
    bars_in = np.array([2, 4, 5, 8, 4, 2])
    usual = 5e-5
    variance = (PROFILE * usual / bars_in)[window_of_bar(np.arange(25), WINDOWS)]
    for finished in (2, 11, 19):
        so_far = after(finished)
        so_far = SessionSoFar(**{**vars(so_far), "bar_variance": variance[:finished]})
        left = usual - variance[:finished].sum()
        shares, ratios = session_windows(so_far, PROFILE, WINDOWS, left, usual)
        assert ratios == pytest.approx(np.ones(6))
        assert shares == pytest.approx(PROFILE)
