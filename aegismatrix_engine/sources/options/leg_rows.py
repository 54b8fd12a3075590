"""The legs of a file in the file's order, whichever layout they came from, made into a chain or refused."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.chain import LeftOut, Legs, OptionChain
from aegismatrix_engine.options.settlement import has_settled
from aegismatrix_engine.options.swapped_sides import SWAPPED, sides_swapped
from aegismatrix_engine.sources.options.flaws import Flaws
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

FURTHEST_STRIKE = 10.0
"""No strike is above this times the index level."""

NEAR_THE_MONEY = 0.03
"""Strikes this far from the index level, as a fraction of it, are near the money."""

UNUSABLE_SHARE = 0.05
"""An expiry is refused where more than this share of its legs, or of those near the money, cannot be used."""

LONGEST_YEARS = 6
"""No expiry is listed further ahead: NSE lists five years."""

MOST_OVER_LEVEL = 1.2
"""A call costs at most the index; what is bid for one above this times the level is not its price."""

Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class LegRows:
    """The legs of one index as a file has them; all arrays are (n,), in the file's order.

    Attributes:
        name: the file's name; it opens each message.
        layout: as in `OptionChain.source`.
        as_of: aware moment of the snapshot.
        underlying: index level that the file states; NaN where it does not.
        expiry: datetime64[ns], NaT where it cannot be read.
        strike, bid, ask, last, settlement: index points, 0 where there is none.
        is_call: False for puts.
        lots: traded on the day, in lots.
        lot: units of the index in a lot.
        open_interest: in units of the index.
        published_volatility: per cent, 0 where there is none.
        flaws: what is wrong with single legs.
        told: what is left out or has to be told already.
        listed: expiries that the file says are listed.
        sha256: of the file as it stands.
    """

    name: str
    layout: str
    as_of: pd.Timestamp
    underlying: float
    expiry: Dates
    strike: FloatArray
    is_call: BoolArray
    bid: FloatArray
    ask: FloatArray
    last: FloatArray
    settlement: FloatArray
    lots: FloatArray
    lot: FloatArray
    open_interest: FloatArray
    published_volatility: FloatArray
    flaws: Flaws
    told: tuple[LeftOut, ...] = ()
    listed: tuple[pd.Timestamp, ...] = ()
    sha256: str = ""

    def place(self, leg: int) -> str:
        """A leg as messages name it: '23-Jun-2026 24000 CE'."""
        expiry = pd.Timestamp(self.expiry[leg])
        written = "expiry unreadable" if pd.isna(expiry) else f"{expiry:%d-%b-%Y}"
        return f"{written} {self.strike[leg]:.10g} {'CE' if self.is_call[leg] else 'PE'}"


def chain_of(rows: LegRows, market: Market) -> OptionChain:
    """The chain that the legs of a file are.

    Legs that break a rule are left out and counted. An expiry of which too many do, or which has a leg twice with
    different values, is left out whole; so are expiries that have settled.

    Raises:
        DataError: no expiry is left; the message names the rule that cost most legs, and the first of them.
    """
    flaws = rows.flaws
    flaws.mark(np.isnat(rows.expiry), "the expiry is not a date")
    latest = rows.as_of.tz_localize(None) + pd.DateOffset(years=LONGEST_YEARS)
    flaws.mark(rows.expiry > latest.to_datetime64(), f"the expiry is more than {LONGEST_YEARS} years ahead")
    flaws.mark(rows.strike <= 0, "the strike is not above 0")
    flaws.mark((rows.bid > 0) & (rows.ask > 0) & (rows.bid > rows.ask), "the bid is above the ask")
    _mark_impossible_prices(rows)
    left_out = list(rows.told)
    unreadable = np.isnat(rows.expiry)
    if unreadable.sum() > UNUSABLE_SHARE * len(rows.expiry):
        raise _refusal(rows, int(unreadable.argmax()))
    left_out += _counted(rows, np.flatnonzero(unreadable), None)
    expiries, whole = [], _whole(rows)
    order = np.lexsort((rows.is_call, rows.strike, rows.expiry))
    dates, begins = np.unique(rows.expiry[order], return_index=True)
    for date, of_expiry in zip(dates, np.split(order, begins[1:]), strict=True):
        if np.isnat(date):
            continue
        expiry = pd.Timestamp(date).as_unit("ns")
        kept, told = _usable(rows, expiry, of_expiry, market)
        legs = _part(whole, expiry, kept)
        if sides_swapped(legs, _level(rows, of_expiry), rows.as_of):
            told = [LeftOut(expiry, len(of_expiry), SWAPPED)]
        elif len(kept):
            expiries.append(legs)
        left_out += told
    if not expiries:
        raise _nothing_left(rows, left_out)
    files = ((rows.name, rows.sha256),)
    return OptionChain(rows.layout, rows.as_of, rows.underlying, tuple(expiries), tuple(left_out), files, rows.listed)


def _usable(rows: LegRows, expiry: pd.Timestamp, legs: IntArray, market: Market) -> tuple[IntArray, list[LeftOut]]:
    """The usable ones of the legs of an expiry, given by their positions in the order of strikes; what is left out."""
    none = legs[:0]
    if has_settled(market, expiry, rows.as_of):
        return none, [LeftOut(expiry, len(legs), "the expiry had settled by the moment of the snapshot")]
    flawed = rows.flaws.flawed[legs]
    told = []
    if flawed.any():
        too_many = _too_many(rows, legs, flawed)
        if too_many is not None:
            return none, [LeftOut(expiry, len(legs), too_many)]
        told = _counted(rows, legs[flawed], expiry)
    kept = legs[~flawed]
    again = (rows.strike[kept][1:] == rows.strike[kept][:-1]) & (rows.is_call[kept][1:] == rows.is_call[kept][:-1])
    if again.any():
        differs = _differ(rows, kept[:-1], kept[1:]) & again
        if differs.any():
            place = rows.place(int(kept[1:][differs][0]))
            rule = f"{place} is there twice with different values, so two snapshots are mixed in the file"
            return none, [LeftOut(expiry, len(legs), rule)]
        told.append(LeftOut(expiry, int(again.sum()), "there again with the same values"))
        kept = kept[np.concatenate(([True], ~again))]
    return kept, told


def _too_many(rows: LegRows, legs: IntArray, flawed: BoolArray) -> str | None:
    """Why an expiry is refused for its flawed legs; None where they are few."""
    for group, words in ((_near_the_money(rows, legs), "near the money "), (np.ones_like(flawed), "")):
        if flawed[group].sum() > UNUSABLE_SHARE * group.sum():
            first = int(legs[group & flawed][0])
            found = f"{int(flawed[group].sum())} of {int(group.sum())} legs {words}cannot be used"
            return f"{found}, the first is {rows.place(first)}: {rows.flaws.described(first)}"
    return None


def _whole(rows: LegRows) -> Legs:
    """All legs of the file in the file's order, whatever their expiry, with NaN for what is absent."""

    def above_zero(values: FloatArray) -> FloatArray:
        return np.where(values > 0, values, np.nan)

    last = above_zero(rows.last)
    return Legs(
        expiry=rows.as_of,
        strike=rows.strike,
        is_call=rows.is_call,
        bid=above_zero(rows.bid),
        ask=above_zero(rows.ask),
        last=last,
        settlement=above_zero(rows.settlement),
        traded=(rows.lots > 0) & np.isfinite(last),
        volume=rows.lots * rows.lot,
        open_interest=rows.open_interest,
        published_volatility=above_zero(rows.published_volatility),
    )


