"""The kinds of number a document holds, and the one place where they are rounded.

A field's type rounds on construction, before its bounds are checked: probabilities, scores, fractions and ratios to 4
decimals, relative moves to 6, levels, points and volatility points to 2. Rounding to nearest is monotone, so quantities
that are ordered before it are ordered (or equal) after it; sums are not safe from it, which is what
:func:`complementary` and :func:`three_way` are for.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from aegismatrix_engine.document.schema.meaning import Kind

FRACTION_DECIMALS = 4
POINT_DECIMALS = 2
MOVE_DECIMALS = 6


def _to_decimals(decimals: int) -> Callable[[Any], Any]:
    def to_decimals(value: Any) -> Any:
        if isinstance(value, float) and math.isfinite(value):
            # float() because numpy's own rounding scales first and is off by an ulp; + 0.0 turns -0.0 into 0.0.
            return round(float(value), decimals) + 0.0
        return value

    return to_decimals


_FOUR = BeforeValidator(_to_decimals(FRACTION_DECIMALS))
_TWO = BeforeValidator(_to_decimals(POINT_DECIMALS))
_SIX = BeforeValidator(_to_decimals(MOVE_DECIMALS))

Probability = Annotated[float, Field(ge=0.0, le=1.0), _FOUR, Kind("probability")]
Share = Annotated[float, Field(ge=0.0, le=1.0), _FOUR, Kind("fraction")]
SignedUnit = Annotated[float, Field(ge=-1.0, le=1.0), _FOUR, Kind("fraction")]
Fraction = Annotated[float, _FOUR, Kind("fraction")]
Size = Annotated[float, Field(ge=0.0), _FOUR, Kind("ratio")]
Brier = Annotated[float, Field(ge=0.0), _FOUR, Kind("squared probability")]
Move = Annotated[float, Field(ge=0), _SIX, Kind("fraction")]
FineScore = Annotated[float, Field(ge=0, le=1), _SIX, Kind("fraction")]
Ratio = Annotated[float, _FOUR]
Level = Annotated[float, Field(gt=0.0), _TWO, Kind("index level")]
Points = Annotated[float, _TWO, Kind("index points")]
Distance = Annotated[float, Field(ge=0.0), _TWO, Kind("index points")]
VolPoints = Annotated[float, Field(gt=0.0), _TWO, Kind("vol points")]
VolPointChange = Annotated[float, _TWO, Kind("vol points")]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
SessionCount = Annotated[int, Field(ge=0), Kind("sessions")]
Sessions = Annotated[int, Field(gt=0), Kind("sessions")]
WholePoints = Annotated[int, Field(gt=0), Kind("index points")]


def complementary(p: float) -> tuple[float, float]:
    """``(p, 1 - p)``, both to 4 decimals, summing to 1 after rounding; ``p`` is a probability in 0..1."""
    rounded = round(float(p), FRACTION_DECIMALS) + 0.0
    return rounded, round(1.0 - rounded, FRACTION_DECIMALS) + 0.0


def three_way(p_up: float, p_down: float) -> tuple[float, float, float]:
    """``(up, down, neutral)`` to 4 decimals, none negative, summing to 1 after rounding.

    The neutral share takes the rounding. Where none is left for it (up and down both rounded away from a sum of 1),
    the larger of the two gives back the excess.

    Args:
        p_up: probability in 0..1.
        p_down: probability in 0..1, with ``p_up + p_down <= 1`` but for floating point noise.
    """
    up, down = round(float(p_up), FRACTION_DECIMALS) + 0.0, round(float(p_down), FRACTION_DECIMALS) + 0.0
    excess = round(up + down - 1.0, FRACTION_DECIMALS)
    if excess > 0:
        up, down = (round(up - excess, 4), down) if up >= down else (up, round(down - excess, 4))
    return up, down, max(round(1.0 - up - down, FRACTION_DECIMALS), 0.0)
