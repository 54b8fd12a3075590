"""Which snapshot of an option chain counts for a document: by its moment, and by the index level that it states.

The rule that no bar is later than ``as_of`` does not hold for chains: one may be a few minutes newer, because it is
served at once and a bar only when it is complete.
"""

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import BAR, Market, trading_clock
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.index_level import priced_index
from aegismatrix_engine.typing import FloatArray

NEWER: Final = pd.Timedelta(minutes=15)
"""How much newer than ``as_of`` a chain may be."""

NEWER_THAN_OPEN: Final = pd.Timedelta(minutes=30)
"""How much later than the open it may be while a document uses no bar of the session yet."""

OLDER: Final = pd.Timedelta(minutes=20)
"""How much older than ``as_of`` it may be while a session runs."""

FROM_A_BAR, FROM_LAST_CLOSE = 0.01, 0.08
"""How far, as a fraction, its index level may be from a bar's close near its moment, or else from the last close."""

BAR_NEAR: Final = pd.Timedelta(minutes=15)


@dataclass(frozen=True, eq=False)
class DocumentMoment:
    """The moment that a document is made for, and the index near it.

    Attributes:
        as_of: up to when bars are known, aware: the end of the newest one, or an official close.
        latest: no chain may be later; now, or in a replay the moment asked for.
        last_close: the last official close known, index points.
        bar_ends: aware ends of the intraday bars known, (n,); may be empty.
        bar_closes: their closes in index points, (n,).
    """

    as_of: pd.Timestamp
    latest: pd.Timestamp
    last_close: float
    bar_ends: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([], tz="UTC"))
    bar_closes: FloatArray = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, history: MarketHistory, as_of: pd.Timestamp, latest: pd.Timestamp) -> Self:
        """The moment of a document made of a history that is cut at it."""
        if history.bars is None:
            return cls(as_of, latest, history.close)
        ends = pd.DatetimeIndex(history.bars.index).tz_localize(history.market.zone) + BAR
        return cls(as_of, latest, history.close, ends, history.bars["close"].to_numpy(dtype=np.float64))


@dataclass(frozen=True)
class Admitted:
    """The moments that a chain may have for one document.

    Attributes:
        first, last: aware; both included.
        words: the same in plain words, for messages.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    words: str


def admitted(moment: DocumentMoment, market: Market) -> Admitted:
    """Between which moments a chain must lie to count for a document.

    In a session at most 20 minutes before ``as_of`` and 15 after it; before its first bar is complete, at most 30
    after the open. Outside of one it must be the closing one of the last session, whose stamp stands all evening. Never
    later than ``latest``.
    """
    now, known = trading_clock(market, moment.latest), trading_clock(market, moment.as_of)
    if known.state == "in_session":
        first, last = known.moment - OLDER, known.moment + NEWER
        words = f"at most 20 minutes before or 15 minutes after the newest bar, which ends at {_written(known.moment)}"
    elif now.state == "in_session" and now.hours is not None and known.moment < now.hours.opens:
        first, last = now.hours.opens, now.hours.opens + NEWER_THAN_OPEN
        words = f"at most 30 minutes after the open, because no bar since {_written(first)} is complete"
    else:
        first = market.calendar.closes_at(known.last_closed)
        # Derivatives trade on for minutes after the close of the index, and their last stamp stands all evening.
        last = max(known.moment, first) + NEWER
        words = f"the one of the close of {known.last_closed:%Y-%m-%d}, {first:%H:%M} to {last:%H:%M}"
    return Admitted(first, min(last, now.moment), words)


def refusal(chain: OptionChain, moment: DocumentMoment, market: Market) -> str | None:
    """Why a chain does not count for a document, in plain words with the remedy; None where it does."""
    if (why := moment_refusal(chain.as_of, moment, market)) is not None:
        return why
    return _level_refusal(chain, moment, market)


def moment_refusal(as_of: pd.Timestamp, moment: DocumentMoment, market: Market) -> str | None:
    """Why a chain of a moment does not count for a document; None where its moment is right."""
    at = as_of.tz_convert(market.zone)
    if at > moment.latest:
        latest = _written(moment.latest.tz_convert(market.zone))
        return f"it is of {_written(at)}, which is later than {latest}; correct the clock, or name a later moment"
    allowed = admitted(moment, market)
    if allowed.first <= at <= allowed.last:
        return None
    return f"it is of {_written(at)}: expected {allowed.words}; fetch the chain again"


def _level_refusal(chain: OptionChain, moment: DocumentMoment, market: Market) -> str | None:
    stated = chain.underlying > 0
    level = chain.underlying if stated else priced_index(chain, market)
    if not level > 0:
        return None
    bar = _bar_near(chain.as_of, moment)
    if bar is not None:
        expected, allowed = float(moment.bar_closes[bar]), FROM_A_BAR
        what = f"the close of the bar that ends at {_written(moment.bar_ends[bar].tz_convert(market.zone))}"
    else:
        expected, allowed, what = moment.last_close, FROM_LAST_CLOSE, "the last close"
    at = f"its index level {level:.2f}" if stated else f"its prices name the unstated index level {level:.2f}, which"
    difference = level / expected - 1
    if abs(difference) <= allowed:
        return None
    return (
        f"{at} is {100 * difference:+.1f} % from {what}, {expected:.2f}: expected at most "
        f"{100 * allowed:.0f} %; use the chain of {market.name}, of the same day as the bars"
    )


def _bar_near(at: pd.Timestamp, moment: DocumentMoment) -> int | None:
    if not len(moment.bar_ends):
        return None
    ends = moment.bar_ends.as_unit("ns").tz_convert("UTC").tz_localize(None).to_numpy()
    apart = np.abs(ends - at.tz_convert("UTC").tz_localize(None).to_datetime64())
    nearest = int(apart.argmin())
    return nearest if apart[nearest] <= BAR_NEAR.to_timedelta64() else None


def _written(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
