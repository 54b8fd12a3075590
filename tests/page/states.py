"""A document, a record and a reader's clock for every state that the page has a line of text about.

All are made by the functions that make the published ones, of the synthetic market; a set is trained once a process.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pandas as pd
import synthetic
from option_chains import Chain, bhavcopy, quoted_chain

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.provenance import ClockSource
from aegismatrix_engine.document.withdrawal import withdrawn
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident, with_frozen_signals
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.jobs.option_chain import priced_from
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.record.live import LiveRecord
from aegismatrix_engine.scores import MeasuredRate, wilson_interval
from aegismatrix_engine.state.last_values import FROZEN_AFTER, LastValue, updated
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER
from aegismatrix_engine.training.train import train

MADE_AFTER = pd.Timedelta(minutes=4)
READ_AFTER = pd.Timedelta(minutes=12)
"""After the moment of the forecast, unless a state says otherwise."""

REASON = "the bars of 24 July were another index"
UNHEALTHY = {
    "trap": "corrupt: sha256 of trap.json is another than the manifest's",
    "breakout": "drifted: 2 of 9 probes",
}
HELD = MeasuredRate(390, 47, 0.8179, *wilson_interval(0.8179, 47), 0.8, "2015-06-01", "2019-05-31")
MINUTE = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class PageState:
    """What a page is built from, and when it is read.

    Attributes:
        document: bytes of the document's file.
        record: which record lies beside it, a name of ``records.RECORDS``.
        now: the moment at which it is read.
    """

    document: bytes
    record: str
    now: datetime


@cache
def market(name: str) -> MarketHistory:
    """The synthetic market: itself, on the sessions of New York, or on those before the announced calendar ends."""
    if name == "nifty50":
        return synthetic.whole_history()
    if name == "sp500":
        return _redated(get_market("sp500"), "2015-01-01", bars=True)
    return _redated(synthetic.MARKET, "2022-04-25", bars=False)


def _redated(on: Market, first: str, *, bars: bool) -> MarketHistory:
    """The same prices on the regular sessions of another market or of other years."""
    daily, intraday = synthetic.daily_frame(), synthetic.intraday_frame()
    days = on.calendar.following(pd.Timestamp(first), len(daily)).as_unit("ns")
    moved = daily.set_axis(days.rename("date"))
    made = MarketHistory(on, moved[["open", "high", "low", "close"]], moved[["vix"]].set_axis(["close"], axis=1))
    if not bars:
        return made
    opens = pd.Series(on.calendar.opens_at(day).tz_localize(None) for day in days[-synthetic.INTRADAY_SESSIONS :])
    starts = [start + k * 15 * MINUTE for start in opens for k in range(synthetic.BARS + 1)]
    # Where a session is a bar longer, its last one is there twice.
    rows = [day * synthetic.BARS + min(k, synthetic.BARS - 1) for day in opens.index for k in range(synthetic.BARS + 1)]
    index = pd.DatetimeIndex(starts, name="timestamp").as_unit("ns")
    return replace(made, bars=intraday.iloc[rows].set_axis(index))


@cache
def trained(name: str, through: str) -> tuple[Models, Manifest]:
    """A set that has seen a market up to a session; what only a longer history proves counts as proven."""
    at = pd.Timestamp(f"{through}T22:00Z")
    models, training = train(market(name).until(AsOf.of(pd.Timestamp(through))), at)
    breach = replace(models.breach, record=HELD, nearest_record=replace(HELD, events=190))
    manifest = synthetic.manifest(synthetic.with_heads(training, True))
    return replace(models, breach=breach), replace(manifest, set_version=f"3f2c9a1b{through[5:7]}{through[8:]}")


def known(name: str, moment: str) -> MarketHistory:
    """What was known of a market at a date's close, or at 'YYYY-MM-DD HH:MM' of its clocks."""
    history, at = market(name), pd.Timestamp(moment)
    return history.until(AsOf.of(at if len(moment) == 10 else at.tz_localize(history.market.zone)))


def made(
    history: MarketHistory,
    through: str = "2019-07-12",
    incident: Incident = Incident(),  # noqa: B008 - frozen
    record: LiveRecord = LiveRecord(),  # noqa: B008 - frozen
    name: str = "nifty50",
    at: pd.Timestamp | None = None,
    clock_source: ClockSource = "machine",
    chain: Path | None = None,
) -> Document:
    """The document of all that a history holds, made four minutes after its moment unless another is given."""
    models, manifest = trained(name, through)
    now = at or find_origin(history, models).as_of + MADE_AFTER
    priced = None if chain is None else priced_from(str(chain), history, None, now)
    return infer(
        history, models, manifest, "synthetic", now, incident, record, clock_source=clock_source, priced=priced
    ).document


def priced(moment: str, name: str, content: Chain) -> Document:
    """The document of a moment, with a chain of it that a file of a name holds."""
    plain = made(known("nifty50", moment))
    dates = [expiry.expiry for expiry in plain.seller.expiries]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content(synthetic.MARKET, dates, pd.Timestamp(plain.as_of), plain.market.spot))
        return made(known("nifty50", moment), chain=path)


def dumped(document: Document) -> bytes:
    """A document's file."""
    return dump(document).encode()


def read(document: Document, record: str = "young", now: pd.Timestamp | None = None) -> PageState:
    """The state of a document that is read at a moment, twelve minutes after its own unless another is given."""
    at = pd.Timestamp(document.as_of) + READ_AFTER if now is None else now
    return PageState(dumped(document), record, at.to_pydatetime())


