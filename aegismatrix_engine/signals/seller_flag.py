"""The seller's situation in words: by the heads that are proven, or by the width of the range where none is."""

import math
from typing import get_args

from aegismatrix_engine.document.schema import seller as schema
from aegismatrix_engine.document.schema.block import Color
from aegismatrix_engine.document.schema.range_width import RangeWidth
from aegismatrix_engine.document.schema.situation import FLAG_LABELS, seller_words
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.signals.range_width import width_reason

COLORS: tuple[Color, ...] = get_args(Color)


def seller_flag(origin: Origin, trap: schema.Trap, stress: schema.ExpiryStress, width: RangeWidth) -> schema.SellerFlag:
    """The flag with its reasons, which say what it rests on."""
    label, _, _ = seller_words(trap.word, stress.word, width.grade)
    # Its reasons quote all three, whichever of them the word rests on.
    models = {*width.models, *trap.models, *stress.models}
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
        basis=origin.basis(*models),
        models=sorted(models),
    )


def _rests_on(trap: schema.Trap, stress: schema.ExpiryStress) -> str:
    if trap.word is None and stress.word is None:
        return (
            "The word is that of the range's width: it grades how far the index moves after such ranges, not whether "
            "selling pays, for the premium is smaller when they are narrow"
        )
    names = [name for name, head in (("the trap", trap), ("expiry stress", stress)) if head.word is not None]
    return f"The word rests on {' and '.join(names)}, which the walk through the past has proven"


def _trap_reason(origin: Origin, trap: schema.Trap) -> str:
    implied = origin.market.volatility_index
    paid = "the engine's own volatility forecast" if implied is None else f"{implied.name} pays for"
    chance = f"Chance that the next 5 sessions realise more variance than {paid}"
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
        known = "There is no volatility index" if origin.market.volatility_index is None else f"{index} is not known"
        return f"{known}; realised volatility is above {trap.rv_percentile:.0%} of its values of the last year"
    share = f"{trap.iv_percentile:.0%} of its values of the last year"
    return f"{index} is above {share}, realised volatility above {trap.rv_percentile:.0%}"
