"""The report as JSON and as a page: whole, honest below thirty events, and without anything that could run."""

import json
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from sample_rows import forecast, resolution

from aegismatrix_engine.record.ledger import Fault, Ledger
from aegismatrix_engine.record.report import NOT_ENOUGH, report_content, report_json, report_page, table_rows
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores

NASTY = "<script>alert('x')</script>&\"<img src=x onerror=y>"
VOID = {"meta", "br", "img", "link", "hr"}


class Page(HTMLParser):
    """The elements and texts of a page; elements must close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.open and self.open[-1] in {"td", "th"}:
            self.rows[-1][-1] += data


def ledger(events: int, **more: str) -> Ledger:
    days = pd.bdate_range("2020-01-01", periods=events + 1)
    found = Ledger()
    for i in range(events):
        for update in range(2):
            row = forecast(
                as_of=f"{days[i]:%Y-%m-%d}T1{update}:00:00+05:30",
                origin=f"{days[i]:%Y-%m-%d}",
                until=f"{days[i + 1]:%Y-%m-%d}",
                probability=repr(round(0.05 + 0.9 * i / events, 3)),
                **more,
            )
            found.forecasts[row.key] = row
            found.resolutions[row.key] = resolution(row, str(int(i > events / 2)))
    return found


def both(of: Ledger) -> tuple[list[SignalScore], list[SignalScore]]:
    live, replay = (scores(resolved_frame(of, standing)) for standing in ("live", "replay"))
    return live, replay


def shown(of: Ledger) -> tuple[dict[str, Any], Page]:
    live, replay = both(of)
    content = report_content("nifty50", of, live, replay)
    return json.loads(report_json(content)), Page(report_page(content, live, replay, "2026-06-30T18:00:00+05:30"))


def test_json_has_every_number_of_every_signal() -> None:
    of = ledger(40)
    content, _ = shown(of)
    (score,), _ = both(of)
    (told,) = content["live"]
    assert (content["market"], content["forecasts"], content["resolved"]) == ("nifty50", 80, 80)
    assert (told["n"], told["events"], told["enough"]) == (80, 40, True)
    assert told["brier"] == score.brier
    assert score.climatology is not None
    assert told["climatology"] == {
        "skill": score.climatology.skill,
        "low": score.climatology.low,
        "high": score.climatology.high,
    }
    assert len(told["reliability"]) == len(score.reliability) > 5
    assert [one["name"] for one in told["by_model_set"]] == ["0123456789ab"]
    assert content["replay"] == []


@pytest.mark.parametrize("events", [1, 29, 30])
def test_a_page_claims_nothing_below_thirty_events(events: int) -> None:
    _, page = shown(ledger(events))
    row = next(cells for cells in page.rows if cells and cells[0].startswith("seller."))
    assert row[:2] == ["seller.breach_probabilities touch", f"{events} ({2 * events})"]
    assert (row[2] == NOT_ENOUGH) is (events < 30)
    assert all(row[3:5]) is (events >= 30)
    assert any("Reliability" in text for text in page.text) is (events >= 30)


def test_the_table_says_share_score_and_skill_with_their_intervals() -> None:
    of = ledger(40, vix="0.5")
    (score,), _ = both(of)
    (row,) = table_rows([score])
    assert score.climatology is not None
    assert score.climatology.low is not None
    low, high = score.interval
    assert row[2] == f"{score.frequency:.1%} [{low:.1%}, {high:.1%}]"
    assert row[3] == f"{score.brier:.4f}"
    assert row[4].startswith(f"{score.climatology.skill:+.1%} [{score.climatology.low:+.1%}, ")
    assert row[5] != "not known"
    assert table_rows(both(ledger(40))[0])[0][5] == "not known"


def test_the_page_is_well_formed_and_holds_nothing_that_runs_or_comes_from_elsewhere() -> None:
    of = ledger(40)
    of.faults.append(Fault("nifty50/forecasts/2022/2022-06-15.csv", 4, "repeats a row"))
    _, page = shown(of)
    assert page.open == []
    assert page.seen[:2] == ["html", "head"]
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & set(page.seen)
    assert not [name for name, _ in page.attributes if name in {"src", "href", "style"} or name.startswith("on")]
    assert not [text for text in page.text if "url(" in text or "@import" in text]
    assert any("2022-06-15.csv, line 4: repeats a row" in text for text in page.text)


@pytest.mark.parametrize("where", ["signal", "basis", "model_set"])
def test_whatever_a_record_holds_is_text_on_the_page(where: str) -> None:
    of = ledger(40, **{where: NASTY})
    of.faults.append(Fault(NASTY, 1, NASTY))
    content, page = shown(of)
    assert not {"script", "img"} & set(page.seen)
    assert NASTY in "".join(page.text)
    assert NASTY in json.dumps(content, ensure_ascii=False).replace('\\"', '"')


def test_replays_stand_apart() -> None:
    content, page = shown(ledger(40, standing="replay"))
    assert content["live"] == []
    assert [one["n"] for one in content["replay"]] == [80]
    assert "No live forecast has been decided yet." in page.text
    assert "Replay" in page.text
    assert "Replay" not in shown(ledger(3))[1].text


def test_an_empty_record_has_a_report_too() -> None:
    content, page = shown(Ledger())
    assert (content["forecasts"], content["live"], content["replay"], content["faults"]) == (0, [], [], [])
    assert page.open == []
