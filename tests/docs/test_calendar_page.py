"""The operator's file on the page about data is one that the engine takes, and the page's rules are the code's."""

import re
from pathlib import Path

from pandas import Timestamp

from aegismatrix_engine.markets import get_market, known_markets
from aegismatrix_engine.markets.calendar_end import calendar_remedy, events_end, events_remedy
from aegismatrix_engine.markets.calendar_rules import FEWEST_CLOSURES
from aegismatrix_engine.markets.merged_sessions import merged_market
from aegismatrix_engine.markets.operator_calendar import read_operator_calendar

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def test_the_whole_file_of_the_page_is_taken_and_does_what_its_comments_say() -> None:
    text, _ = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    operator = read_operator_calendar(text.encode(), "calendar.toml", "calendar.toml", "nifty50", known_markets())
    assert operator is not None
    calendar = merged_market(get_market("nifty50"), operator).calendar
    assert calendar.valid_through == Timestamp("2027-12-31")
    assert not calendar.is_session(Timestamp("2026-12-10"))
    assert list(calendar.regular(Timestamp("2026-12-25"), Timestamp("2026-12-25"))) == [Timestamp("2026-12-25")]
    specials = calendar.special(Timestamp("2027-01-01"), Timestamp("2027-12-31"))
    assert list(specials) == [Timestamp("2027-01-30"), Timestamp("2027-10-29")]
    assert calendar.opens_at(Timestamp("2027-03-31")).strftime("%H:%M") == "09:15"
    assert calendar.opens_at(Timestamp("2027-04-01")).strftime("%H:%M") == "09:00"


def test_the_events_of_the_page_are_taken_and_reach_to_their_new_end() -> None:
    _, text = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    operator = read_operator_calendar(text.encode(), "calendar.toml", "calendar.toml", "nifty50", known_markets())
    assert operator is not None
    market = merged_market(get_market("nifty50"), operator)
    budget = next(table for table in market.events if table.kind == "union_budget")
    assert budget.events[-1].date == Timestamp("2027-02-01")
    end, _ = events_end(market)  # type: ignore[misc]
    assert end == Timestamp("2027-12-31")


def test_the_page_says_up_to_when_each_table_is_complete() -> None:
    for market in map(get_market, known_markets()):
        for table in market.events:
            row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{table.kind}` |"))
            assert row.endswith(f"| {table.valid_through:%Y-%m-%d} |")
            assert f"| {table.dates[0].year} |" in row


def test_the_page_gives_the_least_number_of_closures() -> None:
    assert f"at least {FEWEST_CLOSURES} closures on weekdays" in PAGE


def test_the_remedy_leads_to_a_heading_of_the_page() -> None:
    market = get_market("nifty50")
    remedies = calendar_remedy(market), events_remedy(market, list(market.events))
    anchors = re.findall(r"docs/data\.md#([a-z-]+)", " ".join(remedies))
    headings = [line.removeprefix("## ") for line in PAGE.splitlines() if line.startswith("## ")]
    assert len(anchors) == 2
    assert set(anchors) <= {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