def _part(whole: Legs, expiry: pd.Timestamp, kept: IntArray) -> Legs:
    return Legs(
        expiry=expiry,
        strike=whole.strike[kept],
        is_call=whole.is_call[kept],
        bid=whole.bid[kept],
        ask=whole.ask[kept],
        last=whole.last[kept],
        settlement=whole.settlement[kept],
        traded=whole.traded[kept],
        volume=whole.volume[kept],
        open_interest=whole.open_interest[kept],
        published_volatility=whole.published_volatility[kept],
    )


def _mark_impossible_prices(rows: LegRows) -> None:
    """A put never costs more than its strike, nor a call more than the index; no strike is many times the index."""
    traded = np.where(rows.lots > 0, rows.last, 0.0)
    paid = np.maximum(rows.bid, traded)
    rows.flaws.mark(~rows.is_call & (paid > rows.strike), "the put costs more than its strike")
    if rows.underlying > 0:
        far = f"the strike is more than {FURTHEST_STRIKE:.0f} times the index level"
        rows.flaws.mark(rows.strike > FURTHEST_STRIKE * rows.underlying, far)
        rows.flaws.mark(rows.is_call & (paid > MOST_OVER_LEVEL * rows.underlying), "the call costs more than the index")


def _near_the_money(rows: LegRows, legs: IntArray) -> BoolArray:
    near: BoolArray = np.abs(rows.strike[legs] / _level(rows, legs) - 1) <= NEAR_THE_MONEY
    return near


def _level(rows: LegRows, legs: IntArray) -> float:
    return rows.underlying if rows.underlying > 0 else level_by_parity(rows, legs)


def level_by_parity(rows: LegRows, legs: IntArray) -> float:
    """The strike at which call and put cost most nearly the same, for files that state no index level.

    By settlement prices, else by last ones; the middle strike where no strike has both sides.
    """
    prices = np.where(rows.settlement > 0, rows.settlement, rows.last)[legs]
    strikes, is_call = rows.strike[legs], rows.is_call[legs]
    usable = ~rows.flaws.flawed[legs] & (prices > 0)
    both, calls, puts = np.intersect1d(strikes[usable & is_call], strikes[usable & ~is_call], return_indices=True)
    if not len(both):
        return max(float(np.median(strikes)), 1e-9)
    apart = np.abs(prices[usable & is_call][calls] - prices[usable & ~is_call][puts])
    return float(both[int(apart.argmin())])


def _differ(rows: LegRows, one: IntArray, other: IntArray) -> BoolArray:
    columns = (rows.bid, rows.ask, rows.last, rows.settlement, rows.lots, rows.open_interest, rows.published_volatility)
    differs: BoolArray = np.any([column[one] != column[other] for column in columns], axis=0)
    return differs


def _counted(rows: LegRows, flawed: IntArray, expiry: pd.Timestamp | None) -> list[LeftOut]:
    """One entry for each rule that some legs break, with the first of them as the example."""
    told = []
    for rule in np.unique(rows.flaws.rule[flawed]):
        broken = flawed[rows.flaws.rule[flawed] == rule]
        example = f"{rows.place(int(broken[0]))}: {rows.flaws.described(int(broken[0]))}"
        told.append(LeftOut(expiry, len(broken), example))
    return told


def _refusal(rows: LegRows, leg: int) -> DataError:
    return DataError(f"{rows.name}, {rows.place(leg)}: {rows.flaws.described(leg)}; fetch the chain again")


def _nothing_left(rows: LegRows, left_out: list[LeftOut]) -> DataError:
    reason = max(left_out, key=lambda one: one.legs).rule if left_out else "it has no legs"
    return DataError(f"{rows.name}: no expiry can be used: {reason}; fetch the chain again")
