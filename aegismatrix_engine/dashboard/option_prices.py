"""What the page shows of an option chain: the chances that prices imply beside ours, prices, and the chain itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.figures import NEARLY_CERTAIN, Figure, Figures, Sentence
from aegismatrix_engine.dashboard.wording import ABOUT_USUAL

LEFT_OUT_BY_RANGES: Final = 0.2
"""The chance that is shown first is that of the distance whose expected one is nearest this, which ranges of 8 in 10
leave out; a choice of the page alone."""

LAYOUTS: Final = {
    "nse": "NSE's option chain",
    "nse-v3": "NSE's option chain",
    "bhavcopy": "NSE's file of the day (bhavcopy)",
    "udiff": "NSE's file of the day (bhavcopy)",
    "upstox": "option chain of Upstox",
}
"""Layout of a chain's files -> what it is called."""

_FACTS: Final = (
    ("forward", "level_whole", "forward"),
    ("volatility at the money, %", "vol_tenths", "at_the_money"),
    ("straddle, points", "size_whole", "straddle_points"),
    ("risk reversal, vol points", "vol_tenths_signed", "risk_reversal"),
    ("butterfly, vol points", "vol_tenths_signed", "butterfly"),
    ("prices used", "count", "quotes_used"),
    ("fitted inside bid and ask", "percent", "share_inside"),
)
"""Row of the table of prices -> the form of its numbers, and their field in ``priced``."""


@dataclass(frozen=True)
class Charge:
    """The chance of a close beyond a distance, either way, by option prices and by the forecast.

    Attributes:
        distance: index points.
        priced: the chance by prices.
        expected: the forecast's.
        premium: priced less expected, percentage points.
        priced_share, expected_share: the same chances as numbers from 0 to 1, for the gauge.
    """

    distance: Figure
    priced: Figure
    expected: Figure
    premium: Figure
    priced_share: float
    expected_share: float


@dataclass(frozen=True)
class Charges:
    """What prices charge for closes beyond each distance by one expiry.

    Attributes:
        expiry: its date.
        shown_first: of the distance nearest the bounds of the 8-in-10 range.
        words: how the two chances compare there.
        rows: nearest first, up to the first distance from which on both chances are written as "under 1 %".
        rare: whether farther distances are left out for that.
        cut: whether farther ones are missing because usable strikes do not reach so far.
    """

    expiry: Figure
    shown_first: Charge
    words: str
    rows: tuple[Charge, ...]
    rare: bool
    cut: bool


@dataclass(frozen=True)
class AtTheMoney:
    """What the nearest expiry with prices costs at the money: points, a strike, a level, per cent a year."""

    expiry: Figure
    straddle: Figure
    strike: Figure
    forward: Figure
    volatility: Figure


@dataclass(frozen=True)
class Prices:
    """What prices say of each expiry.

    Attributes:
        nearest: of them.
        expiries: their dates, a column each.
        rows: name and a number for each expiry; None where prices do not say it.
        trades: whether some are trades of the day and not quotes.
    """

    nearest: AtTheMoney
    expiries: tuple[Figure, ...]
    rows: tuple[tuple[str, tuple[Figure | None, ...]], ...]
    trades: bool


MOST_LEFT_OUT: Final = 8
"""Entries of what was left out that the page lists; the document lists more."""


@dataclass(frozen=True)
class LeftOut:
    """Something of the chain that was not used: why, of which expiry, how many legs; None where it is not said."""

    rule: str
    expiry: Figure | None
    legs: Figure | None


@dataclass(frozen=True)
class OptionPrices:
    """What a chain adds to the Sellers tab.

    Attributes:
        chain: what was read, of when, and how old it is.
        charges: of each expiry with prices, nearest first; empty where no price could be used.
        prices: None where no price could be used.
        left_out: the first entries of what was not used.
        more: how many entries follow them in the document.
        legs: used, and read.
    """

    chain: Sentence
    charges: tuple[Charges, ...]
    prices: Prices | None
    left_out: tuple[LeftOut, ...]
    more: int
    legs: tuple[Figure, Figure]


