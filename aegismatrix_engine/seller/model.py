"""What the seller's signals stand on beside the return distribution; each class is one model file."""

from dataclasses import dataclass

from aegismatrix_engine.scores import MeasuredRate
from aegismatrix_engine.seller.stress import StressBase
from aegismatrix_engine.seller.trap import TrapForecaster
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.label_cuts import LabelCuts


@dataclass(frozen=True)
class TrapModel:
    """The trap's forecaster and the cuts of its label."""

    forecaster: TrapForecaster
    cuts: LabelCuts


@dataclass(frozen=True)
class StressModel:
    """Past share of sessions followed by a touch of the stress distance, and the cuts of the label."""

    base: StressBase
    cuts: LabelCuts


@dataclass(frozen=True)
class BreachModel:
    """What steers and measures the safe range.

    miss: (3, 45) miss rates that the intervals of conformal.COVERAGES aim at, from outcomes known by ``known_until``
    (a session, 'YYYY-MM-DD'). record: share of past safe ranges that held at their expiry.
    """

    miss: FloatArray
    known_until: str
    record: MeasuredRate
