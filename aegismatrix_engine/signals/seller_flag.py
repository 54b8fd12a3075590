"""The seller's situation in words: by the heads that are proven, or by the width of the range where none is."""

import math
from typing import get_args

from aegismatrix_engine.document.schema import seller as schema
from aegismatrix_engine.document.schema.block import Basis, Color, Signal
from aegismatrix_engine.document.schema.range_width import RangeWidth
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.signals.range_width import GRADES as WIDTH_GRADES
from aegismatrix_engine.signals.range_width import width_reason

TRAP_LABELS: tuple[schema.TrapLabel, ...] = get_args(schema.TrapLabel)
STRESS_LABELS: tuple[schema.StressLabel, ...] = get_args(schema.StressLabel)
FLAG_LABELS: tuple[schema.SellerFlagLabel, ...] = get_args(schema.SellerFlagLabel)
REGIMES: tuple[schema.SellerRegime, ...] = get_args(schema.SellerRegime)
DAILY_FLAGS: tuple[schema.DailyFlag, ...] = get_args(schema.DailyFlag)
COLORS: tuple[Color, ...] = get_args(Color)


def seller_words(
    trap: schema.Trap, stress: schema.ExpiryStress, width: RangeWidth
) -> tuple[schema.SellerFlagLabel, schema.SellerRegime, schema.DailyFlag]:
    """Words of ``seller_flag``, ``regime`` and ``daily_flag``.

    Trap and stress grade 0..2 each. With both proven the flag is favourable at 0 or 1 together, caution at 2, hostile
    from 3 on; the regime is the larger grade; the day is that of stress, one worse with a high trap. One proven head
    alone gives all three, and where none is, the grade of the range's width does.
    """
    of_trap = None if trap.word is None else TRAP_LABELS.index(trap.word)
    of_stress = None if stress.word is None else STRESS_LABELS.index(stress.word)
    if of_trap is not None and of_stress is not None:
        together = of_trap + of_stress
        flag, regime = max(min(together, 3) - 1, 0), max(of_trap, of_stress)
        day = min(of_stress + (of_trap == 2), 2)
    else:
        proven = [grade for grade in (of_trap, of_stress) if grade is not None]
        flag = regime = day = proven[0] if proven else WIDTH_GRADES.index(width.grade)
    return FLAG_LABELS[flag], REGIMES[regime], DAILY_FLAGS[day]


def seller_flag(origin: Origin, trap: schema.Trap, stress: schema.ExpiryStress, width: RangeWidth) -> schema.SellerFlag:
    """The flag with its reasons, which say what it rests on."""
    label, _, _ = seller_words(trap, stress, width)
    proven: list[Signal] = [head for head in (trap, stress) if head.word is not None]
    resting = proven or [width]
    return schema.SellerFlag(
        label=label,
        color=COLORS[FLAG_LABELS.index(label)],
        reasons=[
            _rests_on(trap, stress),
            width_reason(width),
            _trap_reason(origin, trap),
            _stress_reason(origin, stress),
            _past_reason(origin, trap),
        ],
        basis=_basis([head.basis for head in resting]),
        models=sorted({model for head in resting for model in head.models}),
    )


def _basis(found: list[Basis]) -> Basis:
    return "prior" if "prior" in found else "model"


def _rests_on(trap: schema.Trap, stress: schema.ExpiryStress) -> str:
    if trap.word is None and stress.word is None:
        return (
            "The word is that of the range's width: it grades how far the index moves after such ranges, not whether "
            "selling pays, for the premium is smaller when they are narrow"
        )
    names = [name for name, head in (("the trap", trap), ("expiry stress", stress)) if head.word is not None]
    return f"The word rests on {' and '.join(names)}, which the walk through the past has proven"


def _trap_reason(origin: Origin, trap: schema.Trap) -> str:
    index = origin.market.volatility_index_name
    chance = f"Chance that the next 5 sessions realise more variance than {index} pays for"
    if trap.word is None:
        return f"{chance}: {trap.reason}; usually {trap.base_rate:.0%}"
    return f"{chance}: {trap.score:.0%}, usually {trap.base_rate:.0%}"


def _stress_reason(origin: Origin, stress: schema.ExpiryStress) -> str:
    until = stress.expiry or origin.date_ahead(stress.sessions_left)
    chance = f"Chance of a touch {stress.distance_points:,.0f} points away by {until}: {stress.score:.0%}"
    word = "" if stress.word else f"; no word: {stress.reason}"
    return f"{chance}, usually {stress.base_rate:.0%}{word}"


def _past_reason(origin: Origin, trap: schema.Trap) -> str:
    index = origin.market.volatility_index_name
    if not math.isfinite(origin.features.series.vix[-1]):
        return (
            f"{index} is not known; realised volatility is above {trap.rv_percentile:.0%} of its values of the last "
            "year"
        )
    share = f"{trap.iv_percentile:.0%} of its values of the last year"
    return f"{index} is above {share}, realised volatility above {trap.rv_percentile:.0%}"
