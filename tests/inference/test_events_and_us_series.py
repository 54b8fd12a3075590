"""Scheduled events and the S&P 500 in a document: what is listed, and that nothing of them is known too early."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import synthetic
from moments import FRIDAY, MONDAY, WHOLE, at, cut, document

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.markets.scheduled_events import EventTable, ScheduledEvent
from aegismatrix_engine.training.train import train

TUESDAY = pd.Timestamp("2019-07-23")


@cache
def us_spot() -> pd.DataFrame:
    """Bars of the S&P 500 over the sessions of the US VIX, its volatility that of the index."""
    dates = pd.DatetimeIndex(synthetic.us_vix_frame().index)
    draws = np.random.default_rng(17)
    close = 2000 * np.exp(np.cumsum(0.01 * draws.standard_normal(len(dates))))
    open_ = close * np.exp(0.003 * draws.standard_normal(len(dates)))
    reach = 1 + np.abs(0.004 * draws.standard_normal(len(dates)))
    prices = {"open": open_, "high": np.maximum(open_, close) * reach, "low": np.minimum(open_, close) / reach}
    return pd.DataFrame({**prices, "close": close}, index=dates)


def with_us(frame: pd.DataFrame) -> MarketHistory:
    return replace(WHOLE, us_spot=frame)


@cache
def learnt_with_us() -> tuple[Models, Training]:
    return train(with_us(us_spot()).until(AsOf.of(at(FRIDAY, "15:31"))), synthetic.TRAINED_AT)


def text(bars: MarketHistory, day: pd.Timestamp, time: str, models: tuple[Models, Training] | None = None) -> str:
    """The document of a moment, as it is written."""
    known = bars.until(AsOf.of(at(day, time)))
    return json.dumps(synthetic.document(*(models or synthetic.trained_whole()), known))


def under(tables: tuple[EventTable, ...]) -> MarketHistory:
    return replace(WHOLE, market=replace(WHOLE.market, events=tables))


def changed(kind: str, **fields: Any) -> tuple[EventTable, ...]:
    return tuple(replace(table, **fields) if table.kind == kind else table for table in WHOLE.market.events)


def of_kind(kind: str) -> EventTable:
    return next(table for table in WHOLE.market.events if table.kind == kind)


def with_event(kind: str, day: str, announced: str) -> MarketHistory:
    event = ScheduledEvent(pd.Timestamp(day), pd.Timestamp(announced))
    return under(changed(kind, events=of_kind(kind).extended((event,), None).events))


def listed(found: dict[str, Any]) -> Any:
    return found["market"]["events"]


def test_the_events_of_the_next_20_sessions_are_listed() -> None:
    assert listed(document(FRIDAY, "15:31")) == [{"date": "2019-07-31", "kind": "fomc"}]
    assert listed(document(MONDAY, "12:05")) == [{"date": "2019-07-31", "kind": "fomc"}]


def test_an_event_announced_after_the_moment_changes_no_byte() -> None:
    told_on_monday = with_event("union_budget", "2019-07-25", f"{MONDAY:%Y-%m-%d}")
    for day, time in ((FRIDAY, "15:31"), (MONDAY, "08:40"), (MONDAY, "15:20")):
        assert text(told_on_monday, day, time) == text(WHOLE, day, time)
    after = json.loads(text(told_on_monday, TUESDAY, "15:31"))
    assert {"date": "2019-07-25", "kind": "union_budget"} in after["market"]["events"]
    assert after["forecast"]["horizons"][1] != json.loads(text(WHOLE, TUESDAY, "15:31"))["forecast"]["horizons"][1]


def test_what_is_learnt_of_events_knows_none_that_was_announced_later() -> None:
    known = at(FRIDAY, "15:31")
    told_on_monday = with_event("union_budget", f"{FRIDAY - pd.Timedelta(days=3):%Y-%m-%d}", f"{MONDAY:%Y-%m-%d}")
    models = [train(bars.until(AsOf.of(known)), synthetic.TRAINED_AT)[0] for bars in (told_on_monday, WHOLE)]
    assert synthetic.equal(*models)


def test_an_event_past_the_end_of_its_table_changes_no_byte() -> None:
    end = pd.Timestamp("2019-07-25")
    moved = [
        changed("fomc", valid_through=end, events=tuple(ScheduledEvent(pd.Timestamp(day), None) for day in days))
        for days in (["2019-06-19", "2019-07-26"], ["2019-06-19", "2019-07-29"], ["2019-06-19"])
    ]
    texts = {text(under(tables), FRIDAY, "15:31") for tables in moved}
    assert len(texts) == 1


def test_past_the_end_of_a_table_the_forecast_is_healthy_and_says_what_it_lacks() -> None:
    found = json.loads(text(under(changed("fomc", valid_through=FRIDAY)), FRIDAY, "15:31"))
    (note,) = [note for note in found["health"]["notes"] if "announced events end" in note]
    assert note.startswith("the announced events end 2019-07-19; forecasts to 5 sessions are made without them")
    assert "add the announced dates of fomc under events" in note
    assert found["forecast"]["basis"] == "model"
    assert found["health"]["status"] == document(FRIDAY, "15:31")["health"]["status"]
    assert not [note for note in document(FRIDAY, "15:31")["health"]["notes"] if "announced events" in note]


def test_the_us_session_of_the_date_and_later_ones_change_no_byte_of_a_close() -> None:
    later = us_spot().copy()
    later.loc[later.index >= FRIDAY] *= [1.0, 1.2, 0.7, 1.1]
    for bars in (with_us(later), with_us(us_spot().loc[: FRIDAY - pd.Timedelta(days=1)])):
        assert text(bars, FRIDAY, "15:31", learnt_with_us()) == text(
            with_us(us_spot()), FRIDAY, "15:31", learnt_with_us()
        )
        models = train(bars.until(AsOf.of(at(FRIDAY, "15:31"))), synthetic.TRAINED_AT)[0]
        assert synthetic.equal(models.distribution, learnt_with_us()[0].distribution)


def test_the_us_session_before_the_date_changes_the_forecast_of_a_close() -> None:
    wider = us_spot().copy()
    wider.loc[FRIDAY - pd.Timedelta(days=1)] *= [1.0, 1.05, 0.95, 1.0]
    changed_by = json.loads(text(with_us(wider), FRIDAY, "15:31", learnt_with_us()))["forecast"]["horizons"]
    before = json.loads(text(with_us(us_spot()), FRIDAY, "15:31", learnt_with_us()))["forecast"]["horizons"]
    differing = [new["sessions"] for new, old in zip(changed_by, before, strict=True) if new != old]
    assert differing == [1, 2, 3, 4, 5]


def test_a_set_that_learnt_of_the_us_series_forecasts_without_it_too() -> None:
    known = cut(FRIDAY, "15:31")
    found: Any = synthetic.document(*learnt_with_us(), known)
    assert found["forecast"]["basis"] == "model"
