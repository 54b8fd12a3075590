"""The rows of a document's table on the terminal: signal, value, and what it means."""

from collections.abc import Iterator

from aegismatrix_engine.document.schema.breakout import Breakout
from aegismatrix_engine.document.schema.buyer import ThetaEdge
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.expiries import Expiry
from aegismatrix_engine.document.schema.seller import Trap

NO_WORD = "no proven skill:"
Row = tuple[str, str, str]


def document_rows(document: Document) -> Iterator[Row]:
    """Every row, those of sellers first."""
    session = document.forecast.session
    if session is not None:
        levels = {quantile.level: quantile.index_level for quantile in session.quantiles}
        reach = f"80% of the official close of {session.session}, after {session.bars_complete} of {session.bars} bars"
        yield "rest of the session", f"{levels[0.1]:,.0f} to {levels[0.9]:,.0f}", reach
    yield from _seller_rows(document)
    for expiry in document.seller.expiries:
        yield from _option_rows(expiry)
    yield from _buyer_rows(document)
    direction = document.direction
    calls = ", ".join(f"{key} {call.direction}" for key, call in direction.by_horizon.items())
    strongest = max(call.conviction for call in direction.by_horizon.values())
    yield "direction", calls, f"strongest conviction {strongest:.2f} of 1"
    yield "risk score", f"{direction.risk_score:.2f}", "percentile of the 5-session volatility forecast in 5 years"


def _seller_rows(document: Document) -> Iterator[Row]:
    seller, record = document.seller, document.track_record
    held = seller.safe_range
    yield (
        "safe range",
        f"{held.lower:,.0f} to {held.upper:,.0f}",
        f"{held.coverage:.0%} of the close on {held.expiry}; left on the way in {held.touch_probability:.0%}",
    )
    for name, rate in (("safe ranges", record.safe_range), ("ranges of the nearest expiry", record.nearest_range)):
        if rate is not None:
            measured = f"measured {rate.rate:.1%} over {rate.events} expiries" if rate.n else "not measured yet"
            yield "", "", f"past {name} that held: {measured}, nominal {rate.nominal:.0%}"
    for point in seller.breach_probabilities:
        value = f"{point.probability:.0%} touch, {point.close_beyond:.0%} close"
        yield f"breach {point.distance:,} points", value, f"either side of spot by {seller.breach.expiry}"
    trap, stress = seller.trap, seller.expiry_stress
    yield (
        "volatility trap",
        _forecast(trap),
        f"realised above implied, 5 sessions; usual {trap.base_rate:.0%}",
    )
    reach = f"touch of {stress.distance_points:,.0f} points in {stress.sessions_left} sessions"
    yield (
        "expiry stress",
        f"{stress.label if stress.reason is None else NO_WORD} {stress.score:.0%}",
        f"{reach}; usual {stress.base_rate:.0%}",
    )
    yield "seller flag", seller.seller_flag.label, f"regime {seller.regime}, day {seller.daily_flag}"


def _option_rows(expiry: Expiry) -> Iterator[Row]:
    """What options of an expiry cost and where open interest is; nothing without a chain."""
    priced, pain = expiry.priced, expiry.max_pain
    if priced is not None:
        at = f"forward {priced.forward:,.0f}, volatility at the money {priced.at_the_money:.1f}%"
        yield f"options {expiry.expiry}", f"straddle {priced.straddle_points:,.0f} points", at
        point = expiry.breach_curve[len(expiry.breach_curve) // 2]
        if point.priced_close is not None and point.centred_close is not None:
            chances = f"{point.priced_close:.0%} priced, {point.centred_close:.0%} expected"
            yield "", chances, f"close over {point.distance:,} points from the forward, from the forecast's mean"
    if pain is not None and pain.basis == "options":
        shown = "" if priced is not None else f"options {expiry.expiry}"
        yield shown, f"max pain {pain.strike:,.0f}", "by open interest; no forecast"


def _buyer_rows(document: Document) -> Iterator[Row]:
    buyer = document.buyer
    coming, levels, theta = buyer.breakout_today, buyer.breakout_levels, buyer.theta_edge
    yield "breakout", _forecast(coming), f"on {coming.session}; usual {coming.base_rate:.0%}"
    yield (
        "breakout levels",
        f"{levels.lower:,.0f} / {levels.upper:,.0f}",
        f"{levels.multiple} x ATR14 from the last close"
        + (", the range so far counted in" if document.forecast.session is not None else "")
        + ("" if levels.broken_out == "none" else f"; crossed: {levels.broken_out}"),
    )
    cost = f"of {theta.straddle_cost_points:,.0f} points, priced by options, " if theta.cost_basis == "options" else ""
    yield (
        "theta edge",
        _forecast(theta),
        f"straddle {cost}pays {theta.expected_payoff_ratio:.2f} of its cost on average, +/- {theta.payoff_error:.2f}",
    )
    yield "buyer environment", buyer.buyer_environment.label, f"regime {buyer.regime}"


def _forecast(head: Trap | Breakout | ThetaEdge) -> str:
    """A head's word and score, or that its base rate stands for both."""
    return f"{head.label if head.reason is None else NO_WORD} {head.score:.0%}"
