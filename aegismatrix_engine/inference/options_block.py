"""The document's block about an option chain, and the signals with what the chain says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.options import OptionFile, Options, OptionsLeftOut
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.inference.options import MakeBlocks, OptionsOutcome, one_line, without_chain
from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.listed_expiries import as_listed, calendar_differences, moved_expiries, moved_words
from aegismatrix_engine.options.max_pain import NoOpenInterest
from aegismatrix_engine.options.quotes import NoPrices
from aegismatrix_engine.options.summary import ExpirySummary, PricedExpiry, summarise
from aegismatrix_engine.signals.buyer import buyer_block
from aegismatrix_engine.signals.option_prices import close_beyond, priced_seller, straddle_points

MOST_LEFT_OUT: Final = 50
"""Entries of ``options.left_out``; a folder of damaged files would fill the document with more."""

MINUTE: Final = pd.Timedelta(minutes=1)


def with_chain(origin: Origin, models: Models, make: MakeBlocks, chain: OptionChain) -> OptionsOutcome:
    """The signals with what a chain says of their expiries, and the block about it.

    An expiry that the chain lists on another session than our calendar is there, forecasts and all. Where the chain
    says nothing of any of them, the signals are as without one, and that is a degradation.
    """
    moved = moved_expiries(chain, origin.market)
    at = replace(origin, market=as_listed(origin.market, moved)) if moved else origin
    blocks = make(at)
    dates = [expiry.expiry for expiry in blocks.seller.expiries]
    known = replace(chain, expiries=tuple(one for one in chain.expiries if f"{one.expiry:%Y-%m-%d}" in dates))
    summaries = {f"{one.expiry:%Y-%m-%d}": one for one in summarise(known, origin.market)}
    used = {date: one for date, one in summaries.items() if not _says_nothing(one)}
    name = chain.files[0][0]
    if not used:
        found = "; ".join(_reasons(date, summaries) for date in dates)
        return without_chain(
            origin,
            make(origin) if moved else blocks,
            f"{name}: nothing of it can be used: {found}; use a chain with these expiries",
        )
    notes = tuple(f"{name}: {one}" for one in (*map(moved_words, moved), *_other_differences(chain, at.market)))
    points = straddle_points(at, blocks.buyer.theta_edge.sessions_left, used)
    priced = replace(
        blocks,
        seller=priced_seller(at, blocks.seller, used),
        buyer=buyer_block(at, models, blocks.buyer.historical_spike_rate, points),
    )
    beyond = {
        date: close_beyond(one.prices, at.spot, one.index)
        for date, one in used.items()
        if isinstance(one.prices, PricedExpiry)
    }
    return OptionsOutcome(at, priced, _block(at, chain, dates, summaries, used), notes=notes, beyond=beyond)


def _other_differences(chain: OptionChain, market: Market) -> Iterator[str]:
    """Differences that are left once expiries are where the chain lists them."""
    for one in calendar_differences(chain, market):
        yield f"{one}; the exchange's list is right, correct calendar.toml"


def _says_nothing(one: ExpirySummary) -> bool:
    return isinstance(one.prices, NoPrices) and isinstance(one.open_interest, NoOpenInterest)


def _reasons(date: str, summaries: Mapping[str, ExpirySummary]) -> str:
    one = summaries.get(date)
    if one is None:
        return f"{date} is not in it"
    words = [part.reason for part in (one.prices, one.open_interest) if isinstance(part, NoPrices | NoOpenInterest)]
    return f"{date} {' and '.join(words)}"


def _block(
    origin: Origin,
    chain: OptionChain,
    dates: Sequence[str],
    summaries: Mapping[str, ExpirySummary],
    used: Mapping[str, ExpirySummary],
) -> Options:
    as_of = chain.as_of.tz_convert(origin.market.zone)
    return Options(
        source=chain.source,
        as_of=timestamp(as_of),
        age_minutes=round((origin.as_of - as_of) / MINUTE, 1) + 0.0,
        index=chain.underlying if chain.underlying > 0 else None,
        files=[OptionFile(name=one_line(name), sha256=digest) for name, digest in chain.files],
        legs_read=sum(len(one.strike) for one in chain.expiries) + sum(one.legs for one in chain.left_out),
        legs_used=sum(one.legs for one in used.values()),
        left_out=_shortened(list(_left_out(chain, dates, summaries))),
    )


def _left_out(
    chain: OptionChain, dates: Sequence[str], summaries: Mapping[str, ExpirySummary]
) -> Iterator[OptionsLeftOut]:
    for date in dates:
        one = summaries.get(date)
        if one is None:
            yield OptionsLeftOut(expiry=date, legs=0, rule="the chain has no legs of this expiry")
            continue
        for kind, part in (("prices", one.prices), ("open interest", one.open_interest)):
            if isinstance(part, NoPrices | NoOpenInterest):
                yield OptionsLeftOut(expiry=date, legs=0, rule=one_line(f"{kind} not used: it {part.reason}"))
    for left in chain.left_out:
        expiry = None if left.expiry is None else f"{left.expiry:%Y-%m-%d}"
        yield OptionsLeftOut(expiry=expiry, legs=left.legs, rule=one_line(left.rule))


def _shortened(entries: list[OptionsLeftOut]) -> list[OptionsLeftOut]:
    if len(entries) <= MOST_LEFT_OUT:
        return entries
    kept, rest = entries[: MOST_LEFT_OUT - 1], entries[MOST_LEFT_OUT - 1 :]
    more = OptionsLeftOut(legs=sum(one.legs for one in rest), rule=f"and {len(rest):,} entries more")
    return [*kept, more]
