"""The distribution of returns at a moment, worked from scale and the quantile grids of the model files.

Probabilities are read off the grid by walking along it; a distance of unequal sides is solved for by bisection.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import pandas as pd
from material import Material
from night_by_hand import factor, shift, weights
from scale_by_hand import scale

GRID_LEVELS = sorted(
    [n / 100 for n in range(1, 100)]
    + [0.0005, 0.001, 0.0015, 0.0025, 0.0035, 0.005, 0.0065, 0.008, 0.015]
    + [1 - p for p in (0.0005, 0.001, 0.0015, 0.0025, 0.0035, 0.005, 0.0065, 0.008, 0.015)]
)
KNOTS = (0, 1, 2, 3, 4, 9, 19, 39)


@dataclass(frozen=True, eq=False)
class Outcome:
    """A standardised outcome at every close: values at GRID_LEVELS, and how many outcomes each grid is made of."""

    grid: np.ndarray
    count: np.ndarray

    @cached_property
    def rows(self) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.grid]

    def quantile(self, step: int, level: float) -> float:
        return _along(GRID_LEVELS, self.rows[step - 1], level)

    def below(self, step: int, value: float) -> float:
        """P(outcome <= value); half an outcome lies beyond either end of the grid."""
        grid, least = self.rows[step - 1], 0.5 / (float(self.count[step - 1]) + 1)
        inside = 0.0 if value < grid[0] else 1.0 if value > grid[-1] else _along(grid, GRID_LEVELS, value)
        return min(max(inside, least), 1 - least)

    def above(self, step: int, value: float) -> float:
        return 1 - self.below(step, value)


def _along(x: list[float], y: list[float], at: float) -> float:
    """The broken line through the points (x, y), level beyond its ends; the upper end where it jumps."""
    i = bisect_right(x, at)
    if i in (0, len(x)):
        return y[0] if i == 0 else y[-1]
    return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1])


@dataclass(frozen=True)
class Beyond:
    """Chances to go beyond a distance by a close: touched on the way, closed beyond."""

    touch: float
    touch_up: float
    touch_down: float
    close_up: float
    close_down: float


@dataclass(frozen=True, eq=False)
class Outlook:
    """scale, shift: (45,) log points; the outcomes are standardised by scale, and moved by shift."""

    scale: np.ndarray
    shift: np.ndarray
    close: Outcome
    up: Outcome
    down: Outcome
    either: Outcome

    def quantile(self, step: int, level: float) -> float:
        """Log return to the close of a step."""
        return float(self.shift[step - 1] + self.scale[step - 1] * self.close.quantile(step, level))

    def below(self, step: int, move: float) -> float:
        return self.close.below(step, (move - self.shift[step - 1]) / self.scale[step - 1])

    def beyond(self, step: int, above: float, below: float | None = None) -> Beyond:
        """Beyond log distances; what the estimates of one step leave open, those of nearer steps bound."""
        below = above if below is None else below
        up = down = either = 0.0
        for s in range(1, step + 1):
            z_up = (above - self.shift[s - 1]) / self.scale[s - 1]
            z_down = (below + self.shift[s - 1]) / self.scale[s - 1]
            close_up, close_down = self.close.above(s, z_up), self.close.below(s, -z_down)
            up = max(up, self.up.above(s, z_up), close_up)
            down = max(down, self.down.above(s, z_down), close_down)
            either = max(either, self._either(s, z_up, z_down), up, down, close_up + close_down)
            either = min(either, up + down, 1.0)
        return Beyond(either, up, down, close_up, close_down)

    def _either(self, step: int, z_up: float, z_down: float) -> float:
        """Unequal sides are those of the one distance at which both together are as likely."""
        if z_up == z_down:
            return self.either.above(step, z_up)
        wanted = self.up.above(step, z_up) + self.down.above(step, z_down)
        low, high = min(z_up, z_down), max(z_up, z_down)
        for _ in range(50):
            middle = (low + high) / 2
            likelier = self.up.above(step, middle) + self.down.above(step, middle) > wanted
            low, high = (middle, high) if likelier else (low, middle)
        return self.either.above(step, (low + high) / 2)


@cache
def at_close(m: Material) -> Outlook:
    """At the last close, before anything of a night or a session is known."""
    found = m.models.distribution
    shapes = found.with_vix if m.knows_index and len(found.log_har.residual_weights) else found.without_vix
    outcomes = [Outcome(one.grid, one.count) for one in (shapes.close, shapes.up, shapes.down, shapes.either)]
    return Outlook(scale(m).horizon, np.zeros(45), *outcomes)


@cache
def outlook(m: Material) -> Outlook:
    """At the moment itself."""
    if m.inside:
        return _inside(m)
    return _after_night(m) if m.applied_night else at_close(m)


def _after_night(m: Material) -> Outlook:
    model, plain = weights(m), at_close(m)
    first, moved = plain.scale.copy(), np.empty(45)
    moved[:5] = plain.scale[:5] * shift(m)
    moved[5:] = moved[4]
    first[:5] = plain.scale[:5] * factor(m)
    own = [model.close, model.up, model.down, model.either]
    count = np.full(5, float(model.nights))
    return Outlook(
        first, moved, *(_own_first(grid, count, old) for grid, old in zip(own, _outcomes(plain), strict=True))
    )


def _outcomes(outlook: Outlook) -> list[Outcome]:
    return [outlook.close, outlook.up, outlook.down, outlook.either]


def _own_first(grid: np.ndarray, count: np.ndarray, old: Outcome) -> Outcome:
    return Outcome(np.vstack([grid, old.grid[5:]]), np.append(count, old.count[5:]))


def vix_now(m: Material) -> float:
    """Median of the volatility index in the last three bars of the session; its last close where there is none."""
    known = m.today["vix"].iloc[-3:].dropna()
    return float(known.median()) if len(known) else float(m.daily["vix"].iloc[-1])


def implied_move(m: Material, step: int) -> float:
    """Standard deviation to a close by the volatility index, or by the model's 22 sessions where it is not known."""
    session = vix_now(m) / 100 / math.sqrt(252) if m.knows_index else float(scale(m).blended[21])
    if not m.inside:
        return session * math.sqrt(step)
    return session * math.sqrt(m.models.session.intraday.scale.close_share[m.moment - 1] + step - 1)


