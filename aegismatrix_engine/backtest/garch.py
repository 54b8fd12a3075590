"""A textbook baseline: GJR-GARCH with t shocks, by filtered historical simulation.

Glosten, Jagannathan and Runkle (1993), On the relation between the expected value and the volatility of the nominal
excess return on stocks; Barone-Adesi, Giannopoulos and Vosper (1999), VaR without correlations for portfolios of
derivative securities. ``arch`` fits it. A past session is drawn with its high and low, in units of its own standard
deviation, so that touches on the way and true ranges are simulated as well as closes; ``arch``'s own simulation has
closes alone.
"""

import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np

from aegismatrix_engine.errors import ConfigurationError, DataError
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries

WINDOW: Final = 2500
"""Returns that a fit uses."""
FEWEST: Final = 500
PATHS: Final = 4000
SEED: Final = 20140101

_PERCENT: Final = 100.0
"""Returns are fitted in percent, at which ``arch``'s optimiser works best."""


@dataclass(frozen=True)
class Gjr:
    """Parameters of a GJR-GARCH(1, 1), of returns in percent.

    r[t] = mu + e[t], e[t] = s[t] z[t], s[t+1]^2 = omega + (alpha + gamma [e[t] < 0]) e[t]^2 + beta s[t]^2.
    converged: whether the optimiser says that it has found them.
    """

    mu: float
    omega: float
    alpha: float
    gamma: float
    beta: float
    converged: bool = True

    def next_variance(self, variance: FloatArray, shock: FloatArray) -> FloatArray:
        """s[t+1]^2 of s[t]^2 and e[t], of one shape."""
        return np.asarray(self.omega + (self.alpha + self.gamma * (shock < 0)) * shock**2 + self.beta * variance)


@dataclass(frozen=True)
class Paths:
    """Simulated paths from one close, in log points; every array has shape (sessions, paths).

    Attributes:
        move: close after so many sessions less that of the origin.
        up: highest high until then, not below 0.
        down: lowest low until then, as a distance, not below 0.
        true_range: of that session.
        squares: sum of the squared returns until then.
    """

    move: FloatArray
    up: FloatArray
    down: FloatArray
    true_range: FloatArray
    squares: FloatArray


class Garch:
    """What one fit knows: the parameters, and the sessions that are drawn again.

    Attributes:
        parameters: of the fit.
        variance: of each row from the first of the fit's window on, and of the session after the last row; percent
            squared, known at the close before.
    """

    def __init__(self, series: DailySeries, fitted: int, parameters: Gjr | None = None) -> None:
        """Fit on the returns of the rows up to ``fitted``, at most 2,500 of them.

        Args:
            series: bars, of which later rows are used for nothing but the variance at origins among them.
            fitted: the last row that the fit knows, at least row 500.
            parameters: known ones in place of a fit.

        Raises:
            ConfigurationError: ``arch`` is not installed.
        """
        self._first = max(fitted - WINDOW + 1, 1)
        self._returns = series.log_return * _PERCENT
        known = slice(self._first, fitted + 1)
        self.parameters = parameters or fit_gjr(self._returns[known])
        self.variance = self._filtered()
        sd, mu = np.sqrt(self.variance[: fitted + 1 - self._first]), self.parameters.mu
        above, below = (_PERCENT * (side - series.previous_close)[known] for side in (series.high, series.low))
        self._close, self._high, self._low = ((one - mu) / sd for one in (self._returns[known], above, below))

    def _filtered(self) -> FloatArray:
        """Variance of each row from the first of the window on, and of the one after the last."""
        shocks = self._returns[self._first :] - self.parameters.mu
        variance = np.empty(len(shocks) + 1)
        variance[0] = float(np.mean(shocks[:75] ** 2))
        for t in range(len(shocks)):
            variance[t + 1] = self.parameters.next_variance(variance[t], shocks[t])
        return variance

    def paths(self, origin: int, sessions: int, count: int = PATHS) -> Paths:
        """Paths from the close of a row, the same whenever they are asked for.

        Args:
            origin: row, at or after the last one that the fit knows.
            sessions: how many ahead.
            count: paths.
        """
        draws = np.random.default_rng((SEED, origin)).integers(0, len(self._close), (sessions, count))
        mu, close = self.parameters.mu, np.zeros(count)
        variance = np.full(count, self.variance[origin + 1 - self._first])
        up, down, squares = np.zeros(count), np.zeros(count), np.zeros(count)
        found: list[tuple[FloatArray, ...]] = []
        for drawn in draws:
            sd = np.sqrt(variance)
            shock, high, low = sd * self._close[drawn], mu + sd * self._high[drawn], mu + sd * self._low[drawn]
            up, down = np.maximum(up, close + high), np.maximum(down, -(close + low))
            close, squares = close + mu + shock, squares + (mu + shock) ** 2
            found.append((close, up, down, np.maximum(high, 0) - np.minimum(low, 0), squares))
            variance = self.parameters.next_variance(variance, shock)
        move, ups, downs, ranges, sums = (np.stack(one) for one in zip(*found, strict=True))
        return Paths(move / _PERCENT, ups / _PERCENT, downs / _PERCENT, ranges / _PERCENT, sums / _PERCENT**2)


def fit_gjr(returns: FloatArray) -> Gjr:
    """The parameters most likely by ``arch``, with t shocks and a constant mean. returns: (n,) percent.

    Raises:
        ConfigurationError: ``arch`` is not installed.
        DataError: no parameters are found for these returns.
    """
    library = _library()
    with warnings.catch_warnings():
        # A fit that stops early is still the best one found, and is counted.
        warnings.simplefilter("ignore")
        try:
            model = library.arch_model(returns, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
            found = model.fit(disp="off", show_warning=False)
        except (ArithmeticError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise DataError(
                f"no GJR-GARCH fits {len(returns):,} of the returns ({reason}); leave --garch out"
            ) from error
    parameters = np.array([found.params[name] for name in ("mu", "omega", "alpha[1]", "gamma[1]", "beta[1]")])
    if not np.isfinite(parameters).all():
        raise DataError(f"a GJR-GARCH of {len(returns):,} of the returns has no finite parameters; leave --garch out")
    mu, omega, alpha, gamma, beta = parameters.tolist()
    return Gjr(mu, omega, alpha, gamma, beta, converged=int(found.convergence_flag) == 0)


def _library() -> Any:
    try:
        return import_module("arch")
    except ImportError as error:
        raise ConfigurationError("--garch needs arch: pip install 'aegismatrix-engine[garch]'") from error
