"""A process killed at any point leaves models, last values and document whole; the next run mends and sweeps."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from csv_market import write_market
from synthetic import daily_frame, history

from aegismatrix_engine.document import check_json
from aegismatrix_engine.forecasting.audit import audit
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.forecasting.models import MODEL_NAMES
from aegismatrix_engine.state.last_values import LastValues, read_last_values
from aegismatrix_engine.training.train import train

HERE = Path(__file__).resolve().parent
NOW = "2026-06-30T18:00+05:30"
OLD, NEW = 520, 540
DAYS = [f"{day:%Y-%m-%d}" for day in daily_frame().index[[OLD - 2, OLD - 1]]]
MODEL_FILES = len(MODEL_NAMES)
MORE_THAN_AN_HOUR = 3700
KILLED = -9
BARS = ("--source", "csv", "--data", "data", "--quiet")


def environment() -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AEGIS_")}
    return {**plain, "AEGIS_NOW": NOW}


def start(place: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "aegismatrix_engine", *arguments],
        cwd=place,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def run(place: Path, *arguments: str) -> None:
    process = start(place, *arguments)
    told, _ = process.communicate(timeout=120)
    assert process.returncode in (0, 10), told.decode()


def saved(place: Path, sessions: int) -> str:
    models, training = train(history(daily_frame().iloc[:sessions]), pd.Timestamp(NOW))
    return save_models(models, training, place / "models").set_version


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bars, a set, and a document of the session before the last with its last values. Copy it before use."""
    at = tmp_path_factory.mktemp("crash") / "place"
    frame = daily_frame().iloc[:OLD]
    write_market(at / "data", frame[["open", "high", "low", "close"]], frame[["vix"]].set_axis(["close"], axis=1))
    saved(at, OLD)
    run(at, "infer", *BARS, "--as-of", DAYS[0])
    return at


@pytest.fixture(scope="module")
def new_version(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("new"), NEW)


def killed_everywhere(place: Path, into: Path, *action: str) -> list[Path]:
    """One folder for every point at which the action was killed, in their order, and one of a whole run."""
    done = subprocess.run(
        [sys.executable, str(HERE / "killing.py"), str(place), str(into), *action],
        env=environment(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return sorted(into.iterdir(), key=lambda path: int(path.name))


def whole_set(place: Path) -> str:
    """The version of the set, every model of which is healthy."""
    report = audit(place / "models", "nifty50", pd.Timestamp(NOW))
    assert report.unhealthy == {}
    assert report.manifest is not None
    return report.manifest.set_version


def whole_output(place: Path) -> tuple[str, LastValues]:
    """The day of the document, and the last values."""
    document = check_json((place / "aegismatrix.json").read_bytes())
    recent = read_last_values(place / "recent.json", pd.Timestamp(NOW)).known
    assert recent is not None
    return document.as_of[:10], recent


def leftovers(place: Path) -> list[Path]:
    return list(place.rglob(".aegis-*.tmp"))


def aged(paths: list[Path]) -> None:
    for path in paths:
        then = path.stat().st_mtime - MORE_THAN_AN_HOUR
        os.utime(path, (then, then))


@pytest.mark.slow
def test_saving_a_set_killed_at_any_point_leaves_the_old_set_or_the_new_one(
    place: Path, new_version: str, tmp_path: Path
) -> None:
    old = whole_set(place)
    copies = killed_everywhere(place, tmp_path, "save", str(NEW))
    # For each file and the manifest: it is made, written, synced, renamed, and the folder is synced.
    assert len(copies) > 5 * (MODEL_FILES + 1)
    found = [whole_set(copy) for copy in copies]
    assert set(found) == {old, new_version}
    assert found == sorted(found, key=[old, new_version].index), "once the new set stands, it stays"
    assert any(leftovers(copy) for copy in copies)
    for copy in copies:
        assert whole_output(copy) == whole_output(place)
        aged(leftovers(copy))
    for copy in copies[:: len(copies) // 10]:
        assert saved(copy, NEW) == new_version == whole_set(copy)
        assert leftovers(copy) == []
        assert len(list((copy / "models").iterdir())) == MODEL_FILES + 1


@pytest.mark.slow
def test_an_inference_killed_at_any_point_leaves_document_and_last_values_whole(place: Path, tmp_path: Path) -> None:
    copies = killed_everywhere(place, tmp_path, "infer", *BARS)
    assert len(copies) > 2 * 5
    found = [whole_output(copy) for copy in copies]
    assert {day for day, _ in found} == {recent.as_of[:10] for _, recent in found} == set(DAYS)
    done = found[-1]
    assert done[1].as_of[:10] == done[0] == DAYS[1]
    assert any(leftovers(copy) for copy in copies)
    for copy in copies:
        assert whole_set(copy) == whole_set(place)
        aged(leftovers(copy))
    for copy in copies[::4]:
        run(copy, "infer", *BARS)
        assert leftovers(copy) == []
        assert whole_output(copy) == done


def test_a_leftover_of_this_hour_is_another_process_at_work(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    fresh, old, foreign = (copy / name for name in (".aegis-00.tmp", ".aegis-11.tmp", "aegis-22.tmp"))
    for path in (fresh, old, foreign):
        path.write_text("half")
    aged([old, foreign])
    run(copy, "infer", *BARS)
    assert fresh.exists()
    assert not old.exists()
    assert foreign.exists()


def moments(command: str, seconds: float, kills: int) -> Iterator[float]:
    """Moments of a run's second half, where it writes, and some of its first."""
    draws = random.Random(command)
    for _ in range(kills):
        yield seconds * draws.uniform(0.3, 1.05)


@pytest.mark.slow
@pytest.mark.parametrize(("command", "kills"), [("infer", 16), ("train", 4)])
def test_twenty_real_kills_at_random_moments_leave_everything_whole(
    place: Path, tmp_path: Path, command: str, kills: int
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    begun = time.monotonic()
    run(copy, command, *BARS)
    seconds = time.monotonic() - begun
    ended = []
    for moment in moments(command, seconds, kills):
        process = start(copy, command, *BARS)
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        ended.append(process.returncode)
        whole_set(copy)
        whole_output(copy)
    assert KILLED in ended
    assert set(ended) <= {KILLED, 0, 10}
    aged(leftovers(copy))
    run(copy, command, *BARS)
    assert leftovers(copy) == []
