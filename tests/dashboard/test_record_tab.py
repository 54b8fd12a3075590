"""The tab of the record: what it claims, from when on, and of which rows."""

import random
from dataclasses import replace

import pytest
from made_record import BREAKOUT, NEAREST, NEXT, STYLE, example, inside, ledger, made, many
from recorded_value import assert_shown, figures_in

from aegismatrix_engine.dashboard.decided import last_decided
from aegismatrix_engine.dashboard.record_families import Head
from aegismatrix_engine.dashboard.record_figures import RecordFigures
from aegismatrix_engine.dashboard.record_tab import RecordView, record_view
from aegismatrix_engine.record.kept_record import kept_record
from aegismatrix_engine.record.ledger import Fault, Ledger


def view(found: Ledger | None, **options: str) -> RecordView:
    kept = None if found is None else kept_record(found, "nifty50")
    return record_view(example(), kept, STYLE, **options)


def head(shown: RecordView, family: str) -> Head:
    return next(one for one in shown.families if one.id == family).heads[-1]


def plain(words: object) -> str:
    assert isinstance(words, tuple)
    return "".join(word if isinstance(word, str) else word.text for word in words)


def test_below_thirty_events_the_past_stands_in_for_what_is_live_and_from_then_on_it_is_gone() -> None:
    before, after = (head(view(ledger(many(events, 20, **NEAREST))), "nearest") for events in (29, 30))
    assert (before.events.text, before.enough, before.came_true) == ("29", False, None)
    assert before.progress == pytest.approx(29 / 30)
    assert before.walk is not None
    assert before.walk.share is not None
    assert before.walk.share.value.path == "track_record.nearest_range.rate"
    assert (after.events.text, after.enough, after.walk) == ("30", True, None)
    assert after.came_true is not None
    assert after.came_true.value.text == "66.7 %"
    assert after.came_true.reference is not None
    assert after.came_true.reference.text == "80 %"


def test_thirteen_forecasts_a_session_are_one_event_of_the_bar() -> None:
    rows = [
        inside(made(-10 + i, **NEAREST), f"{9 + k // 2:02d}:{15 + 30 * (k % 2)}") for i in range(5) for k in range(9)
    ]
    assert head(view(ledger(rows)), "nearest").events.text == "5"


def test_replays_count_nowhere_but_in_their_own_number() -> None:
    replays = [(replace(row, standing="replay"), came) for row, came in many(40, 40, **NEAREST)]
    replays = [(row, came and replace(came, forecast=row.key)) for row, came in replays]
    shown = view(ledger(replays))
    assert shown.state == "young"
    assert shown.replays is not None
    assert (shown.replays.text, shown.decided.text, shown.decisions) == ("40", "0", ())
    assert head(shown, "nearest").events.text == "0"


def test_every_number_of_the_tab_is_the_ledgers_or_the_documents_at_its_rounding() -> None:
    draws = random.Random(5)
    rows = list(many(300, 240, **NEAREST))
    for event in (
        NEXT,
        BREAKOUT,
        {"signal": "seller.expiry_stress", "event": "touch", "threshold": "220"},
        {"signal": "seller.trap.5", "event": "trap", "threshold": "0.0098"},
        {"signal": "buyer.theta_edge", "event": "straddle", "threshold": "0.0078"},
        {"signal": "direction.today", "event": "up", "threshold": "0.002"},
        {"signal": "seller.expiries.nearest.breach_curve.3", "event": "touch", "threshold": "300"},
    ):
        for i in range(60):
            said = event.get("probability", f"{draws.random():.4f}")
            sizes = {"range": draws.uniform(17800, 18200), "touch": draws.uniform(0, 500)}
            seen = f"{sizes.get(event['event'], draws.gauss(0, 0.02)):.6g}"
            outcome = "1" if draws.random() < 0.5 else "0"
            made_by = {"model_set": f"{i // 25:012x}", "basis": "prior" if i % 9 == 0 else "model"}
            rows.append(made(-62 + i, 1, outcome, seen, **{**event, "probability": said, **made_by}))
    rows.append(made(-1, 2, None, **NEAREST))
    found = ledger(rows)
    found.faults.append(Fault("nifty50/forecasts/2022/2022-06-15.csv", 3, "has 2 cells, expected 22"))
    shown = view(found, repository="owner/name")
    assert assert_shown(figures_in(shown), found, example()) > 300
    assert {family.id for family in shown.families} >= {"nearest", "session", "breakout", "trap", "straddle", "touch"}
    assert [line.part for line in shown.by_year] == ["2022", "2021"]
    assert {line.part for line in shown.by_basis} == {"model", "prior"}
    assert [line.part[-1] for line in shown.by_model_set[:3]] == ["2", "1", "0"]


