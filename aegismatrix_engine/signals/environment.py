"""The buyer's situation in words: by the heads that are proven, and by the width of the range where theta is not."""

from typing import Any, Final

from aegismatrix_engine.document.schema import buyer as schema
from aegismatrix_engine.document.schema.block import Color
from aegismatrix_engine.document.schema.range_width import RangeWidth
from aegismatrix_engine.document.schema.situation import environment_word
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.signals.range_width import width_reason

ENVIRONMENTS: dict[schema.BuyerEnvironmentLabel, tuple[Color, schema.EnvironmentState]] = {
    "PREMIUM_FRIENDLY": ("GREEN", "PREMIUM_FRIENDLY"),
    "SPECULATIVE_ONLY": ("AMBER", "CAUTIOUS"),
    "UNFAVOURABLE": ("RED", "AVOID_FULL_RISK"),
}


PAYOFF_SESSIONS: Final = 750
"""Past sessions whose moves are compared with a quoted cost: about three years."""


def buyer_environment(
    origin: Origin, breakout: dict[str, Any], theta: schema.ThetaEdge, width: RangeWidth
) -> schema.BuyerEnvironment:
    """The word with its reasons; breakout: the fields of the one of today or the next session."""
    label = environment_word(breakout["word"], theta.word, width.grade)
    # Its reasons quote all three, whichever of them the word rests on.
    models = {*width.models, *theta.models, *breakout["models"]}
    return schema.BuyerEnvironment(
        label=label,
        color=ENVIRONMENTS[label][0],
        reasons=[_rests_on(breakout, theta), _theta_reason(theta), _breakout_reason(breakout), width_reason(width)],
        basis=origin.basis(*models),
        models=sorted(models),
    )


def _theta_reason(theta: schema.ThetaEdge) -> str:
    if theta.cost_basis:
        return _quoted_reason(theta)
    ratio = (
        f"Straddle to the next expiry: mean pay-off {theta.expected_payoff_ratio:.2f} of its implied cost of "
        f"{theta.straddle_cost_points:,.0f} points, give or take {theta.payoff_error:.2f}"
    )
    return ratio if theta.word else f"{ratio}, as past ones; no word: {theta.reason}"


def _quoted_reason(theta: schema.ThetaEdge) -> str:
    costs = f"Straddle to the next expiry costs {theta.straddle_cost_points:,.0f} points"
    if theta.word:
        return f"{costs}; mean pay-off {theta.expected_payoff_ratio:.2f} of it, give or take {theta.payoff_error:.2f}"
    past = f"moves of the last {PAYOFF_SESSIONS} sessions averaged {theta.expected_payoff_ratio:.2f} of such a cost"
    return f"{costs}; {past}; no word: {theta.reason}"


def _breakout_reason(breakout: dict[str, Any]) -> str:
    chance = f"Chance of a breakout on {breakout['session']}: {breakout['score']:.0%}"
    word = "" if breakout["word"] else f"; no word: {breakout['reason']}"
    return f"{chance}, usually {breakout['base_rate']:.0%}{word}"


def _rests_on(breakout: dict[str, Any], theta: schema.ThetaEdge) -> str:
    names = [name for name, word in (("theta", theta.word), ("the breakout", breakout["word"])) if word]
    proven = f"{' and '.join(names)}, which the walk through the past has proven" if names else ""
    if theta.word:
        return f"The word rests on {proven}"
    width = "the range's width, which says how far the index moves and not whether buying pays"
    return f"The word rests on {proven}, and on {width}" if names else f"The word rests on {width}"
