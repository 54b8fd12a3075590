"""Running ``aegis infer`` inside the test's process, on series in given states."""

import contextlib
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from aged_sets import aged
from combinations import Combination
from command_line import STEERING
from machine_clock import machine_clock
from outcomes import FORMER, Ended, Infer, InferFrom
from served import Given, answer_with, given, write_folder, write_store
from world import CLOCKS
from yahoo_server import YahooServer, pointed_at

from aegismatrix_engine.cli import main
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.training.train import train

LEARNT_SESSIONS = 1500


@pytest.fixture(scope="session")
def learnt_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set that has learnt nights, sessions and events enough for nothing to be degraded by the set alone."""
    base = tmp_path_factory.getbasetemp()
    at = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "learnt"
    with at.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not at.exists():
            history = replace(
                synthetic.history(synthetic.daily_frame(LEARNT_SESSIONS)),
                bars=synthetic.intraday_frame(LEARNT_SESSIONS),
                us_vix=synthetic.us_vix_frame(LEARNT_SESSIONS),
                us_spot=synthetic.us_spot_frame(LEARNT_SESSIONS),
                inda=synthetic.inda_frame(LEARNT_SESSIONS),
            )
            models, training = train(history, synthetic.TRAINED_AT)
            save_models(models, training, at.with_suffix(".making"), forced=False)
            at.with_suffix(".making").rename(at)
    return at


@pytest.fixture(scope="module")
def server() -> Iterator[YahooServer]:
    with YahooServer({}) as server, pointed_at(server.address):
        yield server


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """A command in a folder of its own, with a document of former times, at a moment given as ``now``."""
    for name in os.environ:
        if STEERING.match(name):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aegismatrix.json").write_bytes(FORMER)

    def run(*arguments: str, now: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.ExitStack() as around:
            around.enter_context(contextlib.redirect_stdout(out))
            around.enter_context(contextlib.redirect_stderr(err))
            around.enter_context(machine_clock(now))
            ended = around.enter_context(pytest.raises(SystemExit))
            main(arguments)
        assert isinstance(ended.value.code, int)
        assert out.getvalue() == ""
        return Ended(ended.value.code, err.getvalue(), tmp_path)

    return run


@pytest.fixture
def infer_from(tmp_path: Path, command: Callable[..., Ended], server: YahooServer, learnt_set: Path) -> InferFrom:
    """``aegis infer`` on given series, as a first run in its folder, however often it is called."""

    def run(named: str, frames: Given, now: pd.Timestamp) -> Ended:
        (tmp_path / "aegismatrix.json").write_bytes(FORMER)
        (tmp_path / "recent.json").unlink(missing_ok=True)
        source, _, store = named.partition(" with a ")
        options: tuple[str, ...] = ("--data", "data") if source == "csv" else ("--patience", "60")
        if store:
            write_store(server, tmp_path / "kept", now, damaged=store == "damaged store")
            options += ("--cache", "kept")
        if source == "csv":
            write_folder(tmp_path / "data", frames)
        else:
            answer_with(server, frames, now)
        models = ("--models", str(aged(learnt_set, now, tmp_path.parent)), "--quiet")
        return command("infer", "--source", source, *options, *models, now=now.isoformat())

    return run


@pytest.fixture
def infer(infer_from: InferFrom) -> Infer:
    """The same on a combination."""

    def run(combination: Combination) -> Ended:
        return infer_from(combination.source, given(combination), CLOCKS[combination.clock])

    return run
