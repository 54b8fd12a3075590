"""A complete, valid document: a Brownian index at 18105 on 2022-12-30, its touches by the reflection principle.

A field that is not given here has the value of docs/example.json, so that a new one needs a value in one place only.
"""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any, TypeVar

from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.schema.block import Block
from aegismatrix_engine.document.schema.breakout import BreakoutLevels, BreakoutNext, BreakoutToday, SpikeDirectionBias
from aegismatrix_engine.document.schema.buyer import (
    Buyer,
    BuyerEnvironment,
    Gamma,
    GammaWindow,
    RegimeEvidence,
    ThetaEdge,
)
from aegismatrix_engine.document.schema.direction import (
    HORIZONS,
    Direction,
    DirectionHorizon,
    DirectionHorizons,
    DirectionToday,
    Risk,
)
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.expiries import (
    Breach,
    BreachCurvePoint,
    BreachPoint,
    Expiry,
    ExpiryMaxPain,
    ExpiryRange,
    MaxPain,
    SafeRange,
)
from aegismatrix_engine.document.schema.forecast import (
    FORECAST_SESSIONS,
    Forecast,
    ForecastBreach,
    ForecastHorizon,
    ForecastQuantile,
)
from aegismatrix_engine.document.schema.health import CalendarState, Health
from aegismatrix_engine.document.schema.market import Market, ScheduledEvent
from aegismatrix_engine.document.schema.provenance import InputSeries, Provenance
from aegismatrix_engine.document.schema.quantities import complementary, three_way
from aegismatrix_engine.document.schema.range_width import RangeWidth
from aegismatrix_engine.document.schema.seller import ExpiryStress, Seller, SellerFlag, Skew, Trap
from aegismatrix_engine.document.schema.track_record import (
    BreakoutCallRecord,
    LiveRate,
    LiveSkill,
    SafeRangeRecord,
    Skill,
    TrackRecord,
)

BlockT = TypeVar("BlockT", bound=Block)

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example.json"
SPOT = 18105.3
DAILY = 0.009
ORIGIN = date(2022, 12, 30)
NORMAL = NormalDist()
WINDOWS = ("09:15-09:45", "09:45-10:45", "10:45-12:00", "12:00-14:00", "14:00-15:00", "15:00-15:30")
FITTED: dict[str, Any] = {"basis": "model", "models": ["volatility"]}


@cache
def _of_the_example() -> dict[type[Block], Block]:
    """The first block of each kind in docs/example.json."""
    found: dict[type[Block], Block] = {}
    left: list[Any] = [check_json(EXAMPLE.read_text(encoding="utf-8"))]
    while left:
        one = left.pop()
        if isinstance(one, Block):
            found.setdefault(type(one), one)
            left.extend(value for _, value in one)
        elif isinstance(one, list):
            left.extend(one)
    return found


def like(block: type[BlockT], **values: Any) -> BlockT:
    """A block of these values, and of the example's for each required field that is not among them."""
    example = _of_the_example().get(block)
    required = {name for name, field in block.model_fields.items() if field.is_required()}
    return block(**({name: value for name, value in example or () if name in required} | values))


