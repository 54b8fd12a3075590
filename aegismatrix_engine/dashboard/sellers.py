"""The Sellers tab: where it will close, what is touched on the way, and how today compares with its own past."""

from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.chart_data import BreachPoint, LadderRow
from aegismatrix_engine.dashboard.expected_closes import CloseRow, expected_closes
from aegismatrix_engine.dashboard.figures import Figure, Figures, Sentence
from aegismatrix_engine.dashboard.open_interest import OpenInterest, open_interest
from aegismatrix_engine.dashboard.option_prices import OptionPrices, option_prices
from aegismatrix_engine.dashboard.wording import Chance, chance, mark_of

FLAG_WORDS: Final = {
    "FAVOURABLE": "smaller moves than usual after days like this",
    "CAUTION": "about usual",
    "HOSTILE": "larger moves than usual after days like this",
}
GRADE_WORDS: Final = {"NARROW": "narrow for its year", "USUAL": "usual for its year", "WIDE": "wide for its year"}


@dataclass(frozen=True)
class BreachTable:
    """Chances of a move away from spot by one expiry.

    Attributes:
        expiry: its date.
        rows: distance, touch above, touch below, close above, close below.
        points: the same for the chart.
    """

    expiry: Figure
    rows: tuple[tuple[Figure, ...], ...]
    points: tuple[BreachPoint, ...]
    mark: str


@dataclass(frozen=True)
class Zone:
    """Where the nearest expiry is expected to close, in strikes."""

    expiry: Figure
    lower: Figure
    upper: Figure
    confidence: Figure
    mark: str


@dataclass(frozen=True)
class Width:
    """How wide the nearest range is for its year, and what followed ranges of such a width; empty if not measured."""

    percentile: Figure
    share: float
    words: str
    past: Sentence
    mark: str


@dataclass(frozen=True)
class SellersTab:
    """Everything of the tab, in its order."""

    closes: tuple[CloseRow, ...]
    ladder: tuple[LadderRow, ...]
    spot: float
    breaches: tuple[BreachTable, ...]
    trap: Chance
    trap_10: Chance | None
    trap_percentiles: tuple[Figure, Figure]
    stress: Chance
    stress_distance: Figure
    stress_sessions: Figure
    stress_priced: Figure | None
    tails: tuple[Figure, Figure]
    tail_shares: tuple[float, float]
    tails_expiry: Figure
    tails_priced: bool
    tails_mark: str
    width: Width | None
    flag: str
    reasons: tuple[str, ...]
    flag_mark: str
    zone: Zone | None
    held: tuple[OpenInterest, ...]
    options: OptionPrices | None


def sellers_tab(figures: Figures) -> SellersTab:
    """The tab of one document."""
    seller = figures.document.seller
    rows = tuple(expected_closes(figures))
    return SellersTab(
        closes=tuple(row for row, _ in rows),
        ladder=tuple(ladder for _, ladder in rows),
        spot=figures.document.market.spot,
        breaches=tuple(_breaches(figures, index) for index in range(len(seller.expiries))),
        trap=chance(figures, "seller.trap"),
        trap_10=_trap_10(figures),
        trap_percentiles=(
            figures("percent", "seller.trap.iv_percentile"),
            figures("percent", "seller.trap.rv_percentile"),
        ),
        stress=chance(figures, "seller.expiry_stress"),
        stress_distance=figures("size_whole", "seller.expiry_stress.distance_points"),
        stress_sessions=figures("count", "seller.expiry_stress.sessions_left"),
        stress_priced=None
        if seller.expiry_stress.priced_close is None
        else figures("percent", "seller.expiry_stress.priced_close"),
        tails=(figures("percent", "seller.skew.put_skew"), figures("percent", "seller.skew.call_skew")),
        tail_shares=(seller.skew.put_skew, seller.skew.call_skew),
        tails_expiry=figures("day", "seller.skew.expiry"),
        tails_priced=seller.skew.basis == "options",
        tails_mark=mark_of(figures, "seller.skew"),
        width=_width(figures),
        flag=FLAG_WORDS[seller.seller_flag.label],
        reasons=tuple(seller.seller_flag.reasons),
        flag_mark=mark_of(figures, "seller.seller_flag"),
        zone=None if seller.max_pain.basis == "options" else _zone(figures),
        held=open_interest(figures),
        options=option_prices(figures),
    )


def _breaches(figures: Figures, index: int) -> BreachTable:
    path = f"seller.expiries.{index}"
    curve = figures.value(f"{path}.breach_curve")
    chances = ("touch_up", "touch_down", "close_up", "close_down")
    rows = tuple(
        (
            figures("count", f"{path}.breach_curve.{place}.distance"),
            *(figures("percent", f"{path}.breach_curve.{place}.{name}") for name in chances),
        )
        for place in range(len(curve))
    )
    points = tuple(
        BreachPoint(one.distance, one.touch_up, one.touch_down, one.close_up, one.close_down) for one in curve
    )
    return BreachTable(figures("day", f"{path}.expiry"), rows, points, mark_of(figures, path))


def _trap_10(figures: Figures) -> Chance | None:
    """The trap over ten sessions, a head of its own; None in documents that do not give its base rate."""
    trap = figures.document.seller.trap
    if trap.base_rate_10 is None:
        return None
    return chance(figures, "seller.trap", "score_10", "base_rate_10", "_10")


def _width(figures: Figures) -> Width | None:
    found = figures.document.seller.range_width
    if found is None:
        return None
    path = "seller.range_width"
    return Width(
        percentile=figures("percent", f"{path}.percentile"),
        share=found.percentile,
        words=GRADE_WORDS[found.grade],
        past=_after_such(figures, path),
        mark=mark_of(figures, path),
    )


def _after_such(figures: Figures, path: str) -> Sentence:
    measured = ("median_move", "usual_median_move", "held", "usual_held", "touched", "usual_touched")
    if any(figures.value(f"{path}.{name}") is None for name in measured):
        return ()
    move, usual_move = (figures("percent_hundredths", f"{path}.{name}") for name in measured[:2])
    held, usual_held, touched, usual_touched = (figures("percent", f"{path}.{name}") for name in measured[2:])
    ranges = figures("count", f"{path}.ranges")
    return (
        *("After ", ranges, " past ranges of such a width the index moved ", move, " in the median (usually "),
        *(usual_move, "); ", held, " of them held (usually ", usual_held, "), ", touched, " were left on the way "),
        *("(usually ", usual_touched, ")."),
    )


def _zone(figures: Figures) -> Zone:
    path = "seller.max_pain"
    return Zone(
        expiry=figures("day", f"{path}.expiry"),
        lower=figures("level_whole", f"{path}.lower"),
        upper=figures("level_whole", f"{path}.upper"),
        confidence=figures("percent", f"{path}.confidence"),
        mark=mark_of(figures, path),
    )
