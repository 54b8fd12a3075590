"""The models of the buyer's signals beside the return distribution; each class is one model file."""

from dataclasses import dataclass, field

from aegismatrix_engine.buyer.breakout import BreakoutForecaster
from aegismatrix_engine.buyer.spike_side import SpikeSide
from aegismatrix_engine.buyer.straddle import StraddleForecaster
from aegismatrix_engine.buyer.targets import BREAKOUT_OFFSETS
from aegismatrix_engine.scores import MeasuredRate
from aegismatrix_engine.typing import LENGTH, FloatArray
from aegismatrix_engine.volatility.label_cuts import LabelCuts

__all__ = ["BreakoutModel", "GammaModel", "SpikeSide", "ThetaModel"]


@dataclass(frozen=True)
class BreakoutModel:
    """The five breakout forecasters, the cuts of their labels by offset, and how past calls fared.

    Attributes:
        record: share of sessions whose score was above the median of those before, that were followed by a breakout.
    """

    forecaster: BreakoutForecaster
    cuts: tuple[LabelCuts, ...] = field(metadata={LENGTH: len(BREAKOUT_OFFSETS)})
    record: MeasuredRate


@dataclass(frozen=True)
class ThetaModel:
    """The straddle's forecaster and the relative standard error of its mean pay-off, (5,), by block bootstrap."""

    forecaster: StraddleForecaster
    payoff_error: FloatArray


@dataclass(frozen=True)
class GammaModel:
    """shares: (6,) of a session's variance by window. sessions: how many they were measured on, 0 for the prior."""

    shares: FloatArray
    sessions: int