def option_prices(figures: Figures) -> OptionPrices | None:
    """What a chain adds; None in a document without one."""
    options = figures.document.options
    if options is None:
        return None
    places = range(len(figures.document.seller.expiries))
    charges = tuple(filter(None, (_charges(figures, f"seller.expiries.{place}") for place in places)))
    return OptionPrices(
        chain=chain_line(figures),
        charges=charges,
        prices=_prices(figures),
        left_out=tuple(_left_out(figures)),
        more=max(0, len(options.left_out) - MOST_LEFT_OUT),
        legs=(figures("count", "options.legs_used"), figures("count", "options.legs_read")),
    )


def chain_line(figures: Figures) -> Sentence:
    """Which chain was read, of when, and how old it is; empty in a document without one."""
    options = figures.document.options
    if options is None:
        return ()
    names = dict.fromkeys(LAYOUTS.get(layout, layout) for layout in options.source.split("+"))
    than = "newer" if options.age_minutes < 0 else "older"
    return (
        *(f"Option prices: {' and '.join(names)}, ", figures("day_time", "options.as_of"), ", "),
        *(figures("size_whole", "options.age_minutes"), f" min {than} than the bars."),
    )


def _charges(figures: Figures, path: str) -> Charges | None:
    """Those of one expiry; None where prices say nothing of its distances."""
    curve = figures.value(f"{path}.breach_curve")
    rows = tuple(
        _charge(figures, f"{path}.breach_curve.{place}")
        for place, point in enumerate(curve)
        if point.priced_close is not None and point.centred_close is not None
    )
    if not rows:
        return None
    first = min(rows, key=lambda row: abs(row.expected_share - LEFT_OUT_BY_RANGES))
    likely = [place for place, row in enumerate(rows) if max(row.priced_share, row.expected_share) > NEARLY_CERTAIN]
    shown = rows[: max(likely, default=0) + 2]
    return Charges(
        expiry=figures("day", f"{path}.expiry"),
        shown_first=first,
        words=_against_expected(first),
        rows=shown,
        rare=len(shown) < len(rows),
        cut=len(rows) < len(curve),
    )


def _charge(figures: Figures, path: str) -> Charge:
    return Charge(
        distance=figures("count", f"{path}.distance"),
        priced=figures("percent", f"{path}.priced_close"),
        expected=figures("percent", f"{path}.centred_close"),
        premium=figures("percentage_points", f"{path}.premium"),
        priced_share=figures.value(f"{path}.priced_close"),
        expected_share=figures.value(f"{path}.centred_close"),
    )


def _against_expected(charge: Charge) -> str:
    """A priced chance against the expected one, in words; about as expected within the share that chances have."""
    premium = charge.priced_share - charge.expected_share
    if abs(premium) <= ABOUT_USUAL * charge.expected_share:
        return "about what we expect"
    return "more than we expect" if premium > 0 else "less than we expect"


def _prices(figures: Figures) -> Prices | None:
    priced = [
        (f"seller.expiries.{place}", one.priced)
        for place, one in enumerate(figures.document.seller.expiries)
        if one.priced is not None
    ]
    if not priced:
        return None

    def known(form: str, field: str) -> tuple[Figure | None, ...]:
        paths = [f"{path}.priced.{field}" for path, _ in priced]
        return tuple(figures(form, one) if figures.value(one) is not None else None for one in paths)

    near, _ = priced[0]
    rows = ((name, known(form, field)) for name, form, field in _FACTS)
    return Prices(
        nearest=AtTheMoney(
            expiry=figures("day", f"{near}.expiry"),
            straddle=figures("size_whole", f"{near}.priced.straddle_points"),
            strike=figures("level_whole", f"{near}.priced.straddle_strike"),
            forward=figures("level_whole", f"{near}.priced.forward"),
            volatility=figures("vol_tenths", f"{near}.priced.at_the_money"),
        ),
        expiries=tuple(figures("day", f"{path}.expiry") for path, _ in priced),
        rows=tuple((name, cells) for name, cells in rows if any(cells)),
        trades=any(one.kind == "last" for _, one in priced),
    )


def _left_out(figures: Figures) -> Iterator[LeftOut]:
    options = figures.document.options
    assert options is not None
    for place, one in enumerate(options.left_out[:MOST_LEFT_OUT]):
        path = f"options.left_out.{place}"
        yield LeftOut(
            rule=one.rule,
            expiry=None if one.expiry is None else figures("dated", f"{path}.expiry"),
            legs=figures("count", f"{path}.legs") if one.legs else None,
        )
