"""Forecasts of one signal from many closes, as columns."""

from dataclasses import dataclass

from aegismatrix_engine.backtest.origins import Known
from aegismatrix_engine.document.schema.block import Basis
from aegismatrix_engine.record.rows import Event
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SignalForecasts:
    """Forecasts of one signal and event, from some of m closes; arrays (m,).

    Attributes:
        steps: sessions from each close to the one that decides.
        probability: as published.
        known: by climatology and by the volatility index alone.
        basis: of all, or of each.
        threshold: NaN where the event has none, as ``lower`` and ``upper``.
        made: the closes that have the forecast; None for all.
    """

    signal: str
    event: Event
    steps: IntArray
    probability: FloatArray
    known: Known
    basis: Basis
    threshold: FloatArray | None = None
    lower: FloatArray | None = None
    upper: FloatArray | None = None
    made: BoolArray | None = None
