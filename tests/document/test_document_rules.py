"""Each rule between fields: broken alone, it is the one that is named."""

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from document_sample import sample_content, sample_document

from aegismatrix_engine.cli.terminal import summary
from aegismatrix_engine.document import check_document
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.validate import violations
from aegismatrix_engine.errors import InvalidDocument

Change = Callable[[dict[str, Any]], object]


def at(content: Any, path: str) -> tuple[Any, Any]:
    """The container a dotted path ends in, and its last key."""
    *lead, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in lead:
        content = content[part]
    return content, last


def put(**changes: Any) -> Change:
    """Set dotted paths (``__`` for the dot)."""

    def change(content: dict[str, Any]) -> None:
        for path, value in changes.items():
            container, last = at(content, path.replace("__", "."))
            container[last] = value

    return change


def drop(path: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        container, last = at(content, path)
        del container[last]

    return change


def both(*changes: Change) -> Change:
    def change(content: dict[str, Any]) -> None:
        for one in changes:
            one(content)

    return change


def built(change: Change) -> Document:
    content = sample_content()
    change(content)
    return Document.model_validate_json(json.dumps(content))


UP_5 = put(
    direction__horizons__t5__margin=0.04,
    direction__horizons__t5__margin_proven=True,
    direction__horizons__t5__base_up=0.3,
    direction__horizons__t5__direction="UP",
    direction__horizons__t5__expected_move_points=20.0,
)
REBUILT = put(
    market__previous_close_basis="rebuilt",
    health__status="degraded",
    health__degraded=[{"signal": "market", "basis": "model", "reason": "the close of 2022-12-29 was rebuilt"}],
)


def in_session(content: dict[str, Any]) -> None:
    """The sample as if from a bar of the session of its date."""
    horizon = content["forecast"]["horizons"][0]
    content["forecast"]["session"] = {
        "basis": "model",
        "models": ["session"],
        "session": "2022-12-30",
        "bars_complete": 11,
        "bars": 25,
        "variance_share_left": 0.4,
        "seen_over_expected": 1.0,
        "sigma_pct": horizon["sigma_pct"],
        "spread_factor": 0.95,
        "p_up": 0.5,
        "quantiles": horizon["quantiles"],
    }
    content["buyer"]["breakout_levels"]["range_so_far"] = 0.7


def broken_out(word: str, **more: Any) -> Change:
    """The sample as if from a session that went beyond a level."""
    certain = put(buyer__breakout_today__score=1.0, buyer__breakout_next__0__score=1.0)
    crossed = put(buyer__breakout_levels__broken_out=word, buyer__breakout_levels__range_so_far=1.8)
    return both(in_session, certain, crossed, put(**more))


def before_touches(*changes: Change) -> Change:
    """The sample as of 2.2.0, whose ranges do not say how likely they are left, with changes."""

    def change(content: dict[str, Any]) -> None:
        content["schema_version"] = "2.2.0"
        for expiry in content["seller"]["expiries"]:
            for band in expiry["ranges"]:
                band.pop("touch_probability", None)
        both(*changes)(content)

    return change


NIGHT = {"change_pct": 0.031, "last_bar": "2022-12-29", "used": [{"series": "us_vix_daily", "last": "2022-12-29"}]}
US_VIX_INPUT = {
    "series": "us_vix_daily",
    "served_by": "csv",
    "last": "2022-12-30T02:45:00+05:30",
    "age_hours": 12.75,
}


def after_night(**changes: Any) -> Change:
    """The sample with a US night and the open that it points to, and changes of what provenance says of it."""
    night = {name: value for name, value in (NIGHT | changes).items() if value is not None}

    def change(content: dict[str, Any]) -> None:
        content["provenance"]["us_night"] = copy.deepcopy(night)
        content["provenance"]["inputs"].append(dict(US_VIX_INPUT))
        direction, spot = content["direction"], content["market"]["spot"]
        direction["night"] = {
            "basis": "model",
            "models": ["distribution", "night"],
            "session": direction["today"]["session"],
            "us_session": night["last_bar"],
            "series": [one["series"] for one in night.get("used", [])],
            "expected_open": round(spot + 41.2, 2),
            "expected_points": 41.2,
            "lower": round(spot - 60, 2),
            "upper": round(spot + 140, 2),
            "coverage": 0.8,
            "after_open_points": -3.5,
            "after_open_correlation": 0.02,
            "after_open_t": 0.9,
            "after_open_nights": 1900,
        }
        for call in (direction["today"], *direction["horizons"].values()):
            call["note"] = "about the opening gap"

    return change


def gap(**changes: Any) -> Change:
    """The sample after a US night, with changes of the open that it points to; None leaves a field out."""

    def change(content: dict[str, Any]) -> None:
        after_night()(content)
        night = content["direction"]["night"] | changes
        content["direction"]["night"] = {name: value for name, value in night.items() if value is not None}

    return change


def without(path: str) -> Change:
    """The sample after a US night without one of its fields."""

    def change(content: dict[str, Any]) -> None:
        after_night()(content)
        *lead, name = path.split(".")
        block = content
        for part in lead:
            block = block[part]
        del block[name]

    return change


def notes_gone(content: dict[str, Any]) -> None:
    for call in (content["direction"]["today"], *content["direction"]["horizons"].values()):
        del call["note"]


def without_open(content: dict[str, Any]) -> None:
    del content["direction"]["night"]


PRIOR_RATE = {"n": 0, "events": 0, "rate": 0.8, "basis": "prior"}
SAFE = "track_record.safe_range"
FROZEN_SPOT = {"signal": "market.spot", "value": 18105.3, "periods": 8}


def without_history(rate: float = 0.8) -> Change:
    changes = {
        f"track_record__safe_range__{name}": value
        for name, value in (PRIOR_RATE | {"rate": rate, "pooled": rate}).items()
    }
    entry = {"signal": "track_record.safe_range", "basis": "prior", "reason": "12 expiries, 30 are needed"}
    return both(
        put(**changes, seller__historical_hit_rate=rate, health__status="degraded", health__degraded=[entry]),
        drop(f"{SAFE}.interval"),
        drop(f"{SAFE}.first"),
        drop(f"{SAFE}.last"),
    )


BROKEN: dict[str, tuple[Change, str]] = {
    "no engine that trained": (drop("provenance.trained_by"), "provenance.trained_by"),
    "no engine that trained, later": (
        both(drop("provenance.trained_by"), put(schema_version="2.10.0")),
        "provenance.trained_by",
    ),
    "an open of no night": (without("provenance.us_night"), "direction.night"),
    "a night without an open": (both(after_night(), notes_gone, without_open), "direction.night"),
    "a call after a night without a note": (without("direction.horizons.t3.note"), "direction.horizons.t3.note"),
    "a note without a night": (put(direction__today__note="about the opening gap"), "direction.today.note"),
    "an open of another US session": (gap(us_session="2022-12-28"), "direction.night.us_session"),
    "an open by other series": (gap(series=["inda_daily"]), "direction.night.series"),
    "an open of a session that is over": (gap(session="2022-12-30"), "direction.night.session"),
    "an open after the next regular session": (gap(session="2023-01-09"), "direction.night.session"),
    "points that are not the open's": (gap(expected_points=-41.2), "direction.night.expected_points"),
    "an open below its range": (gap(lower=20000.0), "direction.night.lower"),
    "an open above its range": (gap(upper=10000.0), "direction.night.upper"),
    "a correlation of no nights": (
        gap(after_open_nights=0, after_open_points=None, after_open_t=None),
        "direction.night.after_open_correlation",
    ),
    "nights without what they show": (gap(after_open_points=None), "direction.night.after_open_points"),
    "a night of no series": (after_night(used=[]), "provenance.us_night.used"),
    "a night that names no series": (after_night(used=None), "provenance.us_night.used"),
    "a night of a series that was not read": (
        after_night(used=[*NIGHT["used"], {"series": "inda_daily", "last": "2022-12-29"}]),
        "provenance.us_night.used.1.series",
    ),
    "a night of a series twice": (after_night(used=NIGHT["used"] * 2), "provenance.us_night.used.1.series"),
    "a night of a later close": (
        after_night(used=[{"series": "us_vix_daily", "last": "2022-12-30"}]),
        "provenance.us_night.used.0.last",
    ),
    "a night of an earlier close": (
        after_night(used=[{"series": "us_vix_daily", "last": "2022-12-28"}]),
        "provenance.us_night.last_bar",
    ),
    "a night of the US VIX without its change": (after_night(change_pct=None), "provenance.us_night.change_pct"),
    "a change of a US VIX that was not used": (
        both(
            after_night(used=[{"series": "inda_daily", "last": "2022-12-29"}]),
            lambda content: content["provenance"]["inputs"].append(US_VIX_INPUT | {"series": "inda_daily"}),
        ),
        "provenance.us_night.change_pct",
    ),
    "no spread inside a session": (
        both(in_session, drop("forecast.session.spread_factor")),
        "forecast.session.spread_factor",
    ),
    "as_of after generated_at": (put(as_of="2022-12-30T16:30:00+05:30"), "as_of"),
    "as_of after generated_at in another zone": (put(generated_at="2022-12-30T09:59:59Z"), "as_of"),
    "valid_until not after as_of": (
        put(valid_until="2022-12-30T15:30:00+05:30", provenance__mode="replay"),
        "valid_until",
    ),
    "next_due not after as_of": (put(next_due="2022-12-30T15:30:00+05:30"), "next_due"),
    "next_due after valid_until": (put(next_due="2023-01-02T15:30:01+05:30"), "next_due"),
    "no next_due from 2.1.0 on": (drop("next_due"), "next_due"),
    "live document already stale": (put(generated_at="2023-01-02T15:30:00+05:30"), "valid_until"),
    "last_update after as_of": (
        put(direction__today__last_update="2022-12-30T15:31:00+05:30"),
        "direction.today.last_update",
    ),
    "first bar after the last": (put(provenance__first_bar="2022-12-31"), "provenance.first_bar"),
    "bar after as_of": (put(provenance__last_bar="2023-01-02"), "provenance.last_bar"),
    "vix bar after as_of": (put(provenance__vix_last_bar="2023-01-02"), "provenance.vix_last_bar"),
    "half of the vix provenance": (drop("provenance.vix_age_sessions"), "provenance.vix_age_sessions"),
    "market vix without vix bars": (
        both(drop("provenance.vix_age_sessions"), drop("provenance.vix_first_bar"), drop("provenance.vix_last_bar")),
        "market.vix_basis",
    ),
    "models that know the future unmarked": (put(provenance__training_end="2023-02-01"), "provenance.in_sample"),
    "session before as_of": (put(direction__today__session="2022-12-29"), "direction.today.session"),
    "expiry before as_of": (put(buyer__theta_edge__expiry="2022-12-29"), "buyer.theta_edge.expiry"),
    "breakout sessions out of order": (
        put(buyer__breakout_next__2__session="2023-01-03"),
        "buyer.breakout_next.2.session",
    ),
    "provisional calendar unmarked": (
        both(
            put(health__calendar__valid_through="2023-02-22"),
            put(seller__expiries__3__provisional=True),
        ),
        "health.calendar.provisional",
    ),
    "provisional calendar without cause": (put(health__calendar__provisional=True), "health.calendar.provisional"),
    "provisional expiry unmarked": (
        both(put(health__calendar__valid_through="2023-02-22", health__calendar__provisional=True)),
        "seller.expiries.3.provisional",
    ),
    "label of another horizon": (put(direction__horizons__t10__label="This Week"), "direction.horizons.t10.label"),
    "sessions of another horizon": (put(direction__horizons__t20__sessions=22), "direction.horizons.t20.sessions"),
    "three shares that miss 1": (put(direction__today__p_neutral=0.5), "direction.today.p_neutral"),
    "base rates above 1": (put(direction__horizons__t3__base_up=0.7), "direction.horizons.t3.base_up"),
    "points down under UP": (
        both(UP_5, put(direction__horizons__t5__expected_move_points=-20.0)),
        "direction.horizons.t5.expected_move_points",
    ),
    "points up under DOWN": (
        put(direction__today__direction="DOWN", direction__today__expected_move_points=3.0),
        "direction.today.expected_move_points",
    ),
    "margin proven but absent": (put(direction__horizons__t1__margin_proven=True), "direction.horizons.t1.margin"),
    "margin there but not proven": (put(direction__horizons__t1__margin=0.05), "direction.horizons.t1.margin"),
    "call without a proven margin": (put(direction__horizons__t1__direction="UP"), "direction.horizons.t1.direction"),
    "call that misses its margin": (
        both(UP_5, put(direction__horizons__t5__base_up=0.4)),
        "direction.horizons.t5.direction",
    ),
    "risk score beside itself": (put(direction__risk_score=0.38), "direction.risk_score"),
    "direction and forecast end apart": (
        put(direction__horizons__t40__until="2023-02-25"),
        "direction.horizons.t40.until",
    ),
    "direction above forecast's chance": (put(forecast__horizons__5__p_up=0.3), "direction.horizons.t10.p_up"),
    "lower bound above spot": (
        put(seller__safe_range__lower=18105.3, seller__expiries__2__ranges__0__coverage=0.79),
        "seller.safe_range.lower",
    ),
    "upper bound below spot": (
        put(seller__safe_range__upper=18105.0, seller__expiries__2__ranges__0__coverage=0.79),
        "seller.safe_range.upper",
    ),
    "tail levels crossed": (put(seller__safe_range__lower_level=0.9), "seller.safe_range.lower_level"),
    "breaches for another expiry": (put(seller__breach__expiry="2023-02-23"), "seller.breach.expiry"),
    "breach distance not rising": (
        put(seller__breach_probabilities__1__distance=300, seller__expiries__2__expiry="2023-01-26"),
        "seller.breach_probabilities.1.distance",
    ),
    "breach rises with distance": (
        put(seller__expiries__3__breach_curve__14__touch_up=0.17),
        "seller.expiries.3.breach_curve.14.touch_up",
    ),
    "close likelier than touch": (
        put(seller__breach_probabilities__3__distance=1450, seller__breach_probabilities__3__close_beyond=0.09),
        "seller.breach_probabilities.3.close_beyond",
    ),
    "side likelier than either": (
        put(forecast__horizons__7__breaches__5__touch_down=0.159),
        "forecast.horizons.7.breaches.5.touch_down",
    ),
    "close on a side likelier than touching it": (
        put(seller__expiries__3__breach_curve__14__touch_up=0.06),
        "seller.expiries.3.breach_curve.14.close_up",
    ),
    "expiry range above spot": (
        put(seller__expiries__0__ranges__1__lower=18200.0),
        "seller.expiries.0.ranges.1.lower",
    ),
    "wide range inside the narrow one above": (
        before_touches(put(seller__expiries__0__ranges__4__upper=18150.0)),
        "seller.expiries.0.ranges.4.upper",
    ),
    "wide range inside the narrow one below": (
        before_touches(put(seller__expiries__0__ranges__4__lower=18090.0)),
        "seller.expiries.0.ranges.4.lower",
    ),
    "two ranges of one coverage": (
        put(seller__expiries__1__ranges__2__coverage=0.8),
        "seller.expiries.1.ranges.2.coverage",
    ),
    "a bound nearer than that of a sooner expiry": (
        before_touches(put(seller__expiries__1__ranges__0__lower=18104.0)),
        "seller.expiries.1.ranges.0.lower",
    ),
    "no rate of the nearest range beside weekly expiries": (
        drop("track_record.nearest_range"),
        "track_record.nearest_range",
    ),
    "a rate of the nearest range before weekly expiries": (
        drop("seller.expiry_stress.expiry"),
        "track_record.nearest_range",
    ),
    "a rate of the nearest range outside its interval": (
        put(track_record__nearest_range__rate=0.9),
        "track_record.nearest_range.interval",
    ),
    "strike outside an expiry's zone": (
        put(seller__expiries__1__max_pain__strike=18300.0),
        "seller.expiries.1.max_pain.strike",
    ),
    "two safe ranges for one expiry": (put(seller__safe_range__lower=17000.0), "seller.expiries.2.ranges.0"),
    "no chance that a range of the close is left": (
        drop("seller.expiries.0.ranges.2.touch_probability"),
        "seller.expiries.0.ranges.2.touch_probability",
    ),
    "a chance that a band is left": (
        put(seller__expiries__0__ranges__1__touch_probability=0.2),
        "seller.expiries.0.ranges.1.touch_probability",
    ),
    "a wide range likelier left than the narrow one": (
        put(seller__expiries__0__ranges__0__touch_probability=0.19),
        "seller.expiries.0.ranges.2.touch_probability",
    ),
    "a range rarer left than a distance beyond it is touched": (
        put(seller__expiries__0__ranges__4__touch_probability=0.03),
        "seller.expiries.0.ranges.4.touch_probability",
    ),
    "a range likelier left than a distance inside it is touched": (
        put(seller__expiries__0__ranges__0__touch_probability=0.5),
        "seller.expiries.0.ranges.0.touch_probability",
    ),
    "two chances that the primary expiry's range is left": (
        put(seller__expiries__2__ranges__0__touch_probability=0.401),
        "seller.expiries.2.ranges.0.touch_probability",
    ),
    "two breach answers for one expiry": (
        put(seller__breach_probabilities__3__close_down=0.0),
        "seller.expiries.2.breach_curve.13.close_down",
    ),
    "two max pains for one expiry": (put(seller__max_pain__confidence=0.5), "seller.expiries.0.max_pain.confidence"),
    "max pain of a far expiry": (put(seller__max_pain__expiry="2023-01-25"), "seller.max_pain.expiry"),
    "stress up to a far expiry": (put(seller__expiry_stress__expiry="2023-01-12"), "seller.expiry_stress.expiry"),
    "net skew beside its sides": (put(seller__skew__net_skew=-0.1299), "seller.skew.net_skew"),
    "tails heavier than the whole": (
        put(seller__skew__put_skew=0.7, seller__skew__call_skew=0.4, seller__skew__net_skew=-0.3),
        "seller.skew.put_skew",
    ),
    "expiry touch falls with time": (
        before_touches(
            put(
                seller__expiries__3__breach_curve__14__touch_down=0.02,
                seller__expiries__3__breach_curve__14__close_down=0.0,
            )
        ),
        "seller.expiries.3.breach_curve.14.touch_down",
    ),
    "hit rate beside its record": (put(seller__historical_hit_rate=0.81), "seller.historical_hit_rate"),
    "day offsets out of order": (put(buyer__breakout_next__4__day_offset=4), "buyer.breakout_next.4.day_offset"),
    "two breakouts for one session": (put(buyer__breakout_today__score=0.2), "buyer.breakout_today.score"),
    "two labels for one session": (
        put(
            buyer__breakout_today__label="HIGH",
            buyer__breakout_today__word="HIGH",
            buyer__buyer_environment__label="SPECULATIVE_ONLY",
        ),
        "buyer.breakout_today.score",
    ),
    "breakout levels in the wrong order": (
        put(buyer__breakout_levels__lower=18105.31, buyer__breakout_levels__upper=18105.29),
        "buyer.breakout_levels.lower",
    ),
    "breakout levels that are one": (
        put(buyer__breakout_levels__lower=18105.3, buyer__breakout_levels__upper=18105.3),
        "buyer.breakout_levels.lower",
    ),
    "spot above the upper level, yet not broken out": (
        put(buyer__breakout_levels__upper=18105.0),
        "buyer.breakout_levels.broken_out",
    ),
    "spot below the lower level, yet broken out upwards": (
        broken_out("up", buyer__breakout_levels__lower=18106.0),
        "buyer.breakout_levels.broken_out",
    ),
    "no range of a session in progress": (
        both(in_session, drop("buyer.breakout_levels.range_so_far")),
        "buyer.breakout_levels.range_so_far",
    ),
    "a range so far while the market is closed": (
        put(buyer__breakout_levels__range_so_far=0.7),
        "buyer.breakout_levels.range_so_far",
    ),
    "a range wide enough for a breakout, yet not broken out": (
        both(in_session, put(buyer__breakout_levels__range_so_far=1.2501)),
        "buyer.breakout_levels.range_so_far",
    ),
    "broken out of a range that is not wide enough": (
        broken_out("up", buyer__breakout_levels__range_so_far=1.2499),
        "buyer.breakout_levels.range_so_far",
    ),
    "broken out while the market is closed": (
        both(broken_out("up"), drop("forecast.session"), drop("buyer.breakout_levels.range_so_far")),
        "buyer.breakout_levels.broken_out",
    ),
    "flag against its heads": (put(seller__seller_flag__label="HOSTILE"), "seller.seller_flag.label"),
    "regime against its heads": (put(seller__regime="CALM"), "seller.regime"),
    "day against its heads": (put(seller__daily_flag="RISKY"), "seller.daily_flag"),
    "environment against its heads": (
        put(buyer__buyer_environment__label="PREMIUM_FRIENDLY"),
        "buyer.buyer_environment.label",
    ),
    "word beside its label": (
        put(
            seller__trap__word="HIGH",
            seller__seller_flag__label="CAUTION",
            seller__regime="HOSTILE",
            seller__daily_flag="NEUTRAL",
        ),
        "seller.trap.word",
    ),
    "word and reason": (put(seller__trap__reason="no skill measured"), "seller.trap.reason"),
    "neither word nor reason": (
        both(drop("seller.trap.word"), put(seller__trap__label="MEDIUM", seller__regime="CALM")),
        "seller.trap.reason",
    ),
    "silent, yet not at the middle": (
        both(
            drop("seller.expiry_stress.word"),
            put(
                seller__expiry_stress__reason="no skill measured",
                seller__expiry_stress__label="HOSTILE",
                seller__seller_flag__label="CAUTION",
                seller__daily_flag="NEUTRAL",
            ),
        ),
        "seller.expiry_stress.label",
    ),
    "base rate beside the base rate": (
        both(
            drop("buyer.theta_edge.word"),
            put(
                buyer__theta_edge__reason="no skill measured",
                buyer__theta_edge__label="BORDERLINE",
                buyer__theta_edge__basis="base_rate",
            ),
        ),
        "buyer.theta_edge.score",
    ),
    "word under a base rate": (
        put(seller__trap__basis="base_rate", seller__trap__score=0.3),
        "seller.trap.word",
    ),
    "score_10 beside its base rate": (put(seller__trap__score_10=0.3), "seller.trap.score_10"),
    "score_10 without a basis": (drop("seller.trap.basis_10"), "seller.trap.basis_10"),
    "silent score_10 without a reason": (drop("seller.trap.reason_10"), "seller.trap.reason_10"),
    "side beside its base rate": (
        put(buyer__spike_direction_bias__base_up=0.5),
        "buyer.spike_direction_bias.up_prob",
    ),
    "broken out, yet not certain": (
        both(broken_out("down"), put(buyer__breakout_today__score=0.99, buyer__breakout_next__0__score=0.99)),
        "buyer.breakout_today.score",
    ),
    "sides that miss 1": (
        put(buyer__spike_direction_bias__down_prob=0.5879),
        "buyer.spike_direction_bias.down_prob",
    ),
    "windows overlap": (put(buyer__gamma_windows__1__window="09:30-10:45"), "buyer.gamma_windows.1.window"),
    "window ends before it starts": (
        put(buyer__gamma_windows__5__window="15:30-15:00"),
        "buyer.gamma_windows.5.window",
    ),
    "window shares miss 1": (put(buyer__gamma_windows__3__share=0.3), "buyer.gamma_windows.0.share"),
    "spike rate beside its record": (put(buyer__historical_spike_rate=0.3), "buyer.historical_spike_rate"),
    "forecast sessions": (put(forecast__horizons__0__sessions=6), "forecast.horizons.0.sessions"),
    "forecast dates out of order": (put(forecast__horizons__3__until="2023-01-04"), "forecast.horizons.3.until"),
    "quantile levels out of order": (
        put(forecast__horizons__2__quantiles__3__level=0.25),
        "forecast.horizons.2.quantiles.3.level",
    ),
    "quantiles cross": (
        put(forecast__horizons__2__quantiles__6__points=0.0, forecast__horizons__2__quantiles__6__index_level=18105.3),
        "forecast.horizons.2.quantiles.6.points",
    ),
    "quantile level beside its points": (
        put(forecast__horizons__1__quantiles__0__index_level=17000.0),
        "forecast.horizons.1.quantiles.0.index_level",
    ),
    "forecast distances not rising": (
        put(forecast__horizons__0__breaches__5__distance_pct=0.08),
        "forecast.horizons.0.breaches.5.distance_pct",
    ),
    "forecast breach rises with distance": (
        put(forecast__horizons__7__breaches__5__touch_up=0.16, forecast__horizons__7__breaches__5__touch=0.2),
        "forecast.horizons.7.breaches.5.touch_up",
    ),
    "touch falls with the horizon": (
        put(forecast__horizons__7__breaches__5__touch_up=0.001, forecast__horizons__7__breaches__5__close_beyond=0.0),
        "forecast.horizons.7.breaches.5.touch_up",
    ),
    "schema of another major": (put(schema_version="1.0.0"), "schema_version"),
    "change beside its levels": (put(market__spot_change=-85.0), "market.spot_change"),
    "change in percent, not a fraction": (put(market__spot_change_pct=-0.47), "market.spot_change_pct"),
    "regime beside its numbers": (put(market__regime="CHOPPY"), "market.regime"),
    "regime beside its trend": (put(market__trend_sigmas=-0.5), "market.regime"),
    "change from a close of the same session": (
        put(market__previous_close_date="2022-12-30"),
        "market.previous_close_date",
    ),
    "change from a close after the last bar": (
        put(market__previous_close_date="2023-01-02", provenance__close="provisional"),
        "market.previous_close_date",
    ),
    "change from a close of two sessions ago inside a session": (
        put(provenance__close="in_session"),
        "market.previous_close_date",
    ),
    "no list of events": (drop("market.events"), "market.events"),
    "an event that a session has shown": (put(market__events__0__date="2022-12-28"), "market.events.0.date"),
    "events out of order": (
        put(market__events=[{"date": "2023-01-25", "kind": "fomc"}, {"date": "2023-01-24", "kind": "fomc"}]),
        "market.events.1.date",
    ),
    "an event twice": (put(market__events=2 * [{"date": "2023-01-25", "kind": "fomc"}]), "market.events.1.date"),
    "rebuilt close in silence": (put(market__previous_close_basis="rebuilt"), "market.previous_close_basis"),
    "rebuilt close of another date": (
        put(
            market__previous_close_basis="rebuilt",
            health__status="degraded",
            health__degraded=[{"signal": "market", "basis": "model", "reason": "the close of 2022-12-28 was rebuilt"}],
        ),
        "market.previous_close_basis",
    ),
    "degraded in silence": (
        put(health__degraded=[{"signal": "market", "basis": "model", "reason": "VIX is 2 sessions old"}]),
        "health.status",
    ),
    "degraded without a signal": (put(health__status="degraded"), "health.status"),
    "degraded signal that is not there": (
        put(
            health__status="degraded",
            health__degraded=[{"signal": "seller.trapp", "basis": "model", "reason": "model is unreadable"}],
        ),
        "health.degraded.0.signal",
    ),
    "degraded with another basis": (
        put(
            health__status="degraded",
            health__degraded=[{"signal": "seller.trap", "basis": "prior", "reason": "model is unreadable"}],
        ),
        "health.degraded.0.basis",
    ),
    "frozen in silence": (put(health__frozen=[FROZEN_SPOT]), "health.status"),
    "frozen signal that is not there": (
        put(health__status="degraded", health__frozen=[FROZEN_SPOT | {"signal": "market.spott"}]),
        "health.frozen.0.signal",
    ),
    "prior in silence": (put(buyer__breakout_next__3__basis="prior"), "buyer.breakout_next.3.basis"),
    "model without a name": (put(seller__trap__models=[]), "seller.trap.models"),
    "rate outside its interval": (
        put(
            track_record__safe_range__rate=0.5,
            track_record__safe_range__pooled=0.5,
            seller__historical_hit_rate=0.5,
        ),
        "track_record.safe_range.interval",
    ),
    "more events than calls": (
        put(
            track_record__safe_range__n=40000,
            track_record__safe_range__events=40001,
            track_record__safe_range__rate=1.0,
            track_record__safe_range__interval=[0.9, 1.0],
            track_record__safe_range__pooled=1.0,
            seller__historical_hit_rate=1.0,
        ),
        "track_record.safe_range.events",
    ),
    "interval beside its rate": (
        put(track_record__breakout_calls__interval=[0.3, 0.4]),
        "track_record.breakout_calls.interval",
    ),
    "measured rate without an interval": (drop("track_record.safe_range.interval"), "track_record.safe_range.interval"),
    "no history, yet not prior": (
        both(without_history(), put(track_record__safe_range__basis="model", health__degraded__0__basis="model")),
        "track_record.safe_range.basis",
    ),
    "no history, yet not nominal": (without_history(0.75), "track_record.safe_range.rate"),
    "record dates out of order": (put(track_record__safe_range__first="2023-01-01"), "track_record.safe_range.first"),
    "skill dates out of order": (put(track_record__skill__0__first="2023-01-01"), "track_record.skill.0.first"),
}


def test_the_sample_keeps_every_rule() -> None:
    assert list(violations(sample_document())) == []
    check_document(sample_document())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused_by_its_path(name: str) -> None:
    change, path = BROKEN[name]
    document = built(change)
    with pytest.raises(InvalidDocument) as refusal:
        check_document(document)
    message = str(refusal.value)
    assert f" at {path}: " in message
    assert [violation.path for violation in violations(document)] == [path]
    assert "\n" not in message


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused_however_it_came_in(number: float) -> None:
    document = sample_document()
    market = document.market.model_copy(update={"spot": number})
    with pytest.raises(InvalidDocument, match=r"at market\.spot: must be finite"):
        check_document(document.model_copy(update={"market": market}))


def test_a_replay_may_be_generated_after_it_ceased_to_be_valid() -> None:
    check_document(built(put(generated_at="2026-11-23T09:00:00+05:30", provenance__mode="replay")))


def test_a_call_with_a_proven_margin_is_valid() -> None:
    check_document(built(UP_5))


def test_breakout_today_of_a_session_in_progress_need_not_equal_the_next_one() -> None:
    check_document(built(put(buyer__breakout_today__score=0.6, buyer__breakout_today__session="2022-12-30")))


@pytest.mark.parametrize(
    ("word", "levels"), [("up", (17870.5, 18100.0)), ("down", (18110.0, 18340.1)), ("both", (17870.5, 18340.1))]
)
def test_a_session_that_broke_out_and_says_so_is_valid(word: str, levels: tuple[float, float]) -> None:
    lower, upper = levels
    check_document(built(broken_out(word, buyer__breakout_levels__lower=lower, buyer__breakout_levels__upper=upper)))


def test_a_level_that_was_crossed_is_printed_as_such() -> None:
    assert "; crossed: up" in summary(built(broken_out("up")), written_to=None)
    assert "crossed" not in summary(sample_document(), written_to=None)


def test_a_rebuilt_close_named_in_health_is_valid() -> None:
    check_document(built(REBUILT))


def test_a_prior_listed_in_health_is_valid() -> None:
    check_document(built(without_history()))


def test_a_frozen_signal_listed_in_health_is_valid() -> None:
    check_document(built(put(health__status="degraded", health__frozen=[FROZEN_SPOT])))


def test_a_prior_is_reported_by_naming_the_list_it_is_in() -> None:
    entry = {"signal": "buyer.breakout_next", "basis": "prior", "reason": "breakout model is unreadable"}
    prior = put(buyer__breakout_next__1__basis="prior", health__status="degraded", health__degraded=[entry])
    check_document(built(prior))


def test_a_document_without_a_volatility_index_is_valid() -> None:
    fields = ("vix_first_bar", "vix_last_bar", "vix_age_sessions")
    change = both(put(market__vix_basis="estimator"), *(drop(f"provenance.{name}") for name in fields))
    check_document(built(change))


def test_before_weekly_expiries_the_nearest_expiry_is_absent() -> None:
    absent = ("seller.expiry_stress.expiry", "buyer.theta_edge.expiry", "track_record.nearest_range")
    check_document(built(both(*map(drop, absent))))


def test_a_provisional_calendar_that_says_so_is_valid() -> None:
    change = put(
        health__calendar={"valid_through": "2023-02-22", "provisional": True}, seller__expiries__3__provisional=True
    )
    check_document(built(change))


def test_a_document_of_before_says_nothing_of_who_trained_its_models() -> None:
    without = both(drop("provenance.trained_by"), drop("provenance.engine_commit"), put(schema_version="2.0.0"))
    assert list(violations(built(without))) == []


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
def test_a_night_of_before_2_2_0_need_not_name_its_series(version: str) -> None:
    assert not any(violations(built(both(after_night(used=None), put(schema_version=version)))))