def session(ahead: int) -> str:
    """Date of the weekday ``ahead`` sessions after the origin."""
    day = ORIGIN
    for _ in range(ahead):
        day += timedelta(days=1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
    return day.isoformat()


def sigma(sessions: int) -> float:
    return float(DAILY * sessions**0.5)


def beyond(distance_pct: float, sessions: int) -> dict[str, float]:
    """Close and touch beyond a distance, each side and either."""
    tail = 1 - NORMAL.cdf(distance_pct / sigma(sessions))
    return {
        "close_up": tail,
        "close_down": tail,
        "close": 2 * tail,
        "touch_up": 2 * tail,
        "touch_down": 2 * tail,
        "touch": min(4 * tail, 1.0),
    }


def _call(sessions: int) -> dict[str, Any]:
    dead_zone = 0.002 * sessions**0.5
    side = 1 - NORMAL.cdf(dead_zone / sigma(sessions))
    up, down, neutral = three_way(side, side)
    return FITTED | {
        "direction": "NEUTRAL",
        "expected_move_points": 0.0,
        "conviction": 0.0,
        "p_up": up,
        "p_down": down,
        "p_neutral": neutral,
        "base_up": 0.45,
        "base_down": 0.39,
        "dead_zone_pct": dead_zone,
    }


def _direction() -> Direction:
    horizons = {
        name: like(
            DirectionHorizon,
            **_call(sessions),
            label=label,
            sessions=sessions,
            until=session(sessions),
            margin_proven=False,
        )
        for name, (sessions, label) in HORIZONS.items()
    }
    return like(
        Direction,
        today=like(
            DirectionToday,
            **_call(1),
            intraday_volatility_score=0.41,
            last_update="2022-12-30T15:30:00+05:30",
            session=session(1),
        ),
        horizons=like(DirectionHorizons, **horizons),
        risk_score=0.37,
        risk=like(Risk, **FITTED, score=0.37, sigma_5_pct=sigma(5), percentile_years=5.0),
    )


def _expiry(kind: str, sessions: int) -> Expiry:
    points = [
        like(BreachCurvePoint, distance=distance, **beyond(distance / SPOT, sessions))
        for distance in range(100, 1600, 100)
    ]
    ranges = []
    for coverage in (0.8, 0.9, 0.95):
        for bound, tails in (("close_at_expiry", 2), ("band_not_left", 4)):
            half = SPOT * sigma(sessions) * NORMAL.inv_cdf(1 - (1 - coverage) / tails)
            touch = 2 * (1 - coverage) if bound == "close_at_expiry" else None
            values: dict[str, Any] = {"coverage": coverage, "kind": bound, "touch_probability": touch}
            ranges.append(like(ExpiryRange, lower=SPOT - half, upper=SPOT + half, **values))
    return like(
        Expiry,
        **FITTED,
        expiry=session(sessions),
        kind=kind,
        provisional=False,
        sessions_left=sessions,
        horizon_days=(date.fromisoformat(session(sessions)) - ORIGIN).days,
        ranges=ranges,
        breach_curve=points,
        max_pain=like(ExpiryMaxPain, strike=18100.0, lower=17950.0, upper=18250.0, confidence=0.21, basis="estimator"),
    )


def _seller() -> Seller:
    primary = _expiry("monthly", 18)
    safe = next(r for r in primary.ranges if r.coverage == 0.8 and r.kind == "close_at_expiry")
    curve = {point.distance: point for point in primary.breach_curve}
    return like(
        Seller,
        safe_range=like(
            SafeRange,
            **FITTED,
            lower=safe.lower,
            upper=safe.upper,
            horizon_days=primary.horizon_days,
            coverage=0.8,
            kind="close_at_expiry",
            touch_probability=0.4,
            expiry=primary.expiry,
            sessions_left=18,
            lower_level=0.1,
            upper_level=0.9,
        ),
        max_pain=like(
            MaxPain,
            basis="estimator",
            models=["volatility"],
            lower=17950.0,
            upper=18250.0,
            confidence=0.21,
            strike=18100.0,
            expiry=session(4),
        ),
        trap=like(
            Trap,
            basis="model",
            models=["trap", "volatility"],
            score=0.31,
            label="MEDIUM",
            word="MEDIUM",
            iv_percentile=0.22,
            rv_percentile=0.35,
            horizon_sessions=5,
            base_rate=0.3,
            score_10=0.29,
            base_rate_10=0.29,
            basis_10="base_rate",
            reason_10="no skill measured over the last three years (-1.2% against the base rate)",
        ),
        skew=like(
            Skew,
            basis="estimator",
            models=["volatility"],
            put_skew=0.31,
            call_skew=0.18,
            net_skew=-0.13,
            expiry=primary.expiry,
        ),
        expiry_stress=like(
            ExpiryStress,
            **FITTED,
            score=0.26,
            label="CALM",
            word="CALM",
            expiry=session(4),
            sessions_left=4,
            distance_points=430.2,
            base_rate=0.27,
        ),
        breach_probabilities=[
            like(
                BreachPoint,
                distance=distance,
                probability=curve[distance].touch,
                close_beyond=curve[distance].close,
                touch_up=curve[distance].touch_up,
                touch_down=curve[distance].touch_down,
                close_up=curve[distance].close_up,
                close_down=curve[distance].close_down,
            )
            for distance in (300, 700, 1000, 1400)
        ],
        breach=like(Breach, **FITTED, expiry=primary.expiry, sessions_left=18),
        range_width=like(
            RangeWidth,
            **FITTED,
            percentile=0.1234,
            percentile_sigmas=0.4021,
            grade="NARROW",
            expiry=session(4),
            sessions_left=4,
            ranges=1177,
            occasions=356,
            held=0.7942,
            usual_held=0.8018,
            touched=0.3534,
            usual_touched=0.3612,
            median_move=0.010832,
            usual_median_move=0.015644,
        ),
        seller_flag=like(
            SellerFlag,
            basis="model",
            models=["trap", "volatility"],
            label="FAVOURABLE",
            color="GREEN",
            reasons=["Trap 31 % against 30 % on average", "Stress 26 % against 27 % on average"],
        ),
        historical_hit_rate=0.8125,
        regime="CAUTIOUS",
        daily_flag="FAVOURABLE",
        expiries=[_expiry("weekly", 4), _expiry("weekly", 9), primary, _expiry("monthly", 39)],
    )


def _buyer() -> Buyer:
    breakout: dict[str, Any] = {"basis": "model", "models": ["breakout"], "label": "LOW", "word": "LOW"}
    breakout["base_rate"] = 0.2
    up, down = complementary(0.412)
    return like(
        Buyer,
        breakout_today=like(BreakoutToday, **breakout, score=0.14, session=session(1)),
        breakout_next=[
            like(BreakoutNext, **breakout, day_offset=k, score=0.13 + k / 100, session=session(k)) for k in range(1, 6)
        ],
        breakout_levels=like(
            BreakoutLevels,
            basis="estimator",
            models=[],
            upper=18340.1,
            lower=17870.5,
            broken_out="none",
            atr_points=187.84,
            multiple=1.25,
        ),
        spike_direction_bias=like(
            SpikeDirectionBias,
            basis="base_rate",
            reason="no skill measured beyond chance (-0.0% against the base rate, t -0.5)",
            models=["breakout"],
            up_prob=up,
            down_prob=down,
            base_up=up,
            evidence=512,
        ),
        gamma_windows=[
            like(GammaWindow, window=window, score=0.5, share=share, state="ahead", against_usual=1.0, basis="prior")
            for window, share in zip(WINDOWS, (0.25, 0.2, 0.15, 0.2, 0.12, 0.08), strict=True)
        ],
        gamma=like(Gamma, basis="prior", models=[]),
        theta_edge=like(
            ThetaEdge,
            basis="model",
            models=["straddle", "volatility"],
            score=0.34,
            label="DONT_WASTE_PREMIUM",
            word="DONT_WASTE_PREMIUM",
            expected_payoff_ratio=0.86,
            payoff_error=0.05,
            straddle_cost_points=260.4,
            sessions_left=4,
            expiry=session(4),
            base_rate=0.35,
        ),
        regime="CHOPPY",
        regime_evidence=like(
            RegimeEvidence, basis="estimator", models=[], variance_ratio=0.96, z_statistic=-0.4, lag=5, window=250
        ),
        buyer_environment=like(
            BuyerEnvironment,
            basis="model",
            models=["breakout", "straddle"],
            label="UNFAVOURABLE",
            color="RED",
            reasons=["Pay-off 0.86 of its cost"],
        ),
        historical_spike_rate=0.28,
        environment_state="AVOID_FULL_RISK",
    )


def _forecast() -> Forecast:
    horizons = []
    for sessions in FORECAST_SESSIONS:
        quantiles = []
        for level in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95):
            points = SPOT * sigma(sessions) * NORMAL.inv_cdf(level)
            quantiles.append(like(ForecastQuantile, level=level, points=points, index_level=SPOT + points))
        breaches = []
        for distance in (0.01, 0.02, 0.03, 0.05, 0.08, 0.1):
            chance = beyond(distance, sessions)
            breaches.append(
                like(
                    ForecastBreach,
                    distance_pct=distance,
                    close_beyond=chance["close"],
                    touch=chance["touch"],
                    touch_up=chance["touch_up"],
                    touch_down=chance["touch_down"],
                )
            )
        horizons.append(
            like(
                ForecastHorizon,
                sessions=sessions,
                until=session(sessions),
                sigma_pct=sigma(sessions),
                p_up=0.5,
                quantiles=quantiles,
                breaches=breaches,
            )
        )
    return like(Forecast, **FITTED, horizons=horizons)


