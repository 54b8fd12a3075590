"""Where the market stands: the index, its volatility index and the regime."""

from typing import Final, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.quantities import (
    Day,
    Fraction,
    Level,
    Points,
    Ratio,
    Share,
    Signal,
    Timestamp,
    VolPointChange,
    VolPoints,
)

MarketRegime = Literal["LOW_VOL_BULL", "HIGH_VOL_BULL", "LOW_VOL_BEAR", "HIGH_VOL_BEAR", "SIDEWAYS", "CHOPPY"]
PreviousCloseBasis = Literal["official", "rebuilt"]

TREND_SIGMAS: Final = 0.5
"""Size of ``trend_sigmas`` from which the market counts as rising or falling."""

HIGH_VOLATILITY: Final = 0.5
"""``volatility_percentile`` from which volatility counts as high: the median of its last five years."""


def market_regime(trend_sigmas: float, volatility_percentile: float) -> MarketRegime:
    """The word for a trend and a volatility; every pair of finite numbers has exactly one.

    A rise is a bull, a fall a bear, in low or high volatility; without either the market goes sideways where
    volatility is low, and is choppy where it is high.
    """
    high = volatility_percentile >= HIGH_VOLATILITY
    if trend_sigmas >= TREND_SIGMAS:
        return "HIGH_VOL_BULL" if high else "LOW_VOL_BULL"
    if trend_sigmas <= -TREND_SIGMAS:
        return "HIGH_VOL_BEAR" if high else "LOW_VOL_BEAR"
    return "CHOPPY" if high else "SIDEWAYS"


class Market(Signal):
    """The index and its volatility index at ``as_of``, against the previous session's close."""

    spot: Level = Field(description="Last index level known at as_of, in index points.")
    spot_change: Points = Field(description="spot less previous_close, in index points.")
    spot_change_pct: Fraction = Field(description="spot_change over previous_close, a fraction.")
    vix: VolPoints = Field(description="Volatility index at as_of, in vol points (annualised %).")
    vix_change: VolPointChange = Field(description="vix less its previous session's close, in vol points.")
    vix_change_pct: Fraction = Field(description="vix_change over the volatility index's previous close, a fraction.")
    regime: MarketRegime = Field(description="Trend and volatility put in one word.")
    previous_close: Level = Field(description="Close of the session before, in index points.")
    previous_close_date: Day = Field(description="The session whose close previous_close is.")
    previous_close_basis: PreviousCloseBasis = Field(
        description="official: the exchange's close; rebuilt: made from the session's bars, its official close missing."
    )
    vix_as_of: Timestamp | None = Field(
        default=None, description="When vix was known; absent where the engine's own stands in."
    )
    vix_basis: Literal["market", "estimator"] = Field(
        description="market: the published volatility index; estimator: the engine's own, where the index is missing."
    )
    trend_sigmas: Ratio = Field(description="Return of the last 22 sessions in units of its own standard deviation.")
    volatility_percentile: Share = Field(description="Where the volatility forecast stands in its own past, 0..1.")
