"""No state of a csv folder makes training a bug: a new set that is healthy, or the old one untouched and a reason."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from aged_sets import aged
from command_line import contents
from covertable import make
from outcomes import Ended
from series_states import STATES, in_state
from served import write_folder
from world import SERIES, SPOT, Seen

from aegismatrix_engine.forecasting.audit import audit
from aegismatrix_engine.forecasting.model_set import healthy_set

SESSIONS, WITH_BARS = 530, 60
CODES = (0, 11, 65, 69, 75, 78)
PAIRS = [tuple(row) for row in make([list(STATES)] * len(SERIES), strength=2)]
AT_ONCE = 12


@cache
def market() -> tuple[Seen, pd.Timestamp]:
    """Two years of every series and, of the last sessions, bars; and the evening after the last one."""
    daily, bars = synthetic.daily_frame(SESSIONS), synthetic.intraday_frame(SESSIONS, WITH_BARS)
    seen = {
        "spot_daily": daily[list(SPOT)],
        "vix_daily": daily[["vix"]].set_axis(["close"], axis=1),
        "spot_intraday": bars[list(SPOT)],
        "vix_intraday": bars[["vix"]].set_axis(["close"], axis=1),
        "us_vix_daily": synthetic.us_vix_frame(SESSIONS).loc[: daily.index[-2]],
    }
    return seen, (daily.index[-1] + pd.Timedelta("16h10min")).tz_localize(synthetic.MARKET.zone)


@pytest.fixture(scope="module")
def codes() -> Iterator[Counter[int]]:
    """How often training ended with which exit code; printed at the end."""
    counted: Counter[int] = Counter()
    yield counted
    ended = ", ".join(f"{code}: {counted[code]}" for code in sorted(counted))
    print(f"\nstates of training: {counted.total()} combinations by exit code: {ended}")


def test_every_pair_of_states_occurs() -> None:
    for left in range(len(SERIES)):
        for right in range(left):
            assert len({(row[left], row[right]) for row in PAIRS}) == len(STATES) ** 2


@pytest.mark.parametrize(
    "states",
    [
        pytest.param(row, id=" ".join(row), marks=[] if at % AT_ONCE == 0 else pytest.mark.slow)
        for at, row in enumerate(PAIRS)
    ],
)
def test_training_makes_a_healthy_set_or_leaves_the_old_one(
    command: Callable[..., Ended], tmp_path: Path, learnt_set: Path, states: tuple[str, ...], codes: Counter[int]
) -> None:
    seen, now = market()
    write_folder(
        tmp_path / "data",
        {name: in_state(state, name, seen, now) for name, state in zip(SERIES, states, strict=True)},
    )
    models = tmp_path / "models"
    shutil.copytree(aged(learnt_set, now, tmp_path.parent), models)
    before = contents(models)
    ended = command("train", "--source", "csv", "--data", "data", "--quiet", now=now.isoformat())
    codes[ended.code] += 1
    assert ended.code in CODES, ended.err
    if ended.code == 0:
        assert ended.err == ""
        _, manifest = healthy_set(audit(models, "nifty50", now))
        assert manifest.training.last <= f"{now:%Y-%m-%d}"
        assert pd.Timestamp(manifest.training.trained_at) == now
    else:
        assert ended.err.startswith("aegis: error: ")
        assert ended.err.count("\n") == 1
        assert contents(models) == before
