"""ReturnDistribution: one coherent answer to how far the index may be, or may have been, after 1 to 45 sessions."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import LogHar, LogHarSums, Scales
from aegismatrix_engine.volatility.shape import EMPTY_SHAPE, LEVELS, MINIMUM_SHAPE_ROWS, Shape
from aegismatrix_engine.volatility.shape_sample import ShapeSample


@dataclass(frozen=True)
class Breaches:
    """Probabilities that a log distance is exceeded, for n origins and D distances; every array has shape (n, D).

    touch_*: by a high or low on the way; close_*: by the close at the horizon. touch >= close on every side, touch
    never falls with the horizon, nothing rises with distance, and each side is at most ``either``.
    """

    touch_up: FloatArray
    touch_down: FloatArray
    touch: FloatArray
    close_up: FloatArray
    close_down: FloatArray

    @property
    def close(self) -> FloatArray:
        """P(|return| > distance), shape (n, D)."""
        return self.close_up + self.close_down

    def at(self, i: int) -> dict[str, float]:
        """The probabilities from the first origin at the i-th distance, by name."""
        return {name: float(values[0, i]) for name, values in (vars(self) | {"close": self.close}).items()}


@dataclass(frozen=True)
class Shapes:
    """Standardised outcomes per horizon: the return, the excursion up, down, and the larger of both."""

    close: Shape
    up: Shape
    down: Shape
    either: Shape

    def starting_with(self, grids: tuple[FloatArray, ...], count: FloatArray) -> "Shapes":
        """The same, but for other grids at the first horizons: of ``close``, ``up``, ``down`` and ``either``, (m, 117).

        count: (m,) size of the samples behind them.
        """
        m = len(count)
        counts = np.concatenate([count, self.close.count[m:]])
        later = (shape.grid[m:] for shape in (self.close, self.up, self.down, self.either))
        return Shapes(*(Shape(np.concatenate(both), counts) for both in zip(grids, later, strict=True)))


@dataclass(frozen=True)
class ReturnDistribution:
    """Distribution of the h-session log return from n origins, h = 1..45. All moves are log moves from the origin.

    scale: (n, 45) standard deviation of the h-session return in log points. shift: (n, 45) what is added to every
    standardised outcome times scale, in log points; None for nothing.
    """

    scale: FloatArray
    shapes: Shapes
    shift: FloatArray | None = None

    def row(self, i: int) -> "ReturnDistribution":
        """The distribution from one of the origins."""
        return ReturnDistribution(self.scale[[i]], self.shapes, None if self.shift is None else self.shift[[i]])

    def quantile(self, horizon: int, level: FloatArray) -> FloatArray:
        """Log return at the given levels. level: (D,) or (n, D); result (n, D), rising with level."""
        standardised = self.shapes.close.quantile(horizon - 1, np.atleast_2d(level))
        return self._moved(horizon) + self.scale[:, [horizon - 1]] * standardised

    def cumulative(self, horizon: int, log_return: FloatArray) -> FloatArray:
        """P(return <= log_return). log_return: (D,) or (n, D); result (n, D)."""
        centred = np.atleast_2d(log_return) - self._moved(horizon)
        return self.shapes.close.cumulative(horizon - 1, centred / self.scale[:, [horizon - 1]])

    def beyond(self, horizon: int, distance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P(the close lies above, below a distance up, down), (n, D) each; distance: (D,) or (n, D), log points."""
        moved, scale = self._moved(horizon), self.scale[:, [horizon - 1]]
        distance, close = np.atleast_2d(distance), self.shapes.close
        above = close.exceedance(horizon - 1, (distance - moved) / scale)
        return above, close.cumulative(horizon - 1, -((distance + moved) / scale))

    def up(self, horizon: int) -> FloatArray:
        """P(the close after ``horizon`` sessions is above today's), shape (n,)."""
        return 1 - self.cumulative(horizon, np.zeros(1))[:, 0]

    def mean_absolute_return(self, horizon: int) -> FloatArray:
        """Mean of |h-session log return|, shape (n,)."""
        middle = (np.arange(1000) + 0.5) / 1000
        if self.shift is None:
            return self.scale[:, horizon - 1] * float(np.abs(self.shapes.close.quantile(horizon - 1, middle)).mean())
        return np.asarray(np.abs(self.quantile(horizon, middle)).mean(axis=1))

    def mean_growth(self, horizon: int) -> FloatArray:
        """Mean of the level after ``horizon`` sessions over the origin's, of exp(log return), shape (n,).

        Exact for the quantile function, which is linear between the levels of the grid and constant outside of them.
        """
        corners = self.quantile(horizon, LEVELS)
        growth, width = np.exp(corners), np.diff(corners)
        # The mean of exp over a segment; as narrow as rounding, the quotient of two differences is noise.
        narrow = width < 1e-9
        between = np.where(narrow, growth[:, 1:], np.diff(growth) / np.where(narrow, 1.0, width))
        outside = LEVELS[0] * growth[:, 0] + (1 - LEVELS[-1]) * growth[:, -1]
        return np.asarray(outside + between @ np.diff(LEVELS))

    def close_beyond_mean(self, horizon: int, distance: FloatArray) -> FloatArray:
        """P(the level after ``horizon`` sessions is farther than a distance from its own mean, on either side), (n, D).

        distance: (D,), positive, in units of the origin's level.
        """
        mean = self.mean_growth(horizon)[:, None]
        above = self.cumulative(horizon, np.log(mean + distance))
        return 1 - above + self.cumulative(horizon, np.log(mean - distance))

    def breaches(self, horizon: int, distance: FloatArray, below: FloatArray | None = None) -> Breaches:
        """Breach probabilities after ``horizon`` sessions.

        distance: (D,) or (n, D), positive log points upwards from the origin, and downwards unless ``below`` is given.
        """
        return self.breaches_by_horizon(horizon, distance, below)[-1]

    def breaches_by_horizon(
        self, horizon: int, distance: FloatArray, below: FloatArray | None = None
    ) -> list[Breaches]:
        """The same for every horizon 1..``horizon``: each touch is at least that of the horizon before.

        Each outcome has its own empirical shape, so their raw estimates may contradict one another by sampling error;
        the bounds that hold for the true probabilities are imposed here, in one place.
        """
        distance = np.atleast_2d(distance)
        below = distance if below is None else np.atleast_2d(below)
        found: list[Breaches] = []
        up = down = either = np.zeros((len(self.scale), distance.shape[1]))
        for i in range(horizon):
            moved, scale = self._moved(i + 1), self.scale[:, [i]]
            z_up, z_down = (distance - moved) / scale, (below + moved) / scale
            close_up = self.shapes.close.exceedance(i, z_up)
            close_down = self.shapes.close.cumulative(i, -z_down)
            up = np.maximum.reduce([up, self.shapes.up.exceedance(i, z_up), close_up])
            down = np.maximum.reduce([down, self.shapes.down.exceedance(i, z_down), close_down])
            least = np.maximum.reduce([either, up, down, close_up + close_down])
            either = np.minimum(np.maximum(self._either(i, z_up, z_down), least), np.minimum(up + down, 1.0))
            found.append(Breaches(up, down, either, close_up, close_down))
        return found

    def _moved(self, horizon: int) -> FloatArray:
        return np.zeros((1, 1)) if self.shift is None else self.shift[:, [horizon - 1]]

    def _either(self, index: int, z_up: FloatArray, z_down: FloatArray) -> FloatArray:
        """P(touch on any side) by its own shape.

        Unequal sides are read at the one distance at which both sides are together as likely as they are: a touch of
        both is then taken to be as likely as there, and the answer falls with either distance.
        """
        if z_up is z_down or np.array_equal(z_up, z_down):
            return self.shapes.either.exceedance(index, z_up)
        up, down = self.shapes.up, self.shapes.down
        corners = np.sort(np.concatenate([up.corners(index), down.corners(index)]))
        together = up.exceedance(index, corners) + down.exceedance(index, corners)
        wanted = up.exceedance(index, z_up) + down.exceedance(index, z_down)
        alike = np.interp(-wanted, -together, corners, right=np.inf)
        return self.shapes.either.exceedance(index, alike)


