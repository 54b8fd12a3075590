"""The open that a US night points to, from the night model."""

import numpy as np

from aegismatrix_engine.document.schema.opening_gap import OpeningGap
from aegismatrix_engine.forecasting.origin import AfterNight
from aegismatrix_engine.volatility.opening_gap import gap_unit

OPEN_LEVELS = (0.1, 0.5, 0.9)
"""Lower end, median and upper end of the opening price."""


def opening_gap_block(origin: AfterNight) -> OpeningGap:
    """The next open in index points, its range, and the move that is expected after it."""
    model, which, one_session = origin.night_model, origin.night_subset, origin.daily.scale[:, 0]
    unit = gap_unit(origin.features.series, one_session)
    moves = model.gap_quantile(origin.night, which, unit, np.array(OPEN_LEVELS))[0]
    lower, median, upper = (origin.level(float(move)) for move in moves)
    measured, gap = model.after_open, unit * model.gap_shift(origin.night, which) / one_session
    known, left = measured.nights > 0, float(one_session[0]) * measured.expected(float(gap[0]))
    return OpeningGap(
        session=f"{origin.next_session:%Y-%m-%d}",
        us_session=f"{origin.night_date:%Y-%m-%d}",
        series=[name for name, _ in origin.night_used],
        expected_open=median,
        expected_points=median - origin.spot,
        lower=lower,
        upper=upper,
        coverage=round(OPEN_LEVELS[-1] - OPEN_LEVELS[0], 2),
        after_open_points=median * float(np.expm1(left)) if known else None,
        after_open_correlation=measured.correlation if known else None,
        after_open_t=measured.t if known else None,
        after_open_nights=measured.nights,
        basis=origin.basis("distribution", "night"),
        models=["distribution", "night"],
    )


def about_the_gap(night: OpeningGap) -> str:
    """What a reader of a call that rests on the night must know."""
    opens = f"open expected at {night.expected_open:,.2f} ({night.expected_points:+,.2f})"
    held = f"{night.coverage:.0%} from {night.lower:,.2f} to {night.upper:,.2f}"
    left = "" if night.after_open_points is None else f"; {night.after_open_points:+,.2f} points expected after it"
    return f"about the opening gap: {opens}, {held}{left}"
