"""From a document to the rows of the ledger: every forecast in it that time will decide, with its baselines."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE
from aegismatrix_engine.document.rules.violation import moment
from aegismatrix_engine.document.schema.direction import DirectionCall
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.record.baselines import Climatology, IndexAlone
from aegismatrix_engine.record.deadline import live_until
from aegismatrix_engine.record.rows import Event, ForecastRow, Mode, number

RECORDED_HORIZONS = (1, 5, 20)
INTERVALS = ((0.80, 0.1, 0.9), (0.90, 0.05, 0.95))


def forecast_rows(document: Document, origin: Origin) -> list[ForecastRow]:
    """Every forecast of the document; ``origin`` is the moment it was made from."""
    return list(_Recorder(document, origin).rows())


def mode_of(document: Document, market: Market) -> Mode:
    """Whether a document's forecasts may be scored as made live.

    Not where it was generated more than 45 minutes after its moment inside a session, or after the next open from a
    close, or by models that have seen bars after its moment.
    """
    as_of, generated = pd.Timestamp(moment(document.as_of)), pd.Timestamp(moment(document.generated_at))
    if document.provenance.in_sample or document.provenance.mode == "replay":
        return "replay"
    latest = live_until(market, as_of, in_session=document.provenance.close == "in_session")
    return "live" if generated <= latest else "replay"


class _Recorder:
    """One document's rows; it holds what every one of them shares."""

    def __init__(self, document: Document, origin: Origin) -> None:
        self._document, self._origin = document, origin
        self._standing = mode_of(document, origin.market)
        self._past = Climatology(origin.features)
        self._known = origin.has_vix and origin.vix is not None

    def rows(self) -> Iterator[ForecastRow]:
        yield from self._direction()
        yield from self._seller()
        yield from self._buyer()
        yield from self._ranges()

    def _direction(self) -> Iterator[ForecastRow]:
        direction = self._document.direction
        yield from self._sides("direction.today", direction.today, 1)
        for name, call in direction.by_horizon.items():
            yield from self._sides(f"direction.horizons.{name}", call, self._origin.step(call.sessions))

    def _sides(self, signal: str, call: DirectionCall, step: int) -> Iterator[ForecastRow]:
        zone, time = call.dead_zone_pct, self._origin.variance_time(step)
        alone = self._alone(step, lambda index: index.above(zone))
        yield self._row(signal, "up", step, call.p_up, self._past.above(time, zone), alone, call.basis, zone)
        yield self._row(signal, "down", step, call.p_down, self._past.below(time, -zone), alone, call.basis, zone)

    def _seller(self) -> Iterator[ForecastRow]:
        seller, step = self._document.seller, self._origin.sessions_to(self._origin.primary)
        for i, point in enumerate(seller.breach_probabilities):
            signal = f"seller.breach_probabilities.{i}"
            yield self._beyond(signal, "touch", step, point.distance, point.probability, seller.breach.basis)
            yield self._beyond(signal, "close_beyond", step, point.distance, point.close_beyond, seller.breach.basis)
        stress = seller.expiry_stress
        yield self._beyond(
            "seller.expiry_stress", "touch", stress.sessions_left, stress.distance_points, stress.score, stress.basis
        )
        if math.isfinite(self._origin.latest.implied_sd[0]):
            for k, probability in ((5, seller.trap.score), (10, seller.trap.score_10)):
                yield self._trap(k, probability)

    def _beyond(
        self, signal: str, event: Event, step: int, points: float, probability: float, basis: str
    ) -> ForecastRow:
        up, down = (float(side[0]) for side in self._origin.log_distances(np.array([float(points)])))
        time = self._origin.variance_time(step)
        if event == "touch":
            past, alone = self._past.touch(time, up, down), self._alone(step, lambda index: index.touch(up, down))
        else:
            past, alone = self._past.beyond(time, up, down), self._alone(step, lambda index: index.beyond(up, down))
        return self._row(signal, event, step, probability, past, alone, basis, float(points))

    def _trap(self, sessions: int, probability: float) -> ForecastRow:
        """From the last official close, inside a session too: so is the forecast."""
        implied, basis = float(self._origin.latest.implied_sd[0]), self._document.seller.trap.basis
        past, alone = self._past.trap(sessions), IndexAlone.mean_square_above(sessions)
        return self._row(f"seller.trap.{sessions}", "trap", sessions, probability, past, alone, basis, implied)

    def _buyer(self) -> Iterator[ForecastRow]:
        buyer, origin = self._document.buyer, self._origin
        threshold = BREAKOUT_MULTIPLE * float(origin.latest.average_true_range[0])
        today = buyer.breakout_today
        coming = [("buyer.breakout_today", 1, today.score, today.basis)]
        coming += [
            (f"buyer.breakout_next.{b.day_offset}", b.day_offset, b.score, b.basis) for b in buyer.breakout_next[1:]
        ]
        day = IndexAlone(origin.implied_sd).range_above(threshold) if self._known else None
        for signal, offset, probability, basis in coming:
            yield self._row(signal, "breakout", offset, probability, self._past.breakout(offset), day, basis, threshold)
        theta = buyer.theta_edge
        cost, step = theta.straddle_cost_points / self._document.market.spot, theta.sessions_left
        alone = self._alone(step, lambda index: index.beyond(cost, cost))
        past = self._past.beyond(self._origin.variance_time(step), cost, cost)
        yield self._row("buyer.theta_edge", "straddle", step, theta.score, past, alone, theta.basis, cost)

    def _ranges(self) -> Iterator[ForecastRow]:
        """Published intervals of a close; their probability is the nominal coverage."""
        document, origin = self._document, self._origin
        safe, primary = document.seller.safe_range, origin.sessions_to(origin.primary)
        yield self._range("seller.safe_range", primary, safe.coverage, safe.lower, safe.upper, safe.basis)
        for expiry in document.seller.expiries:
            if expiry.expiry != safe.expiry:
                continue
            for band in expiry.ranges:
                if band.kind == "close_at_expiry" and band.coverage != safe.coverage:
                    signal = f"seller.expiries.primary.{round(100 * band.coverage)}"
                    yield self._range(signal, primary, band.coverage, band.lower, band.upper, expiry.basis)
        probability = [
            (f"forecast.{horizon.sessions}", origin.step(horizon.sessions), horizon.quantiles)
            for horizon in document.forecast.horizons
            if horizon.sessions in RECORDED_HORIZONS
        ]
        if document.forecast.session is not None:
            probability.append(("forecast.session", 1, document.forecast.session.quantiles))
        for signal, step, quantiles in probability:
            levels = {quantile.level: quantile.index_level for quantile in quantiles}
            for coverage, low, high in INTERVALS:
                name = f"{signal}.{round(100 * coverage)}"
                yield self._range(name, step, coverage, levels[low], levels[high], document.forecast.basis)

    def _range(self, signal: str, step: int, coverage: float, lower: float, upper: float, basis: str) -> ForecastRow:
        spot = self._document.market.spot
        low, high = math.log(lower / spot), math.log(upper / spot)
        past = self._past.between(self._origin.variance_time(step), low, high)
        alone = self._alone(step, lambda index: 1 - index.beyond(high, -low))
        return self._row(signal, "range", step, coverage, past, alone, basis, None, lower, upper)

    def _alone(self, step: int, ask: Callable[[IndexAlone], float]) -> float | None:
        return ask(IndexAlone(self._origin.implied_move(step))) if self._known else None

    def _row(
        self,
        signal: str,
        event: Event,
        step: int,
        probability: float,
        climatology: float | None,
        vix: float | None,
        basis: str,
        threshold: float | None,
        lower: float | None = None,
        upper: float | None = None,
    ) -> ForecastRow:
        document = self._document
        return ForecastRow(
            as_of=document.as_of,
            generated_at=document.generated_at,
            standing=self._standing,
            market=document.market_id,
            signal=signal,
            event=event,
            origin=f"{self._origin.session:%Y-%m-%d}",
            until=self._origin.date_ahead(step),
            sessions=str(step),
            spot=number(document.market.spot, 9),
            threshold=number(threshold, 9),
            lower=number(lower, 9),
            upper=number(upper, 9),
            probability=number(probability),
            climatology=number(climatology, 4),
            vix=number(vix, 4),
            model_set=document.provenance.model_set,
            training_end=document.provenance.training_end,
            basis=basis,
            schema_version=document.schema_version,
        )
