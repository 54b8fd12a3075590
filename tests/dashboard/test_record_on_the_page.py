"""The record as the site has it: the tab's text, the files beside it, and the same bytes of the same record."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import synthetic
from made_record import BREAKOUT, DAYS, EXAMPLE, NEAREST, NEXT, inside, ledger, lines_of, made, many, written
from recording import said

from aegismatrix_engine.dashboard.record_csv import SCORE_COLUMNS, decided_csv, scores_csv
from aegismatrix_engine.dashboard.signal_names import FAMILIES, family_of, signal_name
from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site
from aegismatrix_engine.record.failures import FAILURES
from aegismatrix_engine.record.kept_record import DECIDED_SESSIONS, kept_record
from aegismatrix_engine.record.scoring import resolved_frame, scores

pytest.importorskip("lets_plot")

ROWS = [*many(90, 60, **NEAREST), *many(90, 72, **NEXT), *many(29, 8, **BREAKOUT), made(-1, 3, None, **NEXT)]


class Text(HTMLParser):
    """The text of a page outside of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, _: object) -> None:
        self.silent = tag in ("script", "style")

    def handle_endtag(self, _: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def site(record: Path, earlier: Path | None = None) -> dict[str, bytes]:
    return build_site(SiteSettings(EXAMPLE, record, "https://owner.example/name/", None, "published", earlier)).files


def text(files: dict[str, bytes]) -> str:
    """The text of the record's tab."""
    parser = Text()
    parser.feed(files["index.html"].decode().partition('<section id="record"')[2].partition("</main>")[0])
    return " ".join(" ".join(parser.parts).split())


def test_the_tab_says_what_failed_on_top_of_what_held(tmp_path: Path) -> None:
    shown = text(site(written(tmp_path / "record", ROWS)))
    failed = shown.index(f"This counts as failure: {FAILURES['coverage'].replace('`', '')}")
    assert failed < shown.index("Close at the nearest expiry")
    assert "So it is with 1 of 2 signals: 80 % range, nearest expiry." in shown
    assert "29 of 30: not enough yet" in shown
    assert re.search(r"None|nan|undefined|Infinity|NaN", shown) is None


@pytest.mark.parametrize(
    ("rows", "said_so"),
    [
        ([], "No record is kept here"),
        ([made(-1, 1, None, **NEXT)], "A young record: 1 live forecasts, none decided yet. The first are decided at"),
        (ROWS, "209 of 210 live forecasts are decided"),
    ],
)
def test_each_state_of_the_record_is_said(tmp_path: Path, rows: list[object], said_so: str) -> None:
    record = written(tmp_path / "record", rows)  # type: ignore[arg-type]
    assert said_so in text(site(record))


def test_a_line_at_fault_is_text_whatever_it_holds(tmp_path: Path) -> None:
    record = written(tmp_path / "record", ROWS)
    first = min((record / "nifty50" / "forecasts").rglob("*.csv"))
    hostile = "<img src=x onerror=alert(1)></script>\u202e\"'"
    first.write_text(f"{hostile},2\n{first.read_text(encoding='utf-8')}", encoding="utf-8")
    named = first.rename(first.with_name("<script>alert(1)<.csv"))
    files = site(record)
    page = files["index.html"].decode()
    assert "The record is at fault" in text(files)
    assert named.name in text(files)
    assert "<script>alert" not in page
    assert "<img" not in page


def test_the_same_record_gives_the_same_bytes_with_the_scores_of_an_earlier_site_or_without(tmp_path: Path) -> None:
    record = written(tmp_path / "record", ROWS)
    first = site(record)
    earlier = tmp_path / "scores.json"
    earlier.write_bytes(first["record/scores.json"])
    assert site(record) == site(record, earlier) == first
    earlier.write_bytes(b"spoilt")
    assert site(record, earlier) == first


def test_the_decided_forecasts_are_the_rows_of_the_record_with_their_outcome() -> None:
    row, came = made(-3, **NEAREST)
    last = inside((row, came), "15:00", lower="17800")
    replay = inside((row, came), "15:15", standing="replay")
    found = ledger([(row, came), last, replay, made(-1, 3, None, **NEXT), *many(60, 30, **NEXT)])
    lines = lines_of(decided_csv(kept_record(found, "nifty50")))
    assert [line["until"] for line in lines] == sorted(line["until"] for line in lines)
    assert {line["until"] for line in lines} == set(DAYS[-DECIDED_SESSIONS - 1 : -1])
    (listed,) = (line for line in lines if line["signal"] == NEAREST["signal"])
    assert listed["key"] == last[0].key
    for line in lines:
        forecast, resolution = found.forecasts[line["key"]], found.resolutions[line["key"]]
        for name, cell in line.items():
            assert cell == str(
                getattr(resolution if name in vars(resolution) and name not in vars(forecast) else forecast, name)
            )


def test_the_scores_are_those_of_the_record_and_empty_below_thirty_events() -> None:
    found = ledger(ROWS)
    lines = {line["signal"]: line for line in lines_of(scores_csv(kept_record(found, "nifty50")))}
    assert set(lines) == {NEAREST["signal"], NEXT["signal"], BREAKOUT["signal"]}
    for score in scores(resolved_frame(found, "live")):
        line = lines[score.signal]
        assert (line["events"], line["forecasts"]) == (str(score.events), str(score.n))
        measured = [line[name] for name in SCORE_COLUMNS[6:]]
        if not score.enough:
            assert set(measured) == {""}
            continue
        assert float(line["came_true"]) == pytest.approx(score.frequency, rel=1e-5)
        assert float(line["came_true_high"]) == pytest.approx(score.interval[1], rel=1e-5)
        assert score.climatology is not None
        assert float(line["against_climatology"]) == pytest.approx(score.climatology.skill, rel=1e-5)


def test_every_signal_that_a_document_records_has_words_and_a_family() -> None:
    models, training = synthetic.trained_whole()
    _, rows = said(synthetic.whole_history(), models, synthetic.manifest(training))
    names = {(re.sub(r"(breach_probabilities|breach_curve)\.\d+$", r"\1", row.signal), row.event) for row in rows}
    names |= {("forecast.session.80", "range"), ("forecast.session.90", "range")}
    assert len(names) > 30
    assert [name for name in names if family_of(*name) is None] == []
    assert [name for name in names if name[0] in signal_name(*name)] == []
    heads = {head for family in FAMILIES for head in family.heads}
    assert heads - {f"{signal}/{event}" for signal, event in names} <= {"seller.expiries.nearest.80/range"}


def test_a_signal_of_a_later_engine_is_called_by_its_path() -> None:
    assert signal_name("seller.straddle_hedge", "touch") == "seller.straddle_hedge, touch"
