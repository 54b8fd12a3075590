"""The market at one moment: the index, its volatility index and the regime."""

from typing import Final, Literal

from aegismatrix_engine.document.schema.block import Block, Day, Signal, Timestamp
from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.quantities import (
    Fraction,
    Level,
    Points,
    Ratio,
    Share,
    VolPointChange,
    VolPoints,
)

MarketRegime = Literal["LOW_VOL_BULL", "HIGH_VOL_BULL", "LOW_VOL_BEAR", "HIGH_VOL_BEAR", "SIDEWAYS", "CHOPPY"]
PreviousCloseBasis = Literal["official", "rebuilt"]
EventKind = Literal["union_budget", "general_election_count", "fomc", "us_presidential_election"]

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


EVENT_SESSIONS: Final = 20
"""Sessions ahead whose scheduled events are published."""


class ScheduledEvent(Block):
    """An event whose date is announced and whose outcome is not."""

    date: Day = published(
        "Day on which it takes place, at its own place: a decision in New York comes after the close of NSE."
    )
    kind: EventKind = published(
        "union_budget: the budget of India, interim ones included. general_election_count: counting of the votes of a "
        "general election in India. fomc: decision of a scheduled meeting of the Federal Reserve. "
        "us_presidential_election: its day."
    )


class Market(Signal):
    """The index and its volatility index at ``as_of``, against the previous session's close."""

    spot: Level = published("Official close of the last session; inside a session the close of its newest bar.")
    spot_change: Points = published("Change of the index since previous_close.", "spot - previous_close")
    spot_change_pct: Fraction = published("Relative change of the index.", "spot / previous_close - 1")
    vix: VolPoints = published(
        "Volatility index at as_of, annualised per cent.",
        "inside a session the close of its newest bar (forecasts use the median of the last {{ VIX_BARS }}); else the "
        "close of the volatility index, at most {{ VIX_CARRIED_SESSIONS }} sessions old unless the run allows more; "
        "else the engine's own: 100 x sqrt(Y) x B_22",
    )
    vix_change: VolPointChange = published(
        "vix less its previous session's close; 0 where either is not known.",
        "vix - close of the session before the last; inside a session, of the last",
    )
    vix_change_pct: Fraction = published("Relative change of the volatility index.", "vix_change / (vix - vix_change)")
    regime: MarketRegime = published(
        "Trend and volatility put in one word.",
        "by trend_sigmas and volatility_percentile, as published",
        cut_offs="trend_sigmas at least {{ TREND_SIGMAS }}: HIGH_VOL_BULL where volatility_percentile is at least "
        "{{ HIGH_VOLATILITY }}, else LOW_VOL_BULL. At most -{{ TREND_SIGMAS }}: HIGH_VOL_BEAR and LOW_VOL_BEAR by the "
        "same cut. In between: CHOPPY where volatility_percentile is at least {{ HIGH_VOLATILITY }}, else SIDEWAYS",
    )
    previous_close: Level = published(
        "Close of the session before, special ones included.",
        "the session before the last; inside a session, the last",
        updates="session",
    )
    previous_close_date: Day = published("The session whose close previous_close is.")
    previous_close_basis: PreviousCloseBasis = published("official, or rebuilt from the session's bars: see health.")
    vix_as_of: Timestamp | None = published(
        "End of the bar or session that vix is of; absent where vix is the engine's own.", default=None
    )
    vix_basis: Literal["market", "estimator"] = published(
        "market: the published index; estimator: the engine's own, where that is missing."
    )
    trend_sigmas: Ratio = published(
        "Return of the last {{ TREND_SESSIONS }} sessions in units of its own standard deviation.",
        "(C[t] - C[t-{{ TREND_SESSIONS }}]) / sqrt({{ TREND_SESSIONS }} x mean of V over {{ TREND_SESSIONS }} "
        "sessions)",
        unit="standard deviations",
        updates="session",
    )
    volatility_percentile: Share = published(
        "How high the volatility forecast is among its own past values; equals direction.risk_score.",
        "percentile of B_5 among today's model's B_5 at the closes of the last {{ RISK_YEARS }} years",
        updates="session",
    )
    events: list[ScheduledEvent] | None = published(
        "Scheduled events that one of the next {{ EVENT_SESSIONS }} sessions is the first to show, by date; empty "
        "where none was announced by as_of. Absent in documents of earlier versions.",
        "the tables of the market's events, see scheduled events",
        updates="event",
        does_not_say="whether the forecast counts the kind; scheduled events lists those that it does.",
        default=None,
    )
