"""The gate of each head: its forecasts are published only while the walk through the past proves their skill."""

from collections.abc import Collection, Iterable

import numpy as np

from aegismatrix_engine.artifacts.head_proof import (
    ENTER_RECENT,
    ENTER_T,
    HEADS,
    LEAVE_RECENT,
    LEAVE_T,
    MINIMUM_FORECASTS,
    RECENT_ORIGINS,
    HeadProof,
)
from aegismatrix_engine.scores import squared_errors, standard_error
from aegismatrix_engine.training.measures import ScoredSignal
from aegismatrix_engine.typing import FloatArray


def head_proofs(scored: Iterable[ScoredSignal], proven_before: Collection[str] = ()) -> tuple[HeadProof, ...]:
    """The proof of each of HEADS, in their order; none is proven that was not scored.

    Args:
        scored: past forecasts, of other signals too.
        proven_before: heads that were proven by the set before. They stay proven down to weaker numbers than a head
            needs to become so, so that a weekly training does not switch words on and off.
    """
    by_signal = {one.signal: one for one in scored}
    nothing = np.empty(0)
    return tuple(
        head_proof(by_signal.get(head, ScoredSignal(head, nothing, nothing, nothing, 1)), head in proven_before)
        for head in HEADS
    )


def head_proof(scored: ScoredSignal, was_proven: bool) -> HeadProof:
    """Measure one head and decide.

    It enters with t above 1.5 and a skill over the last 750 origins of at least 0, and leaves with t below 1 or a skill
    there below -0.5 %. Under 250 known outcomes nothing is measured.
    """
    gain, climatology = _gain(scored)
    known = np.isfinite(gain)
    n = int(known.sum())
    if n < MINIMUM_FORECASTS:
        return HeadProof(scored.signal, False, 0.0, 0.0, 0.0, n)
    error = standard_error(gain[known], scored.horizon)
    t = float(gain[known].mean()) / error if error > 0 else 0.0
    skill, recent = _skill(gain, climatology), _skill(gain[-RECENT_ORIGINS:], climatology[-RECENT_ORIGINS:])
    enters, stays = t > ENTER_T and recent >= ENTER_RECENT, t >= LEAVE_T and recent >= LEAVE_RECENT
    proven = enters or (was_proven and stays)
    return HeadProof(scored.signal, proven, skill, t, recent, n)


def _gain(scored: ScoredSignal) -> tuple[FloatArray, FloatArray]:
    """What each forecast's squared error is below its base rate's, and the latter; NaN where a part is not known."""
    ours = squared_errors(scored.forecast, scored.happened)
    theirs = squared_errors(scored.base_rate, scored.happened)
    gain = theirs - ours
    return gain, np.where(np.isfinite(gain), theirs, np.nan)


def _skill(gain: FloatArray, climatology: FloatArray) -> float:
    """1 - score / climatology of the known ones; 0 without any."""
    total = float(np.nansum(climatology))
    return float(np.nansum(gain)) / total if total > 0 else 0.0