@dataclass(frozen=True)
class DistributionModel:
    """Scale and shape, with the volatility index and without it.

    The shapes without the index are standardised by the scale without it, so that a session whose index is missing
    gets the distribution that was learnt for such sessions. with_vix equals without_vix where too little was known.
    """

    log_har: LogHar
    with_vix: Shapes
    without_vix: Shapes

    def scales(self, features: DailyFeatures, *, use_vix: bool = True) -> Scales:
        """Scales at every row: with the index where it is known (and asked for), without it elsewhere."""
        return self.log_har.best_scales(features) if use_vix else self.log_har.scales(features, with_vix=False)

    def shapes(self, *, use_vix: bool) -> Shapes:
        """The shapes that belong to scales with or without the volatility index."""
        return self.with_vix if use_vix and self.log_har.knows_vix else self.without_vix


def shape_rows(features: DailyFeatures) -> BoolArray:
    """(n,) rows whose outcomes shape a distribution that knows the volatility index, if the last row has one."""
    return features.has_vix if _enough(features) else features.has_range


def _enough(features: DailyFeatures) -> bool:
    """Whether 750 rows have the index: fewer shape a tail worse than thousands whose scale was made without it."""
    return int(features.has_vix.sum()) >= MINIMUM_SHAPE_ROWS


def fit_distribution(features: DailyFeatures) -> DistributionModel:
    """Fit scale and shapes on all rows; outcomes past the last one are unknown and left out."""
    return DistributionSums.of(features).fit(features).model


@dataclass(frozen=True, eq=False)
class FittedDistribution:
    """A distribution model, and the scales of the rows it was fitted on: with the index where known, and without."""

    model: DistributionModel
    scales: Scales
    plain_scales: Scales


@dataclass(frozen=True, eq=False)
class DistributionSums:
    """What the distribution is fitted from on any first rows of a history: made once, since no fit changes it."""

    log_har: LogHarSums
    every: ShapeSample
    with_vix: ShapeSample

    @classmethod
    def of(cls, features: DailyFeatures) -> Self:
        """Prepare fits on the rows of the features."""
        every = ShapeSample.of(features, features.has_range)
        return cls(LogHarSums.of(features), every, every.where(features.has_vix))

    def fit(self, known: DailyFeatures, *, index_known: bool = False) -> FittedDistribution:
        """Fit on ``known``, the first rows of the features; outcomes past their last one are left out.

        index_known: the volatility index is known wherever the model will forecast from. The shapes without it are
        then left empty where it could be learnt, and cannot be asked.
        """
        log_har = self.log_har.fit(len(known))
        scales, plain = self.log_har.scales(log_har, len(known))
        if index_known and log_har.knows_vix:
            without_vix = Shapes(*(EMPTY_SHAPE,) * 4)
        else:
            without_vix = Shapes(*self.every.shapes(plain.horizon))
        if not log_har.knows_vix:
            return FittedDistribution(DistributionModel(log_har, without_vix, without_vix), scales, plain)
        sample = self.with_vix if _enough(known) else self.every
        with_vix = Shapes(*sample.shapes(scales.horizon))
        return FittedDistribution(DistributionModel(log_har, with_vix, without_vix), scales, plain)
