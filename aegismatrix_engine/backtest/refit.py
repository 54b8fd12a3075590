"""What is learnt from the past at one session, and speaks from the closes that follow it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.forecasting.forecasters import ExpandingFits, Forecasters
from aegismatrix_engine.seller.model import StressBase, StressCounts
from aegismatrix_engine.training.head_gate import head_proofs
from aegismatrix_engine.training.measures import heads_known, scored_heads
from aegismatrix_engine.training.walk_forward import WalkForward
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.conformal import known_miss
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

NAME_DIGITS: Final = 12


@dataclass(frozen=True)
class Record:
    """What the walk through the past has measured up to a session, as a training there would.

    Attributes:
        miss: (3, 45) miss rates that the intervals of ``conformal.COVERAGES`` aim at.
        proven: heads whose forecasts have proven their skill.
    """

    miss: FloatArray
    proven: tuple[str, ...]


@dataclass(frozen=True)
class Refit:
    """Models as a training at one session leaves them, so far as forecasts from a close need them.

    Attributes:
        record: what the walk through the past has measured.
    """

    forecasters: Forecasters
    stress: StressBase
    record: Record

    @property
    def name(self) -> str:
        """Twelve hex digits that identify the models: the same numbers have the same name."""
        digest = hashlib.sha256()
        for part in _parts(to_state(self)):
            digest.update(part)
        return digest.hexdigest()[:NAME_DIGITS]


def _parts(state: Any) -> Iterator[bytes]:
    """The bytes of every name, number and array of a state, in order."""
    if isinstance(state, dict | list):
        for name, part in state.items() if isinstance(state, dict) else enumerate(state):
            yield str(name).encode()
            yield from _parts(part)
    elif isinstance(state, np.ndarray):
        yield str(state.shape).encode() + state.tobytes()
    else:
        yield repr(state).encode()


@dataclass(frozen=True, eq=False)
class Refits:
    """Fits on the first rows of a history, which share what none of them changes."""

    parts: ExpandingFits
    stress: StressCounts

    @classmethod
    def of(cls, features: DailyFeatures) -> "Refits":
        """Prepare fits on the rows of the features."""
        return cls(ExpandingFits.of(features), StressCounts.of(features))

    def fit(self, n: int, record: Record, fitted: Forecasters | None = None) -> Refit:
        """Fit on the first n rows, unless that was done: the same bits as on a history that ends with them."""
        return Refit(fitted or self.parts.fit(n)[0], self.stress.base(n), record)


def measured(walk: WalkForward, features: DailyFeatures, nearest: IntArray, refits: list[int]) -> dict[int, Record]:
    """Refit row -> what the walk had measured by then.

    Args:
        walk: the walk through the past up to the last of the refits.
        features: of the sessions up to there, or of more.
        nearest: (n,) sessions from each row's close to the nearest expiry.
        refits: rows of the features.
    """
    scored, found = list(scored_heads(walk, features, nearest)), {}
    for row in refits:
        origin = row - int(walk.rows[0])
        # Entries of the path that are known at an origin rest on outcomes that had come by then.
        miss = np.column_stack([known_miss(walk.miss, origin, h) for h in range(1, MAX_HORIZON + 1)])
        proofs = head_proofs(heads_known(scored, walk.rows, nearest, row))
        found[row] = Record(miss, tuple(proof.signal for proof in proofs if proof.proven))
    return found
