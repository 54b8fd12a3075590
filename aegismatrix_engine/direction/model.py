"""The direction model: base rates of up and down, and the margin by which a forecast must beat them to be a call."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.direction.targets import HORIZONS, dead_zone, direction_class
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution, shape_rows
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import ahead

MARGINS = (0.01, 0.02, 0.03, 0.05, 0.08)


@dataclass(frozen=True)
class DirectionProbabilities:
    """Three classes of the h-session return at n origins; each array (n,).

    ``base_up`` and ``base_down`` are the forecast without a view on the sign at today's volatility: the long-run share
    of ups among moves beyond the dead zone, times P(such a move). So base_up + base_down = up + down, and ``edge`` =
    up - base_up = base_down - down is a view on the sign alone, not on how far the index moves.
    """

    up: FloatArray
    down: FloatArray
    base_up: FloatArray
    base_down: FloatArray

    @property
    def edge(self) -> FloatArray:
        """Excess of P(up) over its base rate, shape (n,); negative where down is favoured."""
        return self.up - self.base_up

    def calls(self, margin: float) -> IntArray:
        """1 for up, -1 for down, 0 for neither, shape (n,): the side that beats its base rate by the margin.

        A side less likely than the other is never called, however far above its base rate it is.
        """
        beats = np.abs(self.edge) >= margin
        likelier = (self.up - self.down) * np.sign(self.edge) > 0
        return np.where(beats & likelier, np.sign(self.edge), 0).astype(np.int64)

    @property
    def conviction(self) -> FloatArray:
        """(p - base) / (1 - base) of the favoured side, never below 0, shape (n,)."""
        base = np.where(self.edge >= 0, self.base_up, self.base_down)
        return np.asarray(np.abs(self.edge) / (1 - base))


@dataclass(frozen=True)
class DirectionModel:
    """Base rates and margins by horizon, in the order of HORIZONS.

    Attributes:
        up_share: (6,) share of ups among training returns beyond the dead zone, of forecasts with the volatility index.
        plain_up_share: (6,) the same of forecasts without it.
        margin: (6,) the edge from which a call has proven itself in walk-forward, infinite where none has.
        night_margin: (6,) the same for calls made after the US night, before the open.
    """

    up_share: FloatArray
    plain_up_share: FloatArray
    margin: FloatArray
    night_margin: FloatArray

    def probabilities(
        self, distribution: ReturnDistribution, key: str, step: int, *, with_index: bool
    ) -> DirectionProbabilities:
        """Class probabilities and base rates for one of HORIZONS, at the distribution's ``step``.

        with_index: whether the distribution knows the volatility index.
        """
        return class_probabilities(distribution, HORIZONS[key], self.share(key, with_index=with_index), step)

    def share(self, key: str, *, with_index: bool) -> float:
        """Long-run share of ups among moves beyond the dead zone, on the rows that shape such a distribution."""
        return float((self.up_share if with_index else self.plain_up_share)[list(HORIZONS).index(key)])

    def proven_margin(self, key: str, *, night: bool = False) -> float:
        """The margin of one of HORIZONS, if asked after the US night; infinite where no call has proven itself."""
        return float((self.night_margin if night else self.margin)[list(HORIZONS).index(key)])


def class_probabilities(
    distribution: ReturnDistribution, horizon: int, up_share: float, step: int | None = None
) -> DirectionProbabilities:
    """Three-class probabilities of the h-session return, with base rates at the same volatility.

    step: the distribution's step that ends at the horizon where it is not the horizon itself, as inside a session.
    """
    up, down = (side[:, 0] for side in distribution.beyond(step or horizon, np.array([dead_zone(horizon)])))
    return DirectionProbabilities(up, down, up_share * (up + down), (1 - up_share) * (up + down))


def up_shares(features: DailyFeatures, rows: BoolArray) -> FloatArray:
    """Share of ups among past returns beyond the dead zone, shape (6,), shrunk by one pseudo-observation a side.

    rows: (n,) the rows that shape the distribution: the share of other years would be an edge on every session.
    """
    shares = []
    for h in HORIZONS.values():
        move = ahead(features.series.close, h) - features.series.close
        outcome = direction_class(move[rows], h)
        ups, downs = float((outcome == 1).sum()), float((outcome == -1).sum())
        shares.append((ups + 1) / (ups + downs + 2))
    return np.array(shares)


def shares_by_index(features: DailyFeatures, model: DistributionModel) -> tuple[FloatArray, FloatArray]:
    """``up_shares`` for forecasts with the volatility index and without it; alike where the model does not know it."""
    plain = up_shares(features, features.has_range)
    if not model.log_har.knows_vix:
        return plain, plain
    return up_shares(features, shape_rows(features)), plain
