"""What option prices and open interest add to the signals; the forecasts beside them stay as they are."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from aegismatrix_engine.document.schema import expiries as schema
from aegismatrix_engine.document.schema.block import Block
from aegismatrix_engine.document.schema.options import OpenInterest, Priced, Wall
from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS
from aegismatrix_engine.document.schema.seller import ExpiryStress, Seller, Skew
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.options import max_pain
from aegismatrix_engine.options.skew import heaviness
from aegismatrix_engine.options.summary import ExpirySummary, PricedExpiry

Changed = TypeVar("Changed", bound=Block)

Summaries = Mapping[str, ExpirySummary]
"""What a chain says, by the date of the expiry, 'YYYY-MM-DD'."""


def priced_seller(origin: Origin, seller: Seller, summaries: Summaries) -> Seller:
    """The seller's block with prices, premiums and open interest; what the chain does not say stays as it is."""
    expiries = [_expiry(origin, one, summaries.get(one.expiry)) for one in seller.expiries]
    nearest = next(one for one in expiries if one.expiry == seller.max_pain.expiry)
    return changed(
        seller,
        expiries=expiries,
        max_pain=changed(seller.max_pain, **dict(nearest.max_pain)),
        skew=_skew(seller.skew, prices_of(summaries, seller.skew.expiry)),
        expiry_stress=_stress(seller.expiry_stress, prices_of(summaries, seller.expiry_stress.expiry)),
    )


def prices_of(summaries: Summaries, expiry: str | None) -> PricedExpiry | None:
    """The prices of an expiry; None where the chain has none of it that can be used."""
    found = None if expiry is None else summaries.get(expiry)
    return found.prices if found is not None and isinstance(found.prices, PricedExpiry) else None


def straddle_points(origin: Origin, sessions: int, summaries: Summaries) -> float | None:
    """What the straddle of the nearest expiry is quoted at, index points.

    None where it is not, or where that expiry is farther away than the ``sessions`` that straddles are judged over.
    """
    if origin.nearest is None or origin.nearest_sessions != sessions:
        return None
    prices = prices_of(summaries, f"{origin.nearest.date:%Y-%m-%d}")
    return None if prices is None else prices.straddle.points


def close_beyond(
    prices: PricedExpiry, spot: float, index: float = math.nan
) -> Callable[[float, float], tuple[float, float]]:
    """Distances above and below a document's spot, index points -> the chance of a close beyond each level.

    They are read from the priced distribution at these very levels, NaN where it does not reach so far. Spot and chain
    may be minutes apart: what the index moved between them is taken off, in proportion, so that prices and forecast
    count from one level and neither knows more than the other.

    Args:
        prices: of the expiry.
        spot: of the document.
        index: level at the moment of the prices; where it is not known, as in a file of a day's close, it is ``spot``.
    """
    moved = index / spot if index > 0 else 1.0
    forward = prices.forward.level

    def beyond(up: float, down: float) -> tuple[float, float]:
        above, below = moved * (spot + up) - forward, forward - moved * (spot - down)
        chance_up, chance_down = prices.close_beyond(np.array([above]), np.array([below]))
        return float(chance_up[0]), float(chance_down[0])

    return beyond


def changed(block: Changed, **values: Any) -> Changed:
    """A block with other values, rounded and checked as any is."""
    return type(block)(**{**dict(block), **values})


def _expiry(origin: Origin, expiry: schema.Expiry, found: ExpirySummary | None) -> schema.Expiry:
    if found is None:
        return expiry
    values: dict[str, Any] = {}
    if isinstance(found.prices, PricedExpiry):
        values["priced"] = _priced(found.prices)
        values["breach_curve"] = _curve(origin, expiry, found.prices)
    if isinstance(found.open_interest, max_pain.OpenInterest):
        values["open_interest"] = _open_interest(found.open_interest)
        values["max_pain"] = _max_pain(origin, expiry.sessions_left, found.open_interest)
    return changed(expiry, **values)


