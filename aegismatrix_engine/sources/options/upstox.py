"""Option chains from the broker Upstox: the nearest expiries, one request each.

The token is the operator's read-only one for market data. It is sent to Upstox alone; no message, log or file has it.
"""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, DataError, SourceBusy, SourceUnavailable
from aegismatrix_engine.markets import Market, next_expiries, trading_clock
from aegismatrix_engine.network.retries import Pauses, repeated
from aegismatrix_engine.network.web import ANSWER_SECONDS, Answer, ask
from aegismatrix_engine.options.chain import LeftOut, OptionChain
from aegismatrix_engine.sources.options.file_content import OptionFile, option_file
from aegismatrix_engine.sources.options.files import together
from aegismatrix_engine.sources.options.leg_rows import chain_of
from aegismatrix_engine.sources.options.upstox_json import read_upstox_json

ADDRESS: Final = "https://api.upstox.com/v2/option/chain"
TOKEN_VARIABLE: Final = "UPSTOX_ANALYTICS_TOKEN"
OF_EACH_KIND: Final = 2
"""So many weekly and so many monthly expiries are asked for, those that a document speaks of."""

LEAST_SECONDS: Final = 0.5
"""With less time left no request is begun."""

LONGEST_PAUSE: Final = 2.0
_PAUSES: Final = Pauses(attempts=3, first=0.4, longest=1.0, jitter=1.0)

_INSTRUMENTS: Final[Mapping[str, str]] = {"nifty50": "NSE_INDEX|Nifty 50"}
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")
_REFUSED: Final = (401, 403)


@dataclass(frozen=True)
class _Access:
    """With what is asked, and until when on the monotonic clock."""

    token: str = field(repr=False)
    ends: float
    patience: float


def read_upstox(market: Market, moment: pd.Timestamp, patience: float) -> OptionChain:
    """The chain of the next two weekly and two monthly expiries of our calendar, the nearest four or nearly so.

    Its moment is what the server's clock says; while no session runs, the close of the last one, whose prices stand.
    An expiry that cannot be used is told in ``left_out``, as long as another one can.

    Args:
        market: whose index the options are on.
        moment: aware; the expiries after the last session that has closed by then are asked for.
        patience: seconds for all requests together, waits and repeats included.

    Raises:
        ConfigurationError: no token, or one that cannot be sent.
        SourceBusy: too many requests, a fault of the server or no answer in time, and not one expiry.
        SourceUnavailable: the token is refused, or the server cannot be reached, and not one expiry.
        DataError: there are answers, and not one of them can be used.
    """
    access = _Access(_token(), time.monotonic() + patience, patience)
    session = trading_clock(market, moment).last_closed
    weekly = next_expiries(market, session, "weekly", OF_EACH_KIND)
    monthly = next_expiries(market, session, "monthly", OF_EACH_KIND)
    chains: list[OptionChain] = []
    faults: list[DataError | SourceUnavailable] = []
    for expiry in sorted(one.date for one in (*weekly, *monthly)):
        try:
            chains.append(_chain(market, expiry, access))
        except DataError as error:
            faults.append(error)
        except SourceUnavailable as error:
            faults.append(error)
            # Whatever it is, it is not of this expiry alone.
            break
    if not chains:
        # What is wrong with the nearest expiry, unless nothing could be had at all.
        raise next((one for one in faults if isinstance(one, SourceUnavailable)), faults[0])
    told = [str(fault) for fault in faults]
    return together(chains, told)


def _token() -> str:
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise ConfigurationError(
            f"{TOKEN_VARIABLE} is not set: expected Upstox's analytics token; see docs/options.md, or leave upstox out"
        )
    if not _TOKEN.fullmatch(token):
        raise ConfigurationError(
            f"{TOKEN_VARIABLE} holds characters that no token has, such as blanks; set the token alone"
        )
    return token


def _chain(market: Market, expiry: pd.Timestamp, access: _Access) -> OptionChain:
    instrument = _INSTRUMENTS[market.id]
    asked = urlencode({"instrument_key": instrument, "expiry_date": f"{expiry:%Y-%m-%d}"})
    answer = _answer(f"{ADDRESS}?{asked}", access)
    name = f"upstox {expiry:%Y-%m-%d}"
    file = _file(name, answer, access.token)
    served = _served_at(name, answer, market)
    clock = trading_clock(market, served)
    as_of = served if clock.state == "in_session" else market.calendar.closes_at(clock.last_closed)
    chain = chain_of(read_upstox_json(file, instrument, as_of), market)
    if as_of == served:
        return chain
    words = f"{name} was answered at {served:%Y-%m-%d %H:%M}, out of session: its prices count as of {as_of:%H:%M}"
    return replace(chain, left_out=(*chain.left_out, LeftOut(expiry, 0, f"{words} on {as_of:%Y-%m-%d}")))


def _answer(url: str, access: _Access) -> Answer:
    headers = {"Authorization": f"Bearer {access.token}", "Accept": "application/json"}

    def once() -> Answer:
        left = access.ends - time.monotonic()
        if left < LEAST_SECONDS:
            raise SourceBusy(f"Upstox did not answer within {access.patience:.0f} s; try again, or raise --patience")
        # A body may go on once more for as long as its limit, after the last part that came in time.
        return ask(url, headers=headers, redirects=False, seconds=min(ANSWER_SECONDS, left / 2))

    def again(error: Exception) -> bool:
        return isinstance(error, SourceBusy) and access.ends - time.monotonic() > LONGEST_PAUSE + LEAST_SECONDS

    return repeated(once, again, _PAUSES)


def _file(name: str, answer: Answer, token: str) -> OptionFile:
    if answer.status in _REFUSED:
        raise SourceUnavailable(
            f"Upstox refuses the token in {TOKEN_VARIABLE} (status {answer.status}): it has expired, was revoked or is "
            "not one for market data; make a new one, see docs/options.md"
        )
    if answer.status != 200:
        raise SourceUnavailable(
            f"Upstox answered with status {answer.status}: expected an option chain; try again later"
        )
    # Messages quote what an answer holds, which may be the request.
    return option_file(name, answer.body.replace(token.encode(), b"[token]"))


def _served_at(name: str, answer: Answer, market: Market) -> pd.Timestamp:
    """The server's own clock."""
    try:
        served = pd.Timestamp(parsedate_to_datetime(answer.headers.get("date", "")))
    except ValueError:
        served = None
    if served is None or served.tz is None:
        raise DataError(f"{name}: the answer has no Date, so that nobody knows of when its prices are; fetch it again")
    return served.tz_convert(market.zone).as_unit("ns")
