"""The weeks in which forecasts begin to reach past the announced calendar: sound series make a document on each day."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from aged_sets import aged
from outcomes import DONE, Ended
from served import write_folder
from world import MARKET, seen

DAYS = MARKET.calendar.regular(pd.Timestamp("2026-10-12"), pd.Timestamp("2026-11-13"))
# On these the 46th session ahead lies past 2026-12-31, and no date that a document names does.
BETWEEN = DAYS[(DAYS >= "2026-10-26") & (DAYS <= "2026-11-02")]


@pytest.mark.parametrize(
    "day", [pytest.param(day, id=f"{day:%m-%d}", marks=[] if day in BETWEEN else pytest.mark.slow) for day in DAYS]
)
@pytest.mark.parametrize("time", ["11:07", "16:10"])
def test_a_document_calls_its_calendar_provisional_where_it_names_a_date_beyond(
    command: Callable[..., Ended], learnt_set: Path, tmp_path: Path, day: pd.Timestamp, time: str
) -> None:
    now = pd.Timestamp(f"{day:%Y-%m-%d}T{time}+05:30")
    write_folder(tmp_path / "data", dict(seen(now)))
    models = ("--models", str(aged(learnt_set, now, tmp_path.parent)), "--quiet")
    ended = command("infer", "--source", "csv", "--data", "data", *models, now=now.isoformat())
    assert (ended.code, ended.err) == (DONE, "")
    assert ended.document()["health"]["calendar"]["provisional"] == (b'"2027-' in ended.written)