def _priced(prices: PricedExpiry) -> Priced:
    wings, straddle = prices.wings, prices.straddle
    return Priced(
        kind="mid" if prices.kind == "mid" else "last",
        forward=prices.forward.level,
        days=round(prices.days, FRACTION_DECIMALS),
        at_the_money=wings.at_the_money,
        straddle_points=straddle.points,
        straddle_strike=straddle.strike,
        put_25_delta=wings.put,
        call_25_delta=wings.call,
        risk_reversal=wings.risk_reversal,
        butterfly=wings.butterfly,
        quotes_used=prices.quotes_used,
        share_inside=prices.inside,
    )


def _curve(origin: Origin, expiry: schema.Expiry, prices: PricedExpiry) -> list[schema.BreachCurvePoint]:
    """The chances by distance with those that prices imply, absent farther out than usable strikes tell.

    Prices have the forward as their mean and the forecast has its own, with the drift of the past in it. A premium
    compares chances that are each counted from their mean. Sums and differences are of the published numbers.
    """
    distances = np.array([point.distance for point in expiry.breach_curve], dtype=np.float64)
    up, down = (np.round(side, FRACTION_DECIMALS) for side in prices.close_beyond(distances, distances))
    either = np.round(np.minimum(up + down, 1.0), FRACTION_DECIMALS)
    beyond = origin.forecast.distribution.close_beyond_mean(expiry.sessions_left, distances / origin.spot)[0]
    centred = np.where(np.isfinite(either), np.round(beyond, FRACTION_DECIMALS), np.nan)
    return [
        changed(
            point,
            priced_close=_known(either[i]),
            priced_close_up=_known(up[i]),
            priced_close_down=_known(down[i]),
            centred_close=_known(centred[i]),
            premium=_known(either[i] - centred[i]),
        )
        for i, point in enumerate(expiry.breach_curve)
    ]


def _known(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def _max_pain(origin: Origin, sessions: int, found: max_pain.OpenInterest) -> schema.ExpiryMaxPain:
    """Max pain and its zone, with the forecast's own chance of a close in it."""
    edges = np.log(np.array([found.lower, found.upper]) / origin.spot)
    inside = origin.forecast.distribution.cumulative(sessions, edges)[0]
    return schema.ExpiryMaxPain(
        strike=found.max_pain,
        lower=found.lower,
        upper=found.upper,
        confidence=float(inside[1] - inside[0]),
        basis="options",
    )


def _open_interest(found: max_pain.OpenInterest) -> OpenInterest:
    call_walls, put_walls = (
        [Wall(strike=wall.strike, open_interest=wall.open_interest) for wall in walls]
        for walls in (found.call_walls, found.put_walls)
    )
    return OpenInterest(
        calls=found.calls,
        puts=found.puts,
        put_call_ratio=found.put_call_ratio,
        call_walls=call_walls,
        put_walls=put_walls,
        strikes=found.strikes,
        partial=found.partial,
    )


def _skew(skew: Skew, prices: PricedExpiry | None) -> Skew:
    """How dear each side is beside the money, where both sides are priced."""
    if prices is None:
        return skew
    wings = prices.wings
    put, call = heaviness(wings.put, wings.at_the_money), heaviness(wings.call, wings.at_the_money)
    if put is None or call is None:
        return skew
    put, call = round(put, FRACTION_DECIMALS), round(call, FRACTION_DECIMALS)
    return changed(skew, put_skew=put, call_skew=call, net_skew=call - put, basis="options", models=[])


def _stress(stress: ExpiryStress, prices: PricedExpiry | None) -> ExpiryStress:
    """The priced chance of a close beyond the stress distance, beside the score, which it does not change."""
    if prices is None:
        return stress
    distance = np.array([stress.distance_points])
    up, down = prices.close_beyond(distance, distance)
    return changed(stress, priced_close=_known(up[0] + down[0]))
