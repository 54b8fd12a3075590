"""Option prices as the third baseline: rows of before stay valid, and skill is that on the forecasts with prices."""

from dataclasses import replace
from pathlib import Path

import pytest
from sample_rows import FORECAST, forecast, resolution

from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import Ledger, read_ledger
from aegismatrix_engine.record.report import HEADINGS, score_table, table_rows
from aegismatrix_engine.record.row_checks import impossible
from aegismatrix_engine.record.scoring import resolved_frame, scores

FILE = Path("nifty50", "forecasts", "2022", "2022-06-15.csv")
OF_2_3_0 = """\
key,as_of,generated_at,standing,market,signal,event,origin,until,sessions,spot,threshold,lower,upper,probability,\
climatology,vix,model_set,training_end,basis,schema_version,checksum
f000908f160d,2022-06-15T10:00:00+05:30,2022-06-15T10:04:00+05:30,live,nifty50,seller.breach_probabilities.0,touch,\
2022-06-14,2022-06-30,12,15730.1,300,,,0.9845,0.8711,,0123456789ab,2022-05-31,model,1.0,f026ea70bf6b
2fcbd697cea4,2022-06-15T10:00:00+05:30,2022-06-15T10:04:00+05:30,live,nifty50,seller.safe_range,range,\
2022-06-14,2022-06-30,12,15730.1,,15000,16000,0.8,0.8711,,0123456789ab,2022-05-31,model,1.0,2b1a6da95eb1
"""
"""A file as the engine of schema 2.3.0 wrote it."""


def record(folder: Path) -> Path:
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text(OF_2_3_0, encoding="utf-8")
    return folder


def test_a_record_of_the_version_before_is_read_with_its_keys_and_checksums(tmp_path: Path) -> None:
    found = read_ledger(record(tmp_path), "nifty50")
    assert found.faults == []
    assert list(found.forecasts) == ["f000908f160d", "2fcbd697cea4"]
    assert found.forecasts["f000908f160d"] == FORECAST
    assert {row.priced for row in found.forecasts.values()} == {""}


def test_rows_with_prices_join_a_file_of_the_version_before(tmp_path: Path) -> None:
    new = forecast(signal="seller.breach_probabilities.1", event="close_beyond", priced="0.31")
    append(record(tmp_path), [new])
    found = read_ledger(tmp_path, "nifty50")
    assert found.faults == []
    assert (tmp_path / FILE).read_text(encoding="utf-8").startswith(OF_2_3_0)
    assert found.forecasts[new.key].priced == "0.31"


def test_a_price_is_no_part_of_what_identifies_a_forecast() -> None:
    assert replace(FORECAST, priced="0.4").key == FORECAST.key


@pytest.mark.parametrize(("cell", "allowed"), [("", True), ("0.25", True), ("1.2", False), ("x", False)])
def test_a_priced_chance_is_a_fraction_or_nothing(cell: str, *, allowed: bool) -> None:
    assert (impossible(replace(FORECAST, priced=cell)) is None) is allowed


def decided(priced: str, outcome: int, until: str) -> Ledger:
    row = forecast(event="close_beyond", until=until, probability="0.4", priced=priced)
    row = replace(row, as_of=f"{until[:8]}01T10:00:00+05:30", origin=f"{until[:8]}01")
    return Ledger(forecasts={row.key: row}, resolutions={row.key: resolution(row, str(outcome))})


def test_skill_against_prices_is_on_the_forecasts_that_have_them() -> None:
    found = Ledger()
    for one in (decided("0.6", 0, "2020-01-31"), decided("0.5", 1, "2020-02-28"), decided("", 1, "2020-03-31")):
        found.forecasts.update(one.forecasts)
        found.resolutions.update(one.resolutions)
    (score,) = scores(resolved_frame(found, "live"))
    assert score.priced is not None
    assert score.priced.skill == pytest.approx(1 - (0.4**2 + 0.6**2) / (0.6**2 + 0.5**2))
    assert score.priced.low is None


def test_a_signal_without_prices_is_not_compared_with_them() -> None:
    (score,) = scores(resolved_frame(decided("", 1, "2020-01-31"), "live"))
    assert score.priced is None
    (row,) = table_rows([replace(score, events=40)])
    assert row[HEADINGS.index("against prices")] == "not known"
    headings, (shown,) = score_table([replace(score, events=40)])
    assert "against prices" not in headings
    assert len(headings) == len(shown)
