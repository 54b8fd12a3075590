"""Bars and models behind a document, the clock it was made by, and how long it holds."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document.schema import provenance as schema
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.forecasting.origin import AfterNight, Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_spans import us_known_at
from aegismatrix_engine.history.inputs import COMPANION_SERIES, Input, Series
from aegismatrix_engine.intraday.open_session import bar_end, last_vix
from aegismatrix_engine.markets import (
    BAR,
    PUBLISHING_INTERVAL,
    PublishedClose,
    TradingClock,
    next_due,
    trading_clock,
    valid_until,
)

HOUR = pd.Timedelta(hours=1)
LATEST_BAR_AGE = BAR + PUBLISHING_INTERVAL
"""How old the newest bar may be inside a session before the document says that it is late."""


@dataclass(frozen=True)
class DocumentTimes:
    """The exchange's clock at the moment a document is made for, and the state of the newest close.

    Attributes:
        clock: of the moment at which the history was cut; of ``as_of`` where it was cut at a date, or where a session
            that it lacks has closed since: such a document is about the past.
        close: official, or provisional where the session is over and its official close is not in, or in_session.
        valid_until: until when the document holds.
        next_due: when the next one is due.
    """

    clock: TradingClock
    close: schema.CloseState
    valid_until: pd.Timestamp
    next_due: pd.Timestamp


def document_times(history: MarketHistory, as_of: pd.Timestamp) -> DocumentTimes:
    """Clock and times of a document from ``history`` whose forecast is made at ``as_of``."""
    cut = history.cut_at
    moment = max(cut.moment, as_of) if cut is not None and cut.is_instant else as_of
    clock = trading_clock(history.market, moment)
    if clock.last_closed > _newest_session(history, moment):
        moment, clock = as_of, trading_clock(history.market, as_of)
    close: schema.CloseState = "official"
    if history.open_session is not None:
        running = clock.state == "in_session" and clock.session == history.open_session
        close = "in_session" if running else "provisional"
    elif history.last_session in history.provisional_closes:
        close = "provisional"
    made = PublishedClose(as_of, close == "official", moment)
    until = valid_until(history.market, moment, as_of, official=made.official)
    return DocumentTimes(clock, close, until, next_due(history.market, made))


def _newest_session(history: MarketHistory, moment: pd.Timestamp) -> pd.Timestamp:
    """The last session of the history; one without an official close counts while its newest bar is recent enough."""
    day = history.open_session
    if day is None:
        return history.last_session
    closes = history.market.calendar.hours(day).continuous_close
    return day if bar_end(history) >= min(closes, moment - LATEST_BAR_AGE) else history.last_session


def provenance_block(
    origin: Origin,
    history: MarketHistory,
    manifest: Manifest,
    found: DocumentTimes,
    source: str,
    clock_source: schema.ClockSource,
    now: pd.Timestamp,
    engine_commit: str | None,
) -> schema.Provenance:
    """What the document was made of; for the arguments see ``infer``."""
    live = now < found.valid_until and clock_source == "machine"
    vix, calendar = history.vix, history.market.calendar_file
    return schema.Provenance(
        mode="live" if live else "replay",
        clock_source=clock_source,
        source=source,
        first_bar=f"{history.spot.index[0]:%Y-%m-%d}",
        last_bar=f"{history.last_session:%Y-%m-%d}",
        clock=found.clock.state,
        close=found.close,
        inputs=list(_inputs(origin, history, source)),
        us_night=_us_night(origin) if isinstance(origin, AfterNight) else None,
        rows=len(history.spot),
        vix_first_bar=None if vix is None else f"{vix.index[0]:%Y-%m-%d}",
        vix_last_bar=None if vix is None else f"{vix.index[-1]:%Y-%m-%d}",
        vix_age_sessions=history.vix_lag,
        model_set=manifest.set_version,
        trained_at=timestamp(pd.Timestamp(manifest.training.trained_at)),
        training_end=manifest.training.last,
        in_sample=f"{history.last_session:%Y-%m-%d}" < manifest.training.last,
        engine_version=__version__,
        engine_commit=engine_commit,
        trained_by=manifest.engine_version,
        calendar=schema.CalendarFile.model_validate(calendar, from_attributes=True) if calendar else None,
    )


def _us_night(origin: AfterNight) -> schema.UsNight:
    used = [schema.UsNightSeries(series=series, last=f"{last:%Y-%m-%d}") for series, last in origin.night_used]
    change = float(origin.night.us_vix_change[0]) if "us_vix_daily" in dict(origin.night_used) else None
    return schema.UsNight(change_pct=change, last_bar=f"{origin.night_date:%Y-%m-%d}", used=used)


def _inputs(origin: Origin, history: MarketHistory, source: str) -> Iterator[schema.InputSeries]:
    known = {entry.series: entry for entry in history.inputs}
    for series, last in _last_bars(history):
        entry = known.get(series, Input(series, None, source))
        fetched = None if entry.fetched_at is None else entry.fetched_at.tz_convert(history.market.zone)
        yield schema.InputSeries(
            series=series,
            symbol=entry.symbol,
            served_by=entry.served_by,
            fetched_at=None if fetched is None else timestamp(fetched),
            last=timestamp(last.tz_convert(history.market.zone)),
            age_hours=max((origin.as_of - last) / HOUR, 0.0),
        )


def _last_bars(history: MarketHistory) -> Iterator[tuple[Series, pd.Timestamp]]:
    """When the last bar of every series that is there was complete."""
    calendar = history.market.calendar
    yield "spot_daily", calendar.closes_at(history.last_session)
    if history.vix is not None:
        yield "vix_daily", calendar.closes_at(pd.Timestamp(history.vix.index[-1]))
    if history.companion is not None and history.market.companion is not None:
        yield COMPANION_SERIES, history.market.companion.market.calendar.ends_at(history.companion.index[-1])
    if history.bars is not None:
        yield "spot_intraday", bar_end(history)
        newest = last_vix(history)
        if newest is not None:
            yield "vix_intraday", newest[1]
    us: tuple[tuple[Series, pd.DataFrame | None], ...] = (
        ("us_vix_daily", history.us_vix),
        ("us_spot_daily", history.us_spot),
        ("inda_daily", history.inda),
    )
    for series, frame in us:
        if frame is not None:
            yield series, us_known_at(pd.Timestamp(frame.index[-1]))
