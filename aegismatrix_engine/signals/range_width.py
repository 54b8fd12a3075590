"""How wide the 80 % range to the nearest expiry is for its year, and what the index did after such ranges."""

import math

import numpy as np

from aegismatrix_engine.document.schema import range_width as schema
from aegismatrix_engine.document.schema.situation import WIDTH_GRADES
from aegismatrix_engine.forecasting.origin import InSession, Origin
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.seller.model import BreachModel
from aegismatrix_engine.seller.range_width import ALL, USUAL, WIDTH_SESSIONS, width_grade
from aegismatrix_engine.signals.ranges import RANGE_MODELS
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import percentile_of_last


def range_width_block(origin: Origin, model: BreachModel) -> schema.RangeWidth:
    """Compare like with like: a range over as many sessions, per square root of the variance time left of it."""
    step = min(origin.nearest_sessions, WIDTH_SESSIONS[-1])
    part = math.sqrt(step / origin.variance_time(step))
    scale = part * float(origin.forecast.distribution.scale[0, step - 1])
    past, implied = origin.year_scales[:, step - 1], origin.features.series.implied_sd[-len(origin.year_scales) :]
    percentile = _percentile(origin, past, scale)
    sigmas = None
    if origin.has_vix:
        now = scale / (part * origin.implied_move(step))
        sigmas = _percentile(origin, past / (implied * math.sqrt(step)), now)
    found, column = width_grade(percentile), step - 1
    told_apart = bool(model.widths.told_apart[found, column])
    record = model.widths
    measured = int(record.occasions[found, column]) >= MINIMUM_EVENTS
    shares = {
        name: float(values[row, column]) if measured else None
        for name, values, row in (
            ("held", record.held, found),
            ("usual_held", record.held, ALL),
            ("touched", record.touched, found),
            ("usual_touched", record.touched, ALL),
            ("median_move", record.move, found),
            ("usual_median_move", record.move, ALL),
        )
    }
    return schema.RangeWidth(
        percentile=percentile,
        percentile_sigmas=sigmas,
        grade=WIDTH_GRADES[found if told_apart and measured else USUAL],
        expiry=f"{origin.nearest.date:%Y-%m-%d}" if origin.nearest else None,
        sessions_left=step,
        ranges=int(record.ranges[found, column]),
        occasions=int(record.occasions[found, column]),
        **shares,
        basis=origin.basis(*origin.named(*RANGE_MODELS)),
        models=origin.named(*RANGE_MODELS),
    )


def _percentile(origin: Origin, closes: FloatArray, now: float) -> float:
    """Of ``now`` among the last year's closes; at a close and in the night after it ``now`` is the last of them."""
    past = closes if isinstance(origin, InSession) else closes[:-1]
    return percentile_of_last(np.append(past, now), origin.market.sessions_per_year)


def width_reason(width: schema.RangeWidth) -> str:
    """The range's width for its year, and what such ranges were followed by, in a sentence."""
    until = width.expiry or f"{width.sessions_left} sessions ahead"
    words = {
        "NARROW": "narrow for its year",
        "USUAL": "about as wide as usual in its year",
        "WIDE": "wide for its year",
    }
    text = f"Range to {until}: {words[width.grade]}, wider than {width.percentile:.0%} of it"
    moves = width.median_move, width.usual_median_move
    if moves[0] is None or moves[1] is None or width.held is None or width.touched is None:
        return f"{text}; too few past ranges of such a width to say what follows them"
    return (
        f"{text}; after {width.ranges:,} such ranges the index moved {moves[0]:.2%} in the median, usually "
        f"{moves[1]:.2%}; {width.held:.0%} of them held, {width.touched:.0%} were left on the way"
    )
