"""The Buyers tab: whether the next sessions break out, when a session moves, and what a straddle pays back."""

from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.chart_data import WindowShare
from aegismatrix_engine.dashboard.figures import Figure, Figures, Sentence
from aegismatrix_engine.dashboard.option_prices import chain_line
from aegismatrix_engine.dashboard.wording import Chance, chance, mark_of
from aegismatrix_engine.signals.environment import PAYOFF_SESSIONS

ENVIRONMENT_WORDS: Final = {
    "PREMIUM_FRIENDLY": "larger moves than usual",
    "SPECULATIVE_ONLY": "about usual",
    "UNFAVOURABLE": "small moves",
}
PAYOFF_WORDS: Final = {
    "DONT_WASTE_PREMIUM": "pays back less than its cost on average",
    "BORDERLINE": "not told apart from its cost",
    "EDGE_JUSTIFIES_PREMIUM": "pays back more than its cost on average",
}
REGIME_WORDS: Final = {
    "TREND_FOLLOWING": "returns of the last year trended",
    "MEAN_REVERTING": "returns of the last year reverted",
    "CHOPPY": "returns of the last year neither trended nor reverted",
}
BROKEN_WORDS: Final = {"up": "upwards", "down": "downwards", "both": "on both sides"}


@dataclass(frozen=True)
class BreakoutRow:
    """The chance of a breakout on one day."""

    day: Sentence
    chance: Chance


@dataclass(frozen=True)
class Levels:
    """Levels at which the session becomes a breakout.

    Attributes:
        session: the day.
        lower, upper: index levels.
        broken: what was said once a breakout is complete; empty before.
    """

    session: Figure
    lower: Figure
    upper: Figure
    broken: Sentence
    multiple: Figure
    mark: str


@dataclass(frozen=True)
class WindowRow:
    """One window of the session: its share of the variance, and against its usual part."""

    window: Figure
    share: Figure
    against: Figure
    state: str


@dataclass(frozen=True)
class Straddle:
    """What a straddle at the money to the nearest expiry pays back, over its cost.

    Attributes:
        cost: by option prices where ``proxy`` is there, else implied by the volatility index.
        proxy: the implied cost beside that by prices; None where no price was used.
        past: the sessions whose moves the ratio is of, where it is no forecast and the cost is by prices; else 0.
        chain: which chain the cost is from, and how old it is; empty without one.
    """

    ratio: Figure
    error: Figure
    value: float
    low: float
    high: float
    words: str
    chance: Chance
    cost: Figure
    proxy: Figure | None
    past: int
    chain: Sentence
    until: Sentence
    mark: str


@dataclass(frozen=True)
class BuyersTab:
    """Everything of the tab, in its order."""

    breakouts: tuple[BreakoutRow, ...]
    breakouts_silent: tuple[str, ...]
    levels: Levels
    windows: tuple[WindowRow, ...]
    window_shares: tuple[WindowShare, ...]
    windows_today: bool
    windows_mark: str
    straddle: Straddle
    side_up: Figure
    side_down: Figure
    side_evidence: Figure
    side_constant: bool
    side_mark: str
    environment: str
    environment_reasons: tuple[str, ...]
    environment_mark: str
    regime: str
    variance_ratio: Figure
    z_statistic: Figure


