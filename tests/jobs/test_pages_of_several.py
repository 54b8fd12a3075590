"""The pages of several markets, where one of them cannot be built."""

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import ROOT

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.jobs.batch import MarketFiles, MarketOutcome
from aegismatrix_engine.jobs.run_page import pages_built
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun, Event, ScheduledJob
from aegismatrix_engine.jobs.settings import BarsSettings, RunSettings

NOW = pd.Timestamp("2022-12-30T16:30+05:30")
OLDER = {"schema_version": "1.0.0"}


@pytest.mark.slow
def test_no_page_links_to_one_that_cannot_be_built(tmp_path: Path) -> None:
    example = json.loads((ROOT / "docs" / "example.json").read_bytes())
    files = []
    for market, folder, other in (("nifty50", "", {}), ("sp500", "sp500", {}), ("sensex", "sensex", OLDER)):
        files.append(MarketFiles(market, tmp_path / folder / "aegismatrix.json", tmp_path / "models" / folder))
        (tmp_path / folder).mkdir(exist_ok=True)
        files[-1].output.write_text(json.dumps(example | {"market_id": market} | other), encoding="utf-8")
    settings = RunSettings(
        BarsSettings("nifty50", "csv", tmp_path),
        output=files[0].output,
        record=tmp_path / "record",
        site=tmp_path / "site",
        markets=("nifty50", "sp500", "sensex"),
    )
    heard: list[Event] = []
    run = CurrentRun(ScheduledJob(tmp_path, NOW), RunSummary(None), heard.append)
    built = pages_built(settings, files, run)
    assert built.files is not None
    assert not any(path.startswith("sensex/") for path in built.files)
    for page, link in (("index.html", 'href="sp500/"'), ("sp500/index.html", 'href="../"')):
        text = built.files[page].decode()
        assert link in text
        assert "sensex/" not in text
    [failed] = [one for one in heard if isinstance(one, MarketOutcome)]
    assert (failed.market, type(failed.error), run.summary.ended) == ("sensex", DataError, 12)
    [notice] = built.notices
    assert notice.body.startswith("The page of sensex. ")