IN_SESSION, CLOSE = "2019-07-24 11:00", "2019-07-19"


def ist(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).tz_localize(synthetic.MARKET.zone)


@cache
def in_session() -> Document:
    return made(known("nifty50", IN_SESSION))


@cache
def at_close() -> Document:
    return made(known("nifty50", CLOSE))


def before_the_open() -> PageState:
    """A Monday morning, with the night of New York known."""
    return read(made(known("nifty50", "2019-07-22 08:40"), at=ist("2019-07-22 07:44")), now=ist("2019-07-22 08:40"))


def on_holiday() -> PageState:
    """The Monday of Bakri Id."""
    return read(made(known("nifty50", "2019-08-12 08:10"), at=ist("2019-08-12 08:14")), now=ist("2019-08-12 11:00"))


def without_bars() -> PageState:
    """The session runs, and the source has none of its bars."""
    history = known("nifty50", "2019-07-22 10:05")
    assert history.bars is not None
    history = replace(history, bars=history.bars.loc[history.bars.index < pd.Timestamp("2019-07-22")])
    return read(made(history, at=ist("2019-07-22 10:05")), now=ist("2019-07-22 10:10"))


def frozen() -> PageState:
    """One number has stood still for eight of its periods, as ``recent.json`` has counted."""
    document = in_session()
    values = updated(None, document)
    path = "seller.expiry_stress.score"
    stood = {**values.numbers, path: LastValue(values.numbers[path].value, FROZEN_AFTER)}
    return read(with_frozen_signals(document, replace(values, numbers=stood)))


def degraded() -> PageState:
    """Two models cannot be used, so that the historical average is shown instead."""
    return read(made(known("nifty50", IN_SESSION), incident=Incident(unhealthy=UNHEALTHY)))


def without_index() -> PageState:
    """No volatility index: the engine's own volatility forecast has its place."""
    history = known("nifty50", IN_SESSION)
    assert history.bars is not None
    return read(made(replace(history, vix=None, bars=history.bars.assign(vix=float("nan")))))


def rolled_back() -> PageState:
    note = (
        "the models are those of set 3f2c9a1b0712, rolled back to 1a2b3c4d5e6f of 2019-07-12; "
        "lift it with `aegis rollback --lift`"
    )
    return read(made(known("nifty50", IN_SESSION), incident=Incident(notes=(note,))))


def replayed() -> PageState:
    """Made years later, by a clock that was set."""
    return read(made(known("nifty50", IN_SESSION), at=synthetic.TRAINED_AT, clock_source="set"))


def taken_back() -> PageState:
    at = pd.Timestamp(in_session().as_of) + READ_AFTER
    return read(withdrawn(in_session(), REASON, at.to_pydatetime()), now=at + MINUTE)


def newer_major() -> PageState:
    content = json.loads(dump(in_session())) | {"schema_version": "3.0.0"}
    return replace(read(in_session()), document=json.dumps(content).encode())


def unreadable() -> PageState:
    return replace(read(in_session()), document=dumped(in_session())[:5000])


def late() -> PageState:
    return read(in_session(), now=pd.Timestamp(in_session().next_due) + MINUTE)


def old() -> PageState:
    return read(in_session(), now=pd.Timestamp(in_session().valid_until) + OUT_OF_DATE_AFTER + MINUTE)


def provisional() -> PageState:
    """The last session but a few of the announced calendar: expiries after it are provisional."""
    return read(made(known("calendar's end", "2026-12-18"), "2026-12-04", name="calendar's end"), "none")


def of_sp500() -> PageState:
    return read(made(known("sp500", "2019-07-24 11:30"), name="sp500"), "none")


def with_chain() -> PageState:
    """In session, with a chain two minutes older than the newest bar."""
    return read(
        priced(IN_SESSION, "chain.json", lambda on, dates, at, spot: quoted_chain(on, dates, at - 2 * MINUTE, spot)),
        "old",
    )


def with_bhavcopy() -> PageState:
    """After the close, with the exchange's file of the day."""
    return read(priced(CLOSE, "fo19JUL2019bhav.csv", bhavcopy), "old", ist("2019-07-20 12:00"))


def chain_refused() -> PageState:
    """In session, with a chain of the hour before, which is not used."""
    return read(
        priced(IN_SESSION, "chain.json", lambda on, dates, at, spot: quoted_chain(on, dates, at - 60 * MINUTE, spot))
    )


STATES: dict[str, Callable[[], PageState]] = {
    "closed": lambda: read(at_close(), "old", ist("2019-07-20 12:00")),
    "before the open": before_the_open,
    "in session": lambda: read(in_session(), "old"),
    "session without bars": without_bars,
    "holiday": on_holiday,
    "provisional dates": provisional,
    "degraded": degraded,
    "without volatility index": without_index,
    "frozen number": frozen,
    "replay": replayed,
    "no record": lambda: read(in_session(), "none"),
    "record at fault": lambda: read(in_session(), "at fault"),
    "sp500": of_sp500,
    "option chain": with_chain,
    "bhavcopy": with_bhavcopy,
    "option chain refused": chain_refused,
    "late": late,
    "old": old,
    "withdrawn": taken_back,
    "rolled back": rolled_back,
    "unreadable": unreadable,
    "newer major version": newer_major,
}
"""State -> what its page is built from, and when it is read."""


@cache
def state(name: str) -> PageState:
    """The state of a name, made once a process."""
    return STATES[name]()
