"""Which features each model reads, in order: what a set must have been trained on to be of use to this engine."""

from aegismatrix_engine.intraday.scale import FEATURES as SESSION_FEATURES
from aegismatrix_engine.volatility.event_head import HEAD_FEATURES
from aegismatrix_engine.volatility.features import RANGE_FEATURES, VIX_FEATURES

DTYPE = "float64"

_SCALE = ("gap", *RANGE_FEATURES, *VIX_FEATURES)
_EVENT = (*HEAD_FEATURES, "scale")
_FEATURES: dict[str, tuple[str, ...]] = {
    "distribution": _SCALE,
    "trap": _EVENT,
    "breakout": _EVENT,
    "theta": _EVENT,
    "spike": ("neg5",),
    "session": (*SESSION_FEATURES, "scale"),
    "night": ("change of the US VIX", "scale"),
}


def model_features(name: str) -> list[list[str]]:
    """[name, dtype] of every feature the model of that name reads, in order; empty for a model of base rates."""
    return [[feature, DTYPE] for feature in _FEATURES.get(name, ())]
