"""How the words of a seller's and a buyer's situation follow from those of the heads and from the range's width."""

from typing import Final, get_args

from aegismatrix_engine.document.schema.breakout import BreakoutLabel
from aegismatrix_engine.document.schema.buyer import BuyerEnvironmentLabel, ThetaLabel
from aegismatrix_engine.document.schema.range_width import WidthGrade
from aegismatrix_engine.document.schema.seller import DailyFlag, SellerFlagLabel, SellerRegime, StressLabel, TrapLabel

TRAP_LABELS: Final[tuple[TrapLabel, ...]] = get_args(TrapLabel)
STRESS_LABELS: Final[tuple[StressLabel, ...]] = get_args(StressLabel)
WIDTH_GRADES: Final[tuple[WidthGrade, ...]] = get_args(WidthGrade)
FLAG_LABELS: Final[tuple[SellerFlagLabel, ...]] = get_args(SellerFlagLabel)
REGIMES: Final[tuple[SellerRegime, ...]] = get_args(SellerRegime)
DAILY_FLAGS: Final[tuple[DailyFlag, ...]] = get_args(DailyFlag)


def seller_words(
    trap: TrapLabel | None, stress: StressLabel | None, width: WidthGrade
) -> tuple[SellerFlagLabel, SellerRegime, DailyFlag]:
    """Words of ``seller_flag``, ``regime`` and ``daily_flag``; trap, stress: words of the heads, None while unproven.

    Trap and stress grade 0..2 each. With both proven the flag is favourable at 0 or 1 together, caution at 2, hostile
    from 3 on; the regime is the larger grade; the day is that of stress, one worse with a high trap. One proven head
    alone gives all three, and where none is, the grade of the range's width does.
    """
    of_trap = None if trap is None else TRAP_LABELS.index(trap)
    of_stress = None if stress is None else STRESS_LABELS.index(stress)
    if of_trap is not None and of_stress is not None:
        together = of_trap + of_stress
        flag, regime = max(min(together, 3) - 1, 0), max(of_trap, of_stress)
        day = min(of_stress + (of_trap == 2), 2)
    else:
        proven = [grade for grade in (of_trap, of_stress) if grade is not None]
        flag = regime = day = proven[0] if proven else WIDTH_GRADES.index(width)
    return FLAG_LABELS[flag], REGIMES[regime], DAILY_FLAGS[day]


def environment_word(
    breakout: BreakoutLabel | None, theta: ThetaLabel | None, width: WidthGrade
) -> BuyerEnvironmentLabel:
    """Friendly by a proven head alone, unfavourable where moves are small for what they cost, speculative in between.

    breakout, theta: words of the two heads, None while they are not proven. Small moves: by theta, or where that is
    silent after a range that is narrow for its year.
    """
    small = width == "NARROW" if theta is None else theta == "DONT_WASTE_PREMIUM"
    if theta == "EDGE_JUSTIFIES_PREMIUM" or (breakout == "HIGH" and not small):
        return "PREMIUM_FRIENDLY"
    return "UNFAVOURABLE" if small and breakout != "HIGH" else "SPECULATIVE_ONLY"