def variance_seen(m: Material) -> float:
    """Since the last close: the squared night and Parkinson's variance of the bars."""
    gap = math.log(m.today["open"].iloc[0] / m.daily["close"].iloc[-1])
    return gap**2 + float((np.log(m.today["high"] / m.today["low"]) ** 2).sum()) / (4 * math.log(2))


def variance_of_the_last_four_bars(m: Material) -> float:
    last = m.today.iloc[-4:]
    return float((np.log(last["high"] / last["low"]) ** 2).sum()) / (4 * math.log(2))


def _share_before_the_last_four_bars(m: Material) -> float:
    """Of a day's variance; all of the session's, with the residual of its official close, at its open."""
    scale_model = m.models.session.intraday.scale
    if m.moment > 4:
        return float(scale_model.share_left[m.moment - 5])
    return scale_model.session_share * (1 + scale_model.residual)


@cache
def spread(m: Material) -> float:
    """Logarithm of the factor on the scale of today's close: up by 0.008 with every close outside, else down by 0.002.

    Every session since the model's last one is forecast again from this time of day.
    """
    model = m.models.session.intraday
    found = float(model.spread[m.moment - 1])
    for day in m.daily.index[m.daily.index > pd.Timestamp(model.known_until)]:
        bars = m.bars.loc[f"{day:%Y-%m-%d}"]
        if len(bars) != 25:
            continue
        past = replace(m, daily=m.daily.loc[: day - pd.Timedelta(days=1)], bars=bars.iloc[: m.moment])
        forecast, move = _as_trained(past), math.log(m.daily["close"][day] / bars["close"].iloc[m.moment - 1])
        low, high = (math.exp(found) * forecast.quantile(1, level) for level in (0.1, 0.9))
        found = min(max(found + (-0.002 if low <= move <= high else 0.008), -0.5), 0.5)
    return found


def _inside(m: Material) -> Outlook:
    found = _as_trained(m)
    wider = found.scale.copy()
    wider[0] = wider[0] * math.exp(spread(m))
    return replace(found, scale=wider)


def _as_trained(m: Material) -> Outlook:
    """Without what closes since have taught."""
    model, plain, at = m.models.session.intraday, at_close(m), m.moment - 1
    variance = plain.scale**2
    share = model.scale.share_left[at]
    prior = variance[0] * share + np.maximum.accumulate(np.maximum(variance - variance[0], 0.0))
    last = m.daily["close"].iloc[-1]
    columns = [
        math.log(max(variance_seen(m), 1e-10) / (variance[0] * (1 - share))),
        min(math.log(m.today["open"].iloc[0] / last) / plain.scale[0], 0.0),
        min(math.log(m.spot / last) / plain.scale[0], 0.0),
        math.log(
            max(variance_of_the_last_four_bars(m), 1e-10)
            / (variance[0] * (_share_before_the_last_four_bars(m) - share))
        ),
    ]
    weights = model.scale.plain_weights[at]
    if m.knows_index:
        weights = model.scale.weights[at]
        columns += [2 * math.log(vix_now(m) / 100 / math.sqrt(252)), 2 * math.log(vix_now(m) / m.daily["vix"].iloc[-1])]
    knots = [w[0] + (w[1] - 1) * math.log(prior[k]) + w[2:] @ columns for k, w in zip(KNOTS, weights, strict=True)]
    logs = [math.log(k + 1) for k in KNOTS]
    forecast = np.array([prior[k] * math.exp(_along(logs, knots, math.log(k + 1))) for k in range(45)])
    if m.knows_index:
        paid = np.array([implied_move(m, step) ** 2 for step in range(1, 46)])
        forecast = np.cbrt(forecast**2 * paid)
    unit = np.sqrt(forecast)
    unit[:5] = unit[:5] * model.unit[at]
    own = [model.close[at], model.up[at], model.down[at], model.either[at]]
    outcomes = [_own_first(grid, model.count[at], old) for grid, old in zip(own, _outcomes(plain), strict=True)]
    return Outlook(unit, np.zeros(45), *outcomes)
