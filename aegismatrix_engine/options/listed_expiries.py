"""Where the expiries that the exchange lists differ from those of our calendar, which counts as wrong then."""

from typing import Final

import pandas as pd

from aegismatrix_engine.markets import Market, expiries
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.settlement import has_settled

COMPARED_AHEAD: Final = pd.Timedelta(days=45)
"""Further ahead holidays are not announced, and a change of the weekday may be."""

NEAREST: Final = 4
"""Weeklies are listed so many weeks ahead at least; further ones of the calendar may not be listed yet."""


def calendar_differences(chain: OptionChain, market: Market) -> tuple[str, ...]:
    """Each expiry that only the chain or only our calendar has, as a sentence for the document's health.

    The calendar's are compared up to the fourth that the chain lists, the chain's up to 45 days ahead. Nothing is
    compared where the file does not say what is listed.
    """
    listed = sorted(date for date in chain.listed if not has_settled(market, date, chain.as_of))
    if not listed:
        return ()
    today = chain.as_of.tz_convert(market.zone).tz_localize(None).normalize()
    known = {one.date for one in expiries(market, today, today + COMPARED_AHEAD)}
    ahead = [date for date in listed if date <= today + COMPARED_AHEAD]
    until = listed[min(NEAREST, len(listed)) - 1]
    only_listed = [date for date in ahead if date not in known]
    only_known = [date for date in sorted(known) if date < until and date not in listed]
    return tuple(
        [f"the exchange lists an expiry on {date:%Y-%m-%d}, which our calendar lacks" for date in only_listed]
        + [
            f"our calendar has an expiry on {date:%Y-%m-%d}, which the exchange does not list"
            for date in only_known
            if not has_settled(market, date, chain.as_of)
        ]
    )
