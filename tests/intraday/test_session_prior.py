"""The constants that ship for a session in progress: whole, in order, free of bars, and what the script fits."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.intraday.model import OWN_CLOSES
from aegismatrix_engine.intraday.prior import PRIOR_FILE, PRIOR_LEVELS, learnt_from, shipped_session
from aegismatrix_engine.intraday.profile import PRIOR_SHARES
from aegismatrix_engine.intraday.scale import FEATURES, KNOTS, PLAIN_FEATURES
from aegismatrix_engine.intraday.sessions import MOMENTS
from aegismatrix_engine.intraday.spread import SPREAD_BOUNDS
from aegismatrix_engine.volatility.shape import LEVELS
from benchmarks import fit_session_prior

GRIDS = ("close", "up", "down", "either")


def arrays(state: Any, path: str = "") -> dict[str, np.ndarray]:
    if isinstance(state, dict):
        return {k: v for name, value in state.items() for k, v in arrays(value, f"{path}.{name}".strip(".")).items()}
    return {} if isinstance(state, str) else {path: np.asarray(state, dtype=np.float64)}


PRIOR = arrays(to_state(shipped_session()))


def test_every_number_is_finite_and_every_array_has_its_shape() -> None:
    assert all(np.isfinite(values).all() for values in PRIOR.values())
    shapes = {name: values.shape for name, values in PRIOR.items()}
    assert shapes == {
        "intraday.scale.share_left": (MOMENTS,),
        "intraday.scale.session_share": (),
        "intraday.scale.close_share": (MOMENTS,),
        "intraday.scale.residual": (),
        "intraday.scale.weights": (MOMENTS, len(KNOTS), len(FEATURES) + 1),
        "intraday.scale.plain_weights": (MOMENTS, len(KNOTS), PLAIN_FEATURES + 1),
        "intraday.unit": (MOMENTS, OWN_CLOSES),
        **{f"intraday.{name}": (MOMENTS, OWN_CLOSES, len(LEVELS)) for name in GRIDS},
        "intraday.count": (MOMENTS, OWN_CLOSES),
        "intraday.sessions": (),
        "intraday.spread": (MOMENTS,),
        "breakout_offset": (MOMENTS,),
        "straddle_base": (MOMENTS, OWN_CLOSES),
        "stress_base": (MOMENTS, OWN_CLOSES),
        "sessions": (),
    }


@pytest.mark.parametrize("name", GRIDS)
def test_grids_rise_and_excursions_are_never_below_zero(name: str) -> None:
    grid = PRIOR[f"intraday.{name}"]
    assert (np.diff(grid, axis=-1) >= 0).all()
    assert (grid[..., -1] > grid[..., 0]).all()
    if name != "close":
        assert (grid >= 0).all()


def test_shares_fall_from_moment_to_moment() -> None:
    for name in ("share_left", "close_share"):
        share = PRIOR[f"intraday.scale.{name}"]
        assert (np.diff(share) <= 0).all()
        assert (np.diff(PRIOR["intraday.scale.share_left"]) < 0).all()
        assert ((share > 0) & (share < 1)).all()
    residual, session_share = (float(PRIOR[f"intraday.scale.{name}"]) for name in ("residual", "session_share"))
    assert 0 < residual < 0.05
    assert PRIOR["intraday.scale.share_left"][0] < session_share < 1


def test_base_rates_are_shares_and_nothing_was_learnt_from_the_users_bars() -> None:
    for name in ("straddle_base", "stress_base"):
        assert ((PRIOR[name] > 0) & (PRIOR[name] < 1)).all()
    assert (np.abs(PRIOR["breakout_offset"]) <= 2).all()
    # At the last bar the official close, an average of the last half hour, is half known.
    assert ((PRIOR["intraday.unit"] > 0.3) & (PRIOR["intraday.unit"] < 1.5)).all()
    assert PRIOR["sessions"] == PRIOR["intraday.sessions"] == 0
    assert (PRIOR["intraday.count"] > 1000).all()


def test_the_spread_of_todays_close_is_known_up_to_the_last_session_it_was_fitted_on() -> None:
    spread, until = PRIOR["intraday.spread"], shipped_session().intraday.known_until
    assert ((spread > SPREAD_BOUNDS[0]) & (spread < SPREAD_BOUNDS[1])).all()
    assert spread.any()
    assert until == json.loads(PRIOR_FILE.read_text(encoding="utf-8"))["learnt_from"]["last"]


def test_the_files_levels_rise_to_both_ends_of_the_grid() -> None:
    assert (np.diff(PRIOR_LEVELS) > 0).all()
    assert pytest.approx(1 - PRIOR_LEVELS[::-1]) == PRIOR_LEVELS
    assert (PRIOR_LEVELS[0], PRIOR_LEVELS[-1]) == (LEVELS[0], LEVELS[-1])


def test_the_file_says_what_it_was_fitted_on_and_holds_no_bar() -> None:
    content = json.loads(PRIOR_FILE.read_text(encoding="utf-8"))
    origin = content["learnt_from"]
    assert origin["market"] == "nifty50"
    assert learnt_from() == f"{origin['sessions']:,} sessions of nifty50, {origin['first']} to {origin['last']}"
    assert origin["sessions"] > 1000
    # Whatever was a price, a return or a moment would be as long as the history; nothing here is.
    assert max(len(np.ravel(values)) for values in PRIOR.values()) == MOMENTS * OWN_CLOSES * len(LEVELS)
    assert not any(values.shape[0] == origin["sessions"] for values in PRIOR.values() if values.ndim)


@pytest.mark.slow
def test_the_script_fits_the_file_that_ships(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "prior.json"
    monkeypatch.setattr(fit_session_prior, "PRIOR_FILE", written)
    fit_session_prior.main(str(shared / "data" / "nifty50"))
    assert written.read_bytes() == PRIOR_FILE.read_bytes()
    shares = ", ".join(f"{share:.4f}" for share in PRIOR_SHARES)
    assert f"({shares})" in capsys.readouterr().out