def buyers_tab(figures: Figures) -> BuyersTab:
    """The tab of one document."""
    buyer = figures.document.buyer
    side = buyer.spike_direction_bias
    breakouts = tuple(_breakout(figures, index) for index in range(len(buyer.breakout_next)))
    return BuyersTab(
        breakouts=breakouts,
        breakouts_silent=tuple(dict.fromkeys(row.chance.reason for row in breakouts if row.chance.reason)),
        levels=_levels(figures),
        windows=tuple(_window(figures, index) for index in range(len(buyer.gamma_windows))),
        window_shares=tuple(
            WindowShare(
                one.window[:5], one.share, one.share / one.against_usual if one.against_usual else None, one.state
            )
            for one in buyer.gamma_windows
        ),
        windows_today=figures.document.forecast.session is not None,
        windows_mark=mark_of(figures, "buyer.gamma"),
        straddle=_straddle(figures),
        side_up=figures("percent", "buyer.spike_direction_bias.up_prob"),
        side_down=figures("percent", "buyer.spike_direction_bias.down_prob"),
        side_evidence=figures("count", "buyer.spike_direction_bias.evidence"),
        side_constant=side.up_prob == side.base_up,
        side_mark=mark_of(figures, "buyer.spike_direction_bias"),
        environment=ENVIRONMENT_WORDS[buyer.buyer_environment.label],
        environment_reasons=tuple(buyer.buyer_environment.reasons),
        environment_mark=mark_of(figures, "buyer.buyer_environment"),
        regime=REGIME_WORDS[buyer.regime],
        variance_ratio=figures("ratio", "buyer.regime_evidence.variance_ratio"),
        z_statistic=figures("signed_tenths", "buyer.regime_evidence.z_statistic"),
    )


def _breakout(figures: Figures, index: int) -> BreakoutRow:
    """By date; in session the first is today's, whose chance is that of ``breakout_today``."""
    path = f"buyer.breakout_next.{index}"
    session = figures.document.forecast.session
    today = session is not None and session.session == figures.value(f"{path}.session")
    return BreakoutRow(("today",) if today else (figures("weekday", f"{path}.session"),), chance(figures, path))


def _levels(figures: Figures) -> Levels:
    path = "buyer.breakout_levels"
    side = figures.value(f"{path}.broken_out")
    multiple = figures("ratio", f"{path}.multiple")
    broken: Sentence = ()
    if side != "none" and figures.value(f"{path}.range_so_far") is None:
        broken = (f"Already broken out {BROKEN_WORDS[side]}: the range so far is more than ", multiple, " x ATR.")
    elif side != "none":
        so_far = figures("ratio_tenths", f"{path}.range_so_far")
        broken = (f"Already broken out {BROKEN_WORDS[side]}: range ", so_far, " x ATR.")
    return Levels(
        session=figures("weekday", "buyer.breakout_today.session"),
        lower=figures("level_whole", f"{path}.lower"),
        upper=figures("level_whole", f"{path}.upper"),
        broken=broken,
        multiple=multiple,
        mark=mark_of(figures, path),
    )


def _window(figures: Figures, index: int) -> WindowRow:
    path = f"buyer.gamma_windows.{index}"
    return WindowRow(
        window=figures("text", f"{path}.window"),
        share=figures("percent", f"{path}.share"),
        against=figures("ratio", f"{path}.against_usual"),
        state=figures.value(f"{path}.state"),
    )


def _straddle(figures: Figures) -> Straddle:
    path = "buyer.theta_edge"
    found = figures.document.buyer.theta_edge
    odds, quoted = chance(figures, path), found.cost_basis == "options"
    left = figures("count", f"{path}.sessions_left")
    sessions = " session" if found.sessions_left == 1 else " sessions"
    day: Sentence = ("the next ", left, sessions)
    if found.expiry is not None:
        day = (figures("day", f"{path}.expiry"), ", ", left, sessions)
    return Straddle(
        ratio=figures("ratio", f"{path}.expected_payoff_ratio"),
        error=figures("ratio", f"{path}.payoff_error"),
        value=found.expected_payoff_ratio,
        low=found.expected_payoff_ratio - found.payoff_error,
        high=found.expected_payoff_ratio + found.payoff_error,
        words=PAYOFF_WORDS[found.word] if found.word is not None and not odds.reason else "",
        chance=odds,
        cost=figures("size_whole", f"{path}.straddle_cost_points"),
        proxy=figures("size_whole", f"{path}.proxy_cost_points") if quoted else None,
        past=PAYOFF_SESSIONS if quoted and odds.reason else 0,
        chain=chain_line(figures) if quoted else (),
        until=day,
        mark=odds.mark,
    )
