"""Where the market stands: the index, its volatility index and the regime."""

from typing import Literal

from pydantic import Field

from aegismatrix_engine.document.schema.quantities import (
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

MarketRegime = Literal["LOW_VOL_BULL", "HIGH_VOL_BEAR", "SIDEWAYS_CHOP", "TREND_FOLLOWING"]


class Market(Signal):
    """The index and its volatility index at ``as_of``, against the previous session's official close."""

    spot: Level = Field(description="Last index level known at as_of, in index points.")
    spot_change: Points = Field(description="spot less the previous session's official close, in index points.")
    spot_change_pct: Fraction = Field(description="spot_change over previous_close, a fraction.")
    vix: VolPoints = Field(description="Volatility index at as_of, in vol points (annualised %).")
    vix_change: VolPointChange = Field(description="vix less its previous session's close, in vol points.")
    vix_change_pct: Fraction = Field(description="vix_change over the volatility index's previous close, a fraction.")
    regime: MarketRegime = Field(description="Trend and volatility put in one word.")
    previous_close: Level = Field(description="Official close of the session before, in index points.")
    vix_as_of: Timestamp | None = Field(
        default=None, description="When vix was known; absent where the engine's own stands in."
    )
    vix_basis: Literal["market", "estimator"] = Field(
        description="market: the published volatility index; estimator: the engine's own, where the index is missing."
    )
    trend_sigmas: Ratio = Field(description="Return of the last 22 sessions in units of its own standard deviation.")
    volatility_percentile: Share = Field(description="Where the volatility forecast stands in its own past, 0..1.")
