"""From a document to the rows of the ledger: every forecast in it that time will decide, with its baselines."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE
from aegismatrix_engine.document.rules.violation import moment
from aegismatrix_engine.document.schema.direction import DirectionCall
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.expiries import Expiry
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.record.baselines import Climatology, CloseBeyond, IndexAlone
from aegismatrix_engine.record.deadline import live_until
from aegismatrix_engine.record.rows import Event, ForecastRow, Mode, number
from aegismatrix_engine.signals.blocks import SignalBlocks
from aegismatrix_engine.signals.ranges import BREACH_SIGMAS, CURVE_SIGMAS

RECORDED_HORIZONS = (1, 5, 20)
"""Sessions ahead whose ranges are recorded."""

NEAREST_CURVE = tuple(CURVE_SIGMAS.index(sigma) for sigma in BREACH_SIGMAS)
"""Places in the nearest expiry's breach curve whose touches are recorded: as many sigmas away as those of the primary
expiry in ``seller.breach_probabilities``."""

INTERVALS = ((0.80, 0.1, 0.9), (0.90, 0.05, 0.95))
"""Coverage of each recorded range, and the levels of its two quantiles."""

Baselines = tuple[float | None, float | None]
"""The probability by climatology and by the volatility index alone."""

NO_PRICES: Mapping[str, CloseBeyond] = {}


def forecast_rows(
    document: Document, origin: Origin, priced: Mapping[str, CloseBeyond] = NO_PRICES
) -> list[ForecastRow]:
    """Every forecast of the document that time will decide.

    Args:
        document: whose forecasts are recorded.
        origin: what it was made from.
        priced: date of an expiry -> what its option prices imply, the third baseline of closes at it.
    """
    provenance = document.provenance
    shared = {
        "as_of": document.as_of,
        "generated_at": document.generated_at,
        "standing": mode_of(document, origin.market),
        "market": document.market_id,
        "model_set": provenance.model_set,
        "training_end": provenance.training_end,
        "schema_version": document.schema_version,
    }
    blocks = SignalBlocks(document.market, document.direction, document.seller, document.buyer, document.forecast)
    return rows_of(blocks, origin, shared, priced)


def rows_of(
    blocks: SignalBlocks, origin: Origin, shared: Mapping[str, str], priced: Mapping[str, CloseBeyond] = NO_PRICES
) -> list[ForecastRow]:
    """Every forecast of the blocks of signals at a moment that time will decide.

    shared: fields that all rows have alike: as_of, generated_at, standing, market, model_set, training_end and
    schema_version. priced: as of ``forecast_rows``.
    """
    return list(_Recorder(blocks, origin, shared, priced).rows())


def mode_of(document: Document, market: Market) -> Mode:
    """Whether a document's forecasts may be scored as made live.

    They may not if it was generated more than 45 minutes after its moment inside a session, or after the next open from
    a close, or by models that were trained on bars after its moment.
    """
    provenance = document.provenance
    if provenance.in_sample or provenance.mode == "replay":
        return "replay"
    as_of, generated = pd.Timestamp(moment(document.as_of)), pd.Timestamp(moment(document.generated_at))
    latest = live_until(market, as_of, in_session=provenance.close == "in_session")
    return "live" if generated <= latest else "replay"


class _Recorder:
    """The rows of one moment; it holds what every one of them shares."""

    def __init__(
        self, blocks: SignalBlocks, origin: Origin, shared: Mapping[str, str], priced: Mapping[str, CloseBeyond]
    ) -> None:
        self._blocks, self._origin, self._shared, self._priced = blocks, origin, shared, priced
        self._past = Climatology(origin.features)
        self._known = origin.has_vix and origin.vix is not None

    def rows(self) -> Iterator[ForecastRow]:
        yield from self._direction()
        yield from self._seller()
        yield from self._buyer()
        yield from self._primary_ranges()
        yield from self._nearest()
        yield from self._ahead()

    def _direction(self) -> Iterator[ForecastRow]:
        direction = self._blocks.direction
        yield from self._sides("direction.today", direction.today, 1)
        for name, call in direction.by_horizon.items():
            yield from self._sides(f"direction.horizons.{name}", call, self._origin.step(call.sessions))

    def _sides(self, signal: str, call: DirectionCall, step: int) -> Iterator[ForecastRow]:
        zone = call.dead_zone_pct
        up, down = self._beyond(step, zone, math.inf), self._beyond(step, math.inf, zone)
        yield self._row(signal, "up", step, call.p_up, up, call.basis, threshold=zone)
        yield self._row(signal, "down", step, call.p_down, down, call.basis, threshold=zone)

    def _seller(self) -> Iterator[ForecastRow]:
        seller, step = self._blocks.seller, self._origin.sessions_to(self._origin.primary)
        for i, point in enumerate(seller.breach_probabilities):
            signal, basis, points = f"seller.breach_probabilities.{i}", seller.breach.basis, float(point.distance)
            up, down = self._log_distances(points)
            touch, beyond = self._touch(step, up, down), self._beyond(step, up, down)
            yield self._row(signal, "touch", step, point.probability, touch, basis, threshold=points)
            charged = self._priced_beyond(seller.breach.expiry, points, points)
            yield self._row(signal, "close_beyond", step, point.close_beyond, beyond, basis, charged, threshold=points)
        stress = seller.expiry_stress
        points, step = float(stress.distance_points), stress.sessions_left
        touch = self._touch(step, *self._log_distances(points))
        yield self._row("seller.expiry_stress", "touch", step, stress.score, touch, stress.basis, threshold=points)
        # From the last official close, inside a session too: so is the forecast.
        implied = float(self._origin.latest.implied_sd[0])
        if math.isfinite(implied):
            trap = seller.trap
            heads = ((5, trap.score, trap.basis), (10, trap.score_10, trap.basis_10 or trap.basis))
            for k, score, basis in heads:
                known = self._past.trap(k), IndexAlone.mean_square_above(k)
                yield self._row(f"seller.trap.{k}", "trap", k, score, known, basis, threshold=implied)

    def _buyer(self) -> Iterator[ForecastRow]:
        buyer, origin = self._blocks.buyer, self._origin
        width = BREAKOUT_MULTIPLE * float(origin.latest.average_true_range[0])
        today = buyer.breakout_today
        coming = [("buyer.breakout_today", 1, today.score, today.basis)]
        coming += [
            (f"buyer.breakout_next.{b.day_offset}", b.day_offset, b.score, b.basis) for b in buyer.breakout_next[1:]
        ]
        day = IndexAlone(origin.implied_sd).range_above(width) if self._known else None
        for signal, offset, score, basis in coming:
            known = self._past.breakout(offset), day
            yield self._row(signal, "breakout", offset, score, known, basis, threshold=width)
        theta = buyer.theta_edge
        # The score is of the implied cost, also where a quoted one is published.
        points = theta.straddle_cost_points if theta.proxy_cost_points is None else theta.proxy_cost_points
        cost, step = points / self._blocks.market.spot, theta.sessions_left
        known = self._beyond(step, cost, cost)
        yield self._row("buyer.theta_edge", "straddle", step, theta.score, known, theta.basis, threshold=cost)

    def _primary_ranges(self) -> Iterator[ForecastRow]:
        """Ranges of the close at the primary expiry; the probability of a range is its nominal coverage."""
        origin, safe = self._origin, self._blocks.seller.safe_range
        primary = origin.sessions_to(origin.primary)
        bounds = safe.lower, safe.upper
        yield self._range("seller.safe_range", primary, safe.coverage, *bounds, safe.basis, safe.expiry)
        rows = self._close_ranges("seller.expiries.primary", primary, self._expiry(safe.expiry))
        yield from (row for row in rows if float(row.probability) != safe.coverage)

    def _nearest(self) -> Iterator[ForecastRow]:
        """Ranges and touches of the nearest expiry; none where it is the primary one, whose rows say the same."""
        origin = self._origin
        nearest, step = origin.nearest, origin.nearest_sessions
        if nearest is None or nearest == origin.primary:
            return
        expiry = self._expiry(f"{nearest.date:%Y-%m-%d}")
        yield from self._close_ranges("seller.expiries.nearest", step, expiry)
        for place in NEAREST_CURVE:
            point, signal = expiry.breach_curve[place], f"seller.expiries.nearest.breach_curve.{place}"
            points = float(point.distance)
            known = self._touch(step, *self._log_distances(points))
            yield self._row(signal, "touch", step, point.touch, known, expiry.basis, threshold=points)

    def _expiry(self, date: str) -> Expiry:
        return next(expiry for expiry in self._blocks.seller.expiries if expiry.expiry == date)

    def _close_ranges(self, signal: str, step: int, expiry: Expiry) -> Iterator[ForecastRow]:
        for band in expiry.ranges:
            if band.kind == "close_at_expiry":
                name = f"{signal}.{round(100 * band.coverage)}"
                yield self._range(name, step, band.coverage, band.lower, band.upper, expiry.basis, expiry.expiry)

    def _ahead(self) -> Iterator[ForecastRow]:
        """Ranges of the close some sessions ahead, and of the session in progress."""
        forecast, origin = self._blocks.forecast, self._origin
        ahead = [
            (f"forecast.{horizon.sessions}", origin.step(horizon.sessions), horizon.quantiles)
            for horizon in forecast.horizons
            if horizon.sessions in RECORDED_HORIZONS
        ]
        if forecast.session is not None:
            ahead.append(("forecast.session", 1, forecast.session.quantiles))
        for signal, step, quantiles in ahead:
            levels = {quantile.level: quantile.index_level for quantile in quantiles}
            for coverage, low, high in INTERVALS:
                name = f"{signal}.{round(100 * coverage)}"
                yield self._range(name, step, coverage, levels[low], levels[high], forecast.basis)

    def _range(
        self, signal: str, step: int, coverage: float, lower: float, upper: float, basis: str, expiry: str = ""
    ) -> ForecastRow:
        spot = self._blocks.market.spot
        past, alone = self._beyond(step, math.log(upper / spot), -math.log(lower / spot))
        inside = None if past is None else 1 - past, None if alone is None else 1 - alone
        outside = self._priced_beyond(expiry, upper - spot, spot - lower)
        charged = None if outside is None else 1 - outside
        return self._row(signal, "range", step, coverage, inside, basis, charged, lower=lower, upper=upper)

    def _priced_beyond(self, expiry: str, up: float, down: float) -> float | None:
        """What prices imply of a close at an expiry beyond either level, so far above and below the document's spot."""
        beyond = self._priced.get(expiry)
        chance = math.nan if beyond is None else sum(beyond(up, down))
        return min(chance, 1.0) if math.isfinite(chance) else None

    def _log_distances(self, points: float) -> tuple[float, float]:
        up, down = self._origin.log_distances(np.array([points]))
        return float(up[0]), float(down[0])

    def _beyond(self, step: int, up: float, down: float) -> Baselines:
        past = self._past.beyond(self._origin.variance_time(step), up, down)
        return past, IndexAlone(self._origin.implied_move(step)).beyond(up, down) if self._known else None

    def _touch(self, step: int, up: float, down: float) -> Baselines:
        past = self._past.touch(self._origin.variance_time(step), up, down)
        return past, IndexAlone(self._origin.implied_move(step)).touch(up, down) if self._known else None

    def _row(
        self,
        signal: str,
        event: Event,
        step: int,
        score: float,
        known: Baselines,
        basis: str,
        priced: float | None = None,
        **limits: float,
    ) -> ForecastRow:
        climatology, vix = known
        return ForecastRow(
            signal=signal,
            event=event,
            origin=f"{self._origin.session:%Y-%m-%d}",
            until=self._origin.date_ahead(step),
            sessions=str(step),
            spot=number(self._blocks.market.spot, 9),
            probability=number(score),
            climatology=number(climatology, 4),
            vix=number(vix, 4),
            basis=basis,
            priced=number(priced, 4),
            **self._shared,
            **{name: number(limits.get(name), 9) for name in ("threshold", "lower", "upper")},
        )
