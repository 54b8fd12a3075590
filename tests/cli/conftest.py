"""A folder of data and models to run the commands on, trained once for all processes of the test run."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import synthetic
from bars_folder import SESSIONS, write_data
from command_line import CSV, FORMER, NOW, STEERING, Ended, aegis, inside, run_inside
from machine_clock import machine_clock
from synthetic import daily_frame

from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.training.train import train

MEASURED = 1500


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/ and the models/ that a real ``aegis train`` made of it. Do not write into it."""
    base = tmp_path_factory.getbasetemp()
    at = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained"
    with at.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not at.exists():
            making = at.with_suffix(".making")
            write_data(making / "data", daily_frame(SESSIONS))
            assert aegis("train", *CSV, "--quiet", at=making) == Ended(0, b"", "")
            making.rename(at)
    return at


@pytest.fixture(scope="session")
def measured_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set whose record holds events enough for the document not to be degraded by that alone."""
    folder = tmp_path_factory.mktemp("measured") / "models"
    models, training = train(synthetic.history(synthetic.daily_frame(MEASURED)), synthetic.TRAINED_AT)
    save_models(models, training, folder, forced=False)
    return folder


@pytest.fixture
def place(trained: Path, tmp_path: Path) -> Path:
    """A copy to work in, with a document of former times."""
    at = tmp_path / "place"
    shutil.copytree(trained, at)
    (at / "aegismatrix.json").write_bytes(FORMER)
    return at


@pytest.fixture
def call_at(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ended]:
    """A command inside this process, in the folder ``at``."""

    def run(*arguments: str, at: Path, env: dict[str, str] | None = None) -> Ended:
        return inside(*arguments, at=at, env=env or {}, monkeypatch=monkeypatch, streams=capfdbinary)

    return run


@pytest.fixture
def call(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ended]:
    """A command inside this process, in ``place``, the machine's clock at ``now``: what ``aegis`` does once it runs."""
    for name in os.environ:
        if STEERING.match(name):
            monkeypatch.delenv(name)
    monkeypatch.chdir(place)

    def run(*arguments: str, env: dict[str, str] | None = None, now: str = NOW) -> Ended:
        with monkeypatch.context() as patched, machine_clock(now):
            for name, value in (env or {}).items():
                patched.setenv(name, value)
            return run_inside(arguments, capfdbinary)

    return run
