"""Jobs as a program calls them: what they return and write, that they print nothing and know no command line."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from csv_market import write_market
from synthetic import daily_frame

from aegismatrix_engine import BarFrames, get_market, load_models, make_document, read_history, train
from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import ConfigurationError, ModelsMissing
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.check_models import check_models
from aegismatrix_engine.jobs.due import request_if_due
from aegismatrix_engine.jobs.infer import Inferred, infer
from aegismatrix_engine.jobs.resolve import resolve
from aegismatrix_engine.jobs.settings import BarsSettings, InferSettings
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.ledger import read_ledger
from aegismatrix_engine.state.last_values import render

SESSIONS = 560
"""Enough for a model set, and too few for a walk through the past, which takes the time."""
ROOT = Path(__file__).resolve().parents[2]
MARKET = get_market("nifty50")
FRAME = daily_frame(SESSIONS)
SPOT = FRAME[["open", "high", "low", "close"]]
VIX = FRAME[["vix"]].rename(columns={"vix": "close"})
NOW = pd.Timestamp(f"{FRAME.index[-3]:%Y-%m-%d}T18:00+05:30")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole history in data/ and models/ that were trained on it up to ``NOW``. Only read it."""
    at = tmp_path_factory.mktemp("trained")
    write_market(at / "data", SPOT, VIX)
    train(read_history(MARKET, NOW, at / "data"), NOW, at / "models")
    return at


def bars(place: Path) -> BarsSettings:
    return BarsSettings("nifty50", "csv", place / "data")


def settings(trained: Path, place: Path) -> InferSettings:
    return InferSettings(trained / "models", place / "aegismatrix.json", place / "record", engine_commit="0" * 40)


def made(trained: Path, place: Path, now: pd.Timestamp = NOW) -> Inferred:
    return infer(BarsRequest.of(bars(trained), now), settings(trained, place), now)


def test_an_inference_returns_what_it_wrote_and_prints_nothing(
    trained: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = made(trained, tmp_path)
    assert done.content == done.made.content == (tmp_path / "aegismatrix.json").read_bytes()
    assert check_json(done.content) == done.document
    assert (tmp_path / "recent.json").read_text() == render(done.recent)
    assert round(done.made.origin.spot, 2) == done.document.market.spot == round(SPOT["close"].iloc[-3], 2)
    rows = {row.key: row for row in forecast_rows(done.document, done.made.origin)}
    assert read_ledger(tmp_path / "record", "nifty50", NOW).forecasts == rows
    assert (done.bars.last_session, done.document.provenance.engine_commit) == (FRAME.index[-3], "0" * 40)
    assert done.degraded == (done.document.health.status == "degraded")
    assert capfd.readouterr() == ("", "")


def test_a_resolution_returns_its_rows_and_what_is_still_open(
    trained: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made(trained, tmp_path)
    later = NOW + (FRAME.index[-1] - FRAME.index[-3])
    done = resolve(bars(trained), tmp_path / "record", later)
    ledger = read_ledger(tmp_path / "record", "nifty50", later)
    assert done.rows
    assert {row.key for row in done.rows} == set(ledger.resolutions)
    assert done.open_rows == len(ledger.forecasts) - len(done.rows) > 0
    assert dict(done.reasons) == {}, "nothing that has come due is undecided"
    assert (done.faults, done.unreported) == ((), ())
    assert resolve(bars(trained), tmp_path / "record", later).rows == ()
    assert capfd.readouterr() == ("", "")


def test_bars_at_hand_are_not_read_again(trained: Path, tmp_path: Path) -> None:
    made(trained, tmp_path)
    later = NOW + (FRAME.index[-1] - FRAME.index[-3])
    nowhere = replace(bars(trained), data=tmp_path / "nowhere")
    history = read_history(MARKET, later, trained / "data")
    assert resolve(nowhere, tmp_path / "record", later, history).rows


def test_without_an_open_forecast_no_bars_are_read(tmp_path: Path) -> None:
    done = resolve(BarsSettings("nifty50", "csv", tmp_path / "nowhere"), tmp_path / "record", NOW)
    assert (done.rows, done.open_rows) == ((), 0)


def test_a_set_in_memory_is_that_of_the_folder(trained: Path, capfd: pytest.CaptureFixture[str]) -> None:
    history = read_history(MARKET, NOW, BarFrames(SPOT, VIX))
    in_memory, in_folder = train(history, NOW), load_models(trained / "models", "nifty50", NOW)
    assert in_memory.manifest == in_folder.manifest
    documents = [json.loads(make_document(history, one, NOW).content) for one in (in_memory, in_folder)]
    assert documents[0] == documents[1]
    assert documents[0]["provenance"]["source"] == "frames"
    assert capfd.readouterr() == ("", "")


def test_a_document_from_frames_forecasts_what_that_of_the_same_files_does(trained: Path, tmp_path: Path) -> None:
    models = load_models(trained / "models", "nifty50")
    by_frames = make_document(read_history(MARKET, NOW, BarFrames(SPOT, VIX)), models, NOW).document
    by_files = made(trained, tmp_path).document
    assert by_frames.seller == by_files.seller
    assert by_frames.buyer == by_files.buyer
    assert by_frames.direction == by_files.direction


def test_a_check_judges_a_set_without_a_document(trained: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = check_models(trained / "models", MARKET, NOW)
    assert found.healthy, found.failures
    old = check_models(trained / "models", MARKET, NOW + pd.Timedelta(days=101))
    assert {finding.key.split()[-1] for finding in old.failures} >= {"expired"}
    assert capfd.readouterr() == ("", "")


def test_without_models_nothing_is_read_or_written(trained: Path, tmp_path: Path) -> None:
    request = BarsRequest.of(BarsSettings("nifty50", "csv", tmp_path / "nowhere"), NOW)
    with pytest.raises(ModelsMissing, match="aegis train"):
        infer(request, settings(tmp_path, tmp_path), NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["recent.json", "rollback.json"])
def test_a_document_never_takes_the_place_of_a_file_beside_it(trained: Path, tmp_path: Path, name: str) -> None:
    taken = replace(settings(trained, tmp_path), output=tmp_path / name)
    with pytest.raises(ConfigurationError, match="give the document another name"):
        infer(BarsRequest.of(bars(trained), NOW), taken, NOW)
    with pytest.raises(ConfigurationError, match="give the document another name"):
        request_if_due(bars(trained), NOW, tmp_path / name, ask=True)


def test_a_document_is_due_until_it_is_there(trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "aegismatrix.json"
    assert request_if_due(bars(trained), NOW, output, ask=True)[1].due
    made(trained, tmp_path)
    request, decided = request_if_due(bars(trained), NOW, output, ask=True)
    assert (decided.due, request.source.name) == (False, "csv")
    assert request_if_due(bars(trained), NOW, output, ask=False)[1].due


def test_no_job_imports_a_command_line() -> None:
    jobs = [path.stem for path in (ROOT / "aegismatrix_engine" / "jobs").glob("*.py") if path.stem != "__init__"]
    code = f"""
import sys
from importlib import import_module
for name in {sorted(jobs)!r}:
    import_module("aegismatrix_engine.jobs." + name)
print(*(name for name in sys.modules if name.partition(".")[0] == "click" or "engine.cli" in name))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
