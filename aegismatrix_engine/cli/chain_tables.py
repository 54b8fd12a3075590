"""An option chain on a terminal: prices and open interest, a line for each expiry."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.cli.tables import rendered
from aegismatrix_engine.jobs.chain_summary import ChainSummary, summarise_chain
from aegismatrix_engine.jobs.settings import ChainSettings
from aegismatrix_engine.options.chain import MID, LeftOut
from aegismatrix_engine.options.max_pain import FEWEST_STRIKES, LEAST_REACH, OpenInterest, Wall
from aegismatrix_engine.options.summary import ExpirySummary, PricedExpiry

PRICES = (
    "expiry",
    "days",
    "forward",
    "volatility\n%",
    "straddle\npoints",
    "risk\nreversal",
    "butter-\nfly",
    "prices\nused",
    "inside\nquotes",
)
OPEN_INTEREST = ("expiry", "max pain", "zone", "puts per\ncall", "most calls at", "most puts at")


def shown_chain(settings: ChainSettings, *, as_json: bool, quiet: bool) -> None:
    """Summarise a chain, and show what it says."""
    found = summarise_chain(settings, current_moment())
    if as_json:
        print_output(json.dumps(found.content(), indent=1) + "\n")
    elif not quiet:
        print_output(chain_summary(found))


def chain_summary(found: ChainSummary) -> str:
    """What a chain says, ready for standard output."""
    chain = found.chain
    index = f"index {chain.underlying:,.2f}" if math.isfinite(chain.underlying) else "the file states no index level"
    parts: list[Text | Table] = [
        Text(f"{found.market} options at {chain.as_of:%Y-%m-%d %H:%M %Z} ({chain.source}), {index}", style="bold"),
        *(Text(f"File: {name}") for name, _ in chain.files),
    ]
    priced = [(one, one.prices) for one in found.expiries if isinstance(one.prices, PricedExpiry)]
    if priced:
        parts += [Text(""), _table(PRICES, (_prices(one, prices) for one, prices in priced))]
        parts.append(
            Text("Volatility is at the money; risk reversal and butterfly are 25-delta, in volatility points.")
        )
        if any(prices.kind != MID for _, prices in priced):
            parts.append(Text("Prices are the last trades of the day, not quotes, so none can be inside a quote."))
    held = [(one, one.open_interest) for one in found.expiries if isinstance(one.open_interest, OpenInterest)]
    if held:
        parts += [Text(""), _table(OPEN_INTEREST, (_held(one, interest) for one, interest in held))]
        parts.append(Text("Max pain is arithmetic on open interest, not a forecast: no pull of the close was found."))
    remarks = [Text(line) for line in _remarks(found)]
    return rendered([*parts, Text(""), *remarks] if remarks else parts)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Columns without lines between them, which fit a page of 80 characters and are text where they are not shown."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _prices(one: ExpirySummary, prices: PricedExpiry) -> tuple[str, ...]:
    wings = prices.wings
    return (
        f"{one.expiry:%Y-%m-%d}",
        f"{prices.days:.1f}",
        f"{round(prices.forward.level, 2):,.1f}",
        # Of the numbers that JSON and documents hold, so that the last digit is theirs.
        f"{round(wings.at_the_money, 2):.1f}",
        f"{round(prices.straddle.points, 2):,.1f}",
        _signed(wings.risk_reversal),
        _signed(wings.butterfly),
        str(prices.quotes_used),
        "" if prices.inside is None else f"{prices.inside:.0%}",
    )


def _held(one: ExpirySummary, held: OpenInterest) -> tuple[str, ...]:
    return (
        f"{one.expiry:%Y-%m-%d}",
        f"{held.max_pain:.0f}",
        f"{held.lower:.0f}-{held.upper:.0f}",
        "" if held.put_call_ratio is None else f"{held.put_call_ratio:.2f}",
        _strikes(held.call_walls),
        _strikes(held.put_walls),
    )


def _remarks(found: ChainSummary) -> Iterator[str]:
    """A line for each expiry that says less than the others, for what was left out, and for the calendar."""
    for one in found.expiries:
        if not isinstance(one.prices, PricedExpiry):
            yield f"No prices: {one.expiry:%Y-%m-%d} {one.prices.reason}"
    for one in found.expiries:
        if not isinstance(one.open_interest, OpenInterest):
            yield f"No max pain: {one.expiry:%Y-%m-%d} {one.open_interest.reason}"
        elif one.open_interest.partial:
            yield f"Partial: max pain of {one.expiry:%Y-%m-%d} is of {_window(one.open_interest)}"
    yield from (f"Left out: {_left_out(left)}" for left in found.chain.left_out)
    yield from (f"Calendar: {difference}" for difference in found.differences)


def _window(held: OpenInterest) -> str:
    """Why open interest is partial: few strikes, or strikes that end near the index."""
    few = held.strikes < FEWEST_STRIKES
    return (
        f"{held.strikes} strikes only"
        if few
        else f"{held.strikes} strikes that end within {LEAST_REACH:.0%} of the forward"
    )


def _left_out(left: LeftOut) -> str:
    of = "" if left.expiry is None else f" of {left.expiry:%Y-%m-%d}"
    legs = f"{left.legs} leg{'' if left.legs == 1 else 's'}{of}: " if left.legs else f"{of.strip()}: " if of else ""
    return f"{legs}{left.rule}"


def _signed(points: float | None) -> str:
    return "" if points is None else f"{round(points, 2):+.1f}"


def _strikes(walls: Iterable[Wall]) -> str:
    return " ".join(f"{wall.strike:.0f}" for wall in walls)
