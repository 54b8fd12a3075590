"""What the record says day by day: spots of sessions, changes since the close before, where documents are."""

from dataclasses import replace

from made_record import DAYS, NEAREST, NEXT, STYLE, example, inside, ledger, made
from recorded_value import assert_shown, figures_in

from aegismatrix_engine.dashboard.days import day_links, session_spots, since_previous_close
from aegismatrix_engine.dashboard.record_figures import RecordFigures
from aegismatrix_engine.record.kept_record import KeptRecord, kept_record
from aegismatrix_engine.record.rows import ForecastRow

CHANGE = "Since the close of 29 Dec 2022: index \N{MINUS SIGN}86 points (\N{MINUS SIGN}0.47 %), India VIX +0.05"
EXPIRY = "2023-01-05"
"""The nearest one of the example document, whose close before is that of ``DAYS[-2]``."""


def kept(*rows: ForecastRow) -> KeptRecord:
    return kept_record(ledger((row, None) for row in rows), "nifty50")


def at_close_before(lower: str, upper: str, until: str = EXPIRY) -> ForecastRow:
    row, _ = made(-2, 1, None, **{**NEAREST, "lower": lower, "upper": upper})
    return replace(row, until=until)


def since(record: KeptRecord) -> str | None:
    words = since_previous_close(example(), record, RecordFigures(STYLE, "2023"), "India VIX")
    if words is None:
        return None
    assert assert_shown(figures_in(words), ledger((row, None) for row in record.forecasts.values()), example()) > 2
    return "".join(word if isinstance(word, str) else word.text for word in words)


def test_since_the_close_before_the_range_of_the_same_expiry_is_wider_or_narrower_by_so_much() -> None:
    lead = f"{CHANGE}, 80 % range for 5 Jan "
    band = next(one for one in example().seller.expiries[0].ranges if one.coverage == 0.8)
    width = band.upper - band.lower
    assert since(kept(at_close_before("17000", f"{17000 + width / 1.12}"))) == f"{lead}wider by 12 %."
    assert since(kept(at_close_before("17000", f"{17000 + width * 1.25}"))) == f"{lead}narrower by 20 %."
    assert since(kept(at_close_before("17000", f"{17000 + width * 1.004}"))) == f"{lead}as wide as then."


def test_a_range_of_another_expiry_is_not_compared_and_without_that_close_nothing_is_said() -> None:
    assert since(kept(at_close_before("17000", "18000", DAYS[-2]))) == f"{CHANGE}."
    assert since(kept(made(-3, **NEXT)[0])) is None
    assert since(kept(replace(at_close_before("17000", "18000"), standing="replay"))) is None


def test_the_last_document_of_the_close_before_is_compared_not_that_of_its_session_or_the_night() -> None:
    close = at_close_before("17000", "18000")
    session = replace(close, as_of=f"{DAYS[-2]}T15:15:00+05:30", origin=DAYS[-3], upper="17100")
    night = replace(close, as_of=f"{DAYS[-1]}T01:30:00+05:30", upper="17200")
    assert since(kept(session, close, night)) == since(kept(close))


def test_a_session_has_the_spot_of_its_close_or_of_its_last_document_before_it() -> None:
    first = made(-4, 1, None, **NEXT)
    early = inside(first, "10:15", spot="18010")[0]
    late = inside(first, "15:15", spot="18020")[0]
    closed = replace(first[0], spot="18000")
    night = replace(made(-2, 1, None, **NEXT)[0], as_of=f"{DAYS[-1]}T01:30:00+05:30", spot="18111")
    today = replace(made(-1, 1, None, **NEXT)[0], spot="19000")
    spots = session_spots(kept(late, early, closed, night, today), example().as_of)
    assert spots == ((DAYS[-4], 18000.0), (DAYS[-3], 18020.0), (DAYS[-2], 18111.0))


def test_each_of_the_last_days_links_the_commits_of_its_documents_where_the_repository_is_known() -> None:
    record = kept(*(made(day, 1, None, **NEXT)[0] for day in range(-20, -1)))
    links = day_links(record, RecordFigures(STYLE, "2022"), "owner/name", "published", "aegismatrix.json")
    assert [link.day.text for link in links[:2]] == ["29 Dec", "28 Dec"]
    assert len(links) == 10
    assert links[0].address == (
        "https://github.com/owner/name/commits/published/aegismatrix.json?since=2022-12-29&until=2022-12-29"
    )
    unknown = day_links(record, RecordFigures(STYLE, "2022"), None, "published", "aegismatrix.json")
    assert [link.day for link in unknown] == [link.day for link in links]
    assert {link.address for link in unknown} == {""}