def sample_document() -> Document:
    """The document; every call builds an equal one."""
    return like(
        Document,
        generated_at="2022-12-30T16:02:11+05:30",
        schema_version=SCHEMA_VERSION,
        market_id="nifty50",
        as_of="2022-12-30T15:30:00+05:30",
        valid_until="2023-01-02T15:30:00+05:30",
        next_due="2023-01-02T07:40:00+05:30",
        market=like(
            Market,
            **FITTED,
            spot=SPOT,
            spot_change=-85.7,
            spot_change_pct=-85.7 / 18191.0,
            vix=14.87,
            vix_change=-0.05,
            vix_change_pct=-0.05 / 14.92,
            regime="SIDEWAYS",
            previous_close=18191.0,
            previous_close_date="2022-12-29",
            previous_close_basis="official",
            vix_as_of="2022-12-30T15:30:00+05:30",
            vix_basis="market",
            trend_sigmas=-0.31,
            volatility_percentile=0.24,
            events=[ScheduledEvent(date="2023-01-25", kind="union_budget")],
        ),
        direction=_direction(),
        seller=_seller(),
        buyer=_buyer(),
        forecast=_forecast(),
        health=like(
            Health,
            status="ok",
            degraded=[],
            frozen=[],
            notes=[],
            calendar=like(CalendarState, valid_through="2023-12-31", provisional=False),
        ),
        provenance=like(
            Provenance,
            mode="live",
            clock_source="machine",
            source="csv",
            first_bar="2007-09-17",
            last_bar="2022-12-30",
            clock="after_close",
            close="official",
            inputs=[
                like(InputSeries, series=series, served_by="csv", last="2022-12-30T15:30:00+05:30", age_hours=0.0)
                for series in ("spot_daily", "vix_daily")
            ],
            rows=3772,
            vix_first_bar="2009-03-02",
            vix_last_bar="2022-12-30",
            vix_age_sessions=0,
            model_set="nifty50-2022-12-30",
            trained_at="2022-12-30T16:00:00+05:30",
            training_end="2022-12-30",
            in_sample=False,
            engine_version="0.2.0",
            engine_commit="0123456789abcdef0123456789abcdef01234567",
            trained_by="0.1.0",
        ),
        track_record=like(
            TrackRecord,
            safe_range=like(
                SafeRangeRecord,
                kind="walk_forward",
                n=96,
                events=78,
                rate=0.8125,
                interval=(0.7232, 0.8781),
                first="2014-01-01",
                last="2022-11-24",
                basis="model",
                live=like(LiveRate, state="not enough yet", n=0, events=0),
                pooled=0.8125,
                nominal=0.8,
            ),
            nearest_range=like(
                SafeRangeRecord,
                kind="walk_forward",
                n=780,
                events=196,
                rate=0.8042,
                interval=(0.7428, 0.8541),
                first="2019-02-11",
                last="2022-12-28",
                basis="model",
                live=like(LiveRate, state="not enough yet", n=0, events=0),
                pooled=0.8042,
                nominal=0.8,
            ),
            breakout_calls=like(
                BreakoutCallRecord,
                kind="walk_forward",
                n=1000,
                events=280,
                rate=0.28,
                interval=(0.2531, 0.3086),
                first="2014-01-01",
                last="2022-12-29",
                basis="model",
                live=like(LiveRate, state="not enough yet", n=12, events=12, first="2022-12-01", last="2022-12-29"),
                pooled=0.28,
                base_rate=0.2,
            ),
            skill=[
                like(
                    Skill,
                    signal="seller.trap.score",
                    measure="brier",
                    score=0.2,
                    climatology=0.21,
                    skill_pct=1 - 0.2 / 0.21,
                    n=2200,
                    first="2014-01-01",
                    last="2022-12-22",
                )
            ],
            live=[
                like(
                    LiveSkill,
                    signal="seller.trap.score",
                    event="above",
                    state="measured",
                    n=44,
                    events=40,
                    first="2022-10-20",
                    last="2022-12-22",
                    brier=0.19,
                    came_true=0.3,
                    against_climatology=0.05,
                    climatology_interval=(-0.02, 0.12),
                    against_index=0.01,
                    index_interval=(-0.04, 0.06),
                )
            ],
        ),
        disclaimer=DISCLAIMER,
    )


@cache
def _text() -> str:
    return sample_document().model_dump_json(exclude_none=True)


def sample_content() -> dict[str, Any]:
    """The document as plain JSON content, free to be changed."""
    content: dict[str, Any] = json.loads(_text())
    return content
