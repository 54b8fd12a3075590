"""A backtest is the same however often it is stopped, with any number of processes, and knows nothing of the future."""

import contextlib
import json
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from backtest_runs import SESSIONS, bars_folder, contents, ended, made, start
from synthetic import daily_frame

from aegismatrix_engine.backtest.block_files import finished_blocks, read_blocks
from aegismatrix_engine.errors import AegisError, ConfigurationError, HistoryTooShort

REFIT = 20
"""Sessions of a block in these tests: 13 blocks."""

DATES = daily_frame().index[:SESSIONS]
KNOWN = 920
"""Rows of the bars that a shorter history has: the outcomes of the first blocks end within them."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bars_folder(tmp_path_factory.mktemp("bars"))


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that nothing has disturbed."""
    output = tmp_path_factory.mktemp("whole") / "backtest"
    found = made(data, output, refit=REFIT)
    assert found.made == len(found.blocks) == 13
    return contents(output)


def options(data: Path, output: Path) -> tuple[object, ...]:
    return "--source", "csv", "--data", data, "--refit", REFIT, "--output", output


def blocks_done(output: Path) -> int:
    with contextlib.suppress(AegisError):
        return len(finished_blocks(output))
    return 0


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, "it has not happened within two minutes"
        time.sleep(0.002)


