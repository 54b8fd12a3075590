"""Which model sets may be put in place, and which may stay: dead ones never, unskilled ones only when forced."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.errors import DeadModels, ModelsUnskilled
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models, model_of_signal
from aegismatrix_engine.forecasting.probes import row_answers
from aegismatrix_engine.scores import MINIMUM_EVENTS, BrierSkill

NOISE_BEYOND = 3.0
"""Standard errors by which a score must be worse than climatology's to count: of twenty scores without any skill, one
lies beyond two of them every second training, one beyond three hardly ever."""

MINIMUM_FORECASTS = 250


def refuse_dead(models: Models, training: Training) -> None:
    """Raise DeadModels where a model holds NaN, answers a probe with anything not finite, or all with one number."""
    for name in MODEL_NAMES:
        if _holds_nan(to_state(getattr(models, name))):
            raise DeadModels(f"the {name} model holds NaN; check the bars it was trained on")
        for column in row_answers(name, getattr(models, name), training.probes):
            if not np.isfinite(column).all():
                raise DeadModels(f"the {name} model answers NaN or infinity; check the bars it was trained on")
            if np.ptp(column) == 0:
                raise DeadModels(f"the {name} model answers {column[0]} to all; check the bars it was trained on")


def _holds_nan(state: Any) -> bool:
    if isinstance(state, dict | list):
        return any(_holds_nan(part) for part in (state.values() if isinstance(state, dict) else state))
    return isinstance(state, float | np.ndarray) and bool(np.isnan(state).any())


def refuse_unskilled(training: Training) -> None:
    """Raise ModelsUnskilled where a walk-forward score is worse than climatology's beyond its noise."""
    found = unskilled_models(training.skill)
    if found:
        raise ModelsUnskilled(
            f"the new models forecast worse than climatology ({'; '.join(found.values())}); the old set is kept; "
            "check the bars, or install them anyway with --force"
        )


def unskilled_models(skill: Iterable[BrierSkill]) -> dict[str, str]:
    """Model -> its score in words, for every model that scored worse than climatology by more than its noise.

    A score of fewer than 250 forecasts, or of fewer than 30 spans of its own horizon, is not judged.
    """
    found = {}
    for score in skill:
        if score.n < max(MINIMUM_FORECASTS, MINIMUM_EVENTS * signal_horizon(score.signal)):
            continue
        if score.score - score.climatology > NOISE_BEYOND * score.noise:
            found[model_of_signal(score.signal)] = (
                f"{score.signal} Brier {score.score:.4f} against {score.climatology:.4f}"
            )
    return found


def signal_horizon(signal: str) -> int:
    """Sessions a scored signal looks ahead, as its name ends; a breakout looks at one session, stress at up to five."""
    if signal.startswith("buyer.breakout"):
        return 1
    numbers = re.findall(r"\d+", signal)
    return int(numbers[-1]) if numbers else 5