def test_without_a_record_the_walk_through_the_past_is_all_there_is() -> None:
    shown = view(None)
    assert (shown.state, shown.forecasts.text, shown.decisions, shown.days, shown.rows) == ("none", "0", (), (), "")
    assert shown.families
    assert all(not one.enough for family in shown.families for one in family.heads)
    assert head(shown, "monthly").walk is not None
    assert assert_shown(figures_in(shown), Ledger(), example()) > 20


def test_a_young_record_names_the_first_date_that_decides_something() -> None:
    shown = view(ledger([made(-1, 4, None, **NEAREST), made(-1, 1, None, **NEXT)]))
    assert shown.state == "young"
    assert shown.first_decision is not None
    assert shown.first_decision.text == "2 Jan 2023"


def test_lines_at_fault_are_counted_and_the_first_is_named() -> None:
    found = ledger(many(3, 3, **NEAREST))
    found.faults += [Fault("nifty50/forecasts/2022/2022-06-15.csv", line, "was cut short") for line in (3, 9)]
    shown = view(found)
    assert shown.faults is not None
    assert shown.faults.text == "2"
    assert shown.first_fault == "nifty50/forecasts/2022/2022-06-15.csv, line 3: was cut short; the line is left out"


def test_a_failure_is_said_in_the_words_of_the_page_of_the_record_with_the_signals_that_show_it() -> None:
    shown = view(ledger([*many(60, 30, **NEAREST), *many(60, 48, **NEXT)]))
    coverage = shown.failures[0]
    assert "does not contain its nominal coverage" in coverage.words
    assert "`" not in coverage.words
    assert coverage.signals == ("80 % range, nearest expiry",)
    assert (coverage.count.text, coverage.held.text) == ("1", "2")


def test_of_many_signals_that_fail_the_first_are_named() -> None:
    rows = [row for i in range(9) for row in many(40, 10, **{**NEXT, "signal": f"forecast.{i + 2}.80"})]
    (coverage,) = (failure for failure in view(ledger(rows)).failures if "nominal coverage" in failure.words)
    assert (coverage.count.text, len(coverage.signals), coverage.all_named) == ("9", 4, False)


def test_of_each_event_the_last_live_forecast_before_it_is_listed() -> None:
    row, came = made(-3, **NEAREST)
    late = [inside((row, came), clock, lower=str(lower)) for clock, lower in (("10:15", 17950), ("14:45", 17990))]
    unpublished, known = inside((row, came), "15:15", standing="replay")
    shown = last_decided(
        kept_record(ledger([(row, came), *late, (unpublished, known)]), "nifty50"), RecordFigures(STYLE, "2022")
    )
    (decision,) = shown
    assert decision.key == late[1][0].key
    assert plain(decision.said) == "80 %: 17,990 to 18,100 on 29 Dec"
    assert plain(decision.came) == "closed inside at 18,000.00"
    assert decision.at.text == "29 Dec 14:45"


def test_misses_are_listed_first_then_the_newest_and_no_more_than_twenty() -> None:
    rows = [made(-40 + i, outcome="0" if i in (22, 30) else "1", observed="18200", **NEXT) for i in range(38)]
    shown = last_decided(kept_record(ledger(rows), "nifty50"), RecordFigures(STYLE, "2022"))
    assert [decision.missed for decision in shown] == [True, True] + [False] * 18
    days = [next(word.text for word in reversed(decision.said) if not isinstance(word, str)) for decision in shown]
    assert days[:3] == ["20 Dec", "8 Dec", "29 Dec"]
    assert plain(shown[0].came) == "closed outside at 18,200.00"


def test_what_was_held_less_likely_and_came_is_a_miss() -> None:
    forecasts = [("0.2", "1"), ("0.2", "0"), ("0.6", "0"), ("0.6", "1")]
    rows = [
        made(-9 + i, 1, outcome, "0.02", **{**BREAKOUT, "probability": said})
        for i, (said, outcome) in enumerate(forecasts)
    ]
    decided = last_decided(kept_record(ledger(rows), "nifty50"), RecordFigures(STYLE, "2022"))
    shown = {decision.key: decision.missed for decision in decided}
    assert [shown[row.key] for row, _ in rows] == [True, False, True, False]


def test_a_limit_near_the_close_keeps_its_decimals() -> None:
    rows = [made(-3, 1, "0", "18100.6", **{**NEXT, "upper": "18100.4"})]
    (decision,) = last_decided(kept_record(ledger(rows), "nifty50"), RecordFigures(STYLE, "2022"))
    assert plain(decision.said) == "80 %: 17,900 to 18,100.40 on 29 Dec"


def test_every_row_is_linked_where_the_repository_is_known() -> None:
    found = ledger(many(3, 3, **NEAREST))
    assert view(found, repository="owner/name").rows == "https://github.com/owner/name/tree/published/record/nifty50"
    assert view(found).rows == ""