@pytest.mark.slow
def test_two_processes_make_the_same_files(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    made(data, tmp_path / "two", refit=REFIT, jobs=2)
    assert contents(tmp_path / "two") == whole


@pytest.mark.slow
@pytest.mark.parametrize("blocks", [0, 1, 2, 5, 9, 12])
def test_a_killed_run_goes_on_where_it_was(data: Path, whole: dict[str, bytes], tmp_path: Path, blocks: int) -> None:
    output = tmp_path / "killed"
    process = start(*options(data, output))
    wait_for(lambda: (output / "run.json").exists() and blocks_done(output) >= blocks)
    process.kill()
    ended(process)
    before = blocks_done(output)
    assert blocks <= before
    left = made(data, output, refit=REFIT).made
    assert left == 13 - before
    assert {name: data for name, data in contents(output).items() if not name.endswith(".tmp")} == whole


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_goes_on_where_it_was(
    data: Path, whole: dict[str, bytes], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    output = tmp_path / "interrupted"
    process = start(*options(data, output))
    wait_for(lambda: blocks_done(output) >= 2)
    process.send_signal(number)
    assert ended(process)[0] == code
    assert made(data, output, refit=REFIT).made < 12
    assert contents(output) == whole


@pytest.mark.slow
def test_a_second_run_in_a_folder_is_refused_while_the_first_is_at_work(
    data: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "backtest"
    first = start(*options(data, output))
    wait_for(lambda: blocks_done(output) >= 1)
    first.send_signal(signal.SIGSTOP)
    code, told, errors = ended(start(*options(data, output)))
    first.send_signal(signal.SIGCONT)
    assert (code, told, errors) == (
        2,
        "",
        f"aegis: error: another run is at work in {output}; wait until it has ended, or name another --output\n",
    )
    assert ended(first)[0] == 0
    assert contents(output) == whole


def workers(parent: int) -> list[int]:
    """The processes below a process that work for it, as /proc says."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            line = stat.read_text()
            if int(line.rpartition(")")[2].split()[1]) == parent:
                command = (stat.parent / "cmdline").read_bytes()
                if b"loky" in command and b"resource_tracker" not in command:
                    found.append(int(stat.parent.name))
    return found


def test_no_more_processes_are_started_than_there_are_blocks(data: Path, tmp_path: Path) -> None:
    before = set(workers(os.getpid()))
    assert made(data, tmp_path / "one", first=f"{DATES[-1]:%Y-%m-%d}", jobs=8).made == 1
    assert set(workers(os.getpid())) <= before


@pytest.mark.slow
def test_blocks_of_a_killed_worker_are_made_by_new_ones(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    output = tmp_path / "worker"
    process = start(*options(data, output), "--jobs", "2")
    wait_for(lambda: workers(process.pid))
    wait_for(lambda: list(output.glob("forecasts/*")))
    os.kill(workers(process.pid)[0], signal.SIGKILL)
    code, _, told = ended(process)
    assert code == 0, told
    assert told.startswith("aegis: warning: a worker process was ended"), told
    assert contents(output) == whole


@pytest.mark.slow
def test_a_full_disk_ends_with_73_and_the_run_goes_on_later(
    data: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    output, most = tmp_path / "full", 20_000
    process = start(*options(data, output), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    code, _, told = ended(process)
    assert code == 73
    assert told.startswith("aegis: error: cannot write ")
    assert told.count("\n") == 1
    made(data, output, refit=REFIT)
    assert contents(output) == whole


def test_an_altered_file_is_named_and_its_block_made_again(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    output = tmp_path / "altered"
    made(data, output, refit=REFIT)
    altered = sorted(output.glob("quantiles/*"))[3]
    altered.write_bytes(altered.read_bytes()[:-100])
    told: list[str] = []
    assert made(data, output, told.append, refit=REFIT).made == 1
    assert len(told) == 1
    assert f"{altered} was cut or altered" in told[0]
    assert contents(output) == whole


def later(frame: pd.DataFrame) -> pd.DataFrame:
    """The bars with other ones after the first KNOWN: prices and volatility index a fifth higher, and wilder."""
    changed = frame.copy()
    draws = np.random.default_rng(3).normal(1.2, 0.02, len(frame) - KNOWN)
    changed.iloc[KNOWN:] = changed.iloc[KNOWN:].mul(draws, axis=0)
    return changed


@pytest.mark.parametrize("kind", ["cut", "perturbed"])
def test_nothing_later_changes_a_file(whole: dict[str, bytes], tmp_path: Path, kind: str) -> None:
    frame = daily_frame().iloc[:SESSIONS]
    data = bars_folder(tmp_path / "bars", frame.iloc[:KNOWN] if kind == "cut" else later(frame))
    made(data, tmp_path / "backtest", refit=REFIT)
    found = contents(tmp_path / "backtest")
    # The outcomes of the last forecasts of a block come within 45 sessions.
    decided = {f"{DATES[first]:%Y-%m-%d}" for first in range(750, KNOWN - 45 - REFIT, REFIT)}
    same = [name for name in whole if name != "run.json" and name[-18:-8] in decided]
    assert len(same) == 3 * len(decided) == 18
    assert {name: found[name] for name in same} == {name: whole[name] for name in same}
    others = [name for name in found if name.startswith("forecasts") and name[-18:-8] not in decided]
    assert any(found[name] != whole[name] for name in others)


@pytest.mark.parametrize("last", [870, SESSIONS - 1], ids=["bars that go on", "bars that end"])
def test_the_oracle_holds_every_close_that_quantiles_are_of_and_the_bars_know(
    data: Path, tmp_path: Path, last: int
) -> None:
    first = f"{DATES[last - 30]:%Y-%m-%d}"
    made(data, tmp_path / "backtest", first=first, last=f"{DATES[last]:%Y-%m-%d}", refit=REFIT)
    blocks = finished_blocks(tmp_path / "backtest")
    quantiles, oracle = (read_blocks(tmp_path / "backtest", blocks, kind) for kind in ("quantiles", "oracle"))
    ends = quantiles["target_end_date"].max()
    assert ends > DATES[last]
    known = pd.DatetimeIndex(quantiles["target_end_date"].unique()).intersection(DATES)
    assert set(known) <= set(oracle["target_end_date"])
    assert oracle["target_end_date"].max() == min(ends, DATES[-1])
    closes = daily_frame()["close"].reindex(oracle["target_end_date"]).to_numpy()
    assert (oracle["oracle_value"] == closes).all()


def test_a_shorter_backtest_has_the_same_forecasts(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    first, last = (f"{DATES[row]:%Y-%m-%d}" for row in (812, 870))
    found = made(data, tmp_path / "shorter", first=first, last=last, refit=REFIT)
    assert [block.first for block in found.blocks] == [f"{DATES[row]:%Y-%m-%d}" for row in (812, 830, 850, 870)]
    assert [block.fitted for block in found.blocks] == [f"{DATES[row]:%Y-%m-%d}" for row in (810, 830, 850, 870)]
    mine, theirs = contents(tmp_path / "shorter"), whole
    name = f"forecasts/nifty50-{DATES[830]:%Y-%m-%d}.parquet"
    assert mine[name] == theirs[name]


REFUSED = {
    "from after to": ({"first": "2018-06-01", "last": "2018-05-01"}, "--from 2018-06-01 is after --to 2018-05-01"),
    "too early": ({"first": "2017-01-02"}, f"the first possible date is {DATES[750]:%Y-%m-%d}"),
    "after the bars": (
        {"first": "2031-01-01"},
        f"the bars allow dates from {DATES[750]:%Y-%m-%d} to {DATES[-1]:%Y-%m-%d}",
    ),
    "before the first": ({"last": "2017-01-02"}, "no session of nifty50 lies between --from and --to"),
    "refit": ({"refit": 0}, "invalid --refit 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_dates_that_cannot_be_are_refused(data: Path, tmp_path: Path, case: str) -> None:
    settings, told = REFUSED[case]
    with pytest.raises(ConfigurationError) as error:
        made(data, tmp_path / "refused", **settings)
    assert told in str(error.value)
    assert not (tmp_path / "refused").exists()


def test_a_short_history_is_refused(tmp_path: Path) -> None:
    data = bars_folder(tmp_path / "bars", daily_frame().iloc[:750])
    with pytest.raises(
        HistoryTooShort,
        match=r"750 regular sessions up to .*, a backtest needs more than 750, which come before its first",
    ):
        made(data, tmp_path / "refused")


OTHERS = {
    "refit": ({"refit": 21}, "another --refit: 20, now 21"),
    "from": ({"first": f"{DATES[800]:%Y-%m-%d}"}, "another --from"),
    "to": ({"last": f"{DATES[900]:%Y-%m-%d}"}, "another --to"),
}


def begun(output: Path, whole: dict[str, bytes]) -> bytes:
    """A folder in which a run has begun and no block is done; gives its run.json."""
    output.mkdir()
    content = json.dumps({**json.loads(whole["run.json"]), "blocks": []}).encode()
    (output / "run.json").write_bytes(content)
    return content


@pytest.mark.parametrize("case", OTHERS)
def test_the_folder_of_another_run_is_refused(data: Path, whole: dict[str, bytes], tmp_path: Path, case: str) -> None:
    settings, told = OTHERS[case]
    before = begun(tmp_path / "backtest", whole)
    with pytest.raises(ConfigurationError) as error:
        made(data, tmp_path / "backtest", **{"refit": REFIT, **settings})
    assert told in str(error.value)
    assert contents(tmp_path / "backtest") == {"run.json": before}


def test_other_bars_in_the_same_folder_are_refused(whole: dict[str, bytes], tmp_path: Path) -> None:
    before = begun(tmp_path / "backtest", whole)
    frame = daily_frame().iloc[:SESSIONS].copy()
    frame.iloc[10] *= 1.001
    with pytest.raises(ConfigurationError, match="is of a run with other bars"):
        made(bars_folder(tmp_path / "other", frame), tmp_path / "backtest", refit=REFIT)
    assert contents(tmp_path / "backtest") == {"run.json": before}


def test_a_folder_with_other_files_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"has files and no run\.json; name a new or an empty folder"):
        made(data, tmp_path)
    assert contents(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.slow
def test_options_without_a_command_run_a_backtest(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    code, told, errors = ended(start(*options(data, tmp_path / "backtest")))
    assert (code, errors) == (0, "")
    rows = sum(block.files["forecasts"].rows for block in finished_blocks(tmp_path / "backtest"))
    assert f"{rows:,} forecasts from {DATES[750]:%Y-%m-%d} to {DATES[-1]:%Y-%m-%d} in 13 blocks, 13 of them new" in told
    assert contents(tmp_path / "backtest") == whole
