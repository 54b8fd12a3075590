"""The model set: everything ``aegis train`` learns and ``aegis infer`` needs, one field a file."""

from dataclasses import dataclass, fields
from typing import Final

from aegismatrix_engine.buyer.model import BreakoutModel, GammaModel, SpikeSide, ThetaModel
from aegismatrix_engine.direction.model import DirectionModel
from aegismatrix_engine.forecasting.forecasters import Forecasters
from aegismatrix_engine.intraday.model import SessionModel
from aegismatrix_engine.intraday.scale import FEATURES as SESSION_FEATURES
from aegismatrix_engine.seller.model import BreachModel, StressModel, TrapModel
from aegismatrix_engine.volatility.companion import COMPANION_FEATURES
from aegismatrix_engine.volatility.distribution import DistributionModel
from aegismatrix_engine.volatility.event_head import HEAD_FEATURES
from aegismatrix_engine.volatility.features import RANGE_FEATURES, VIX_FEATURES
from aegismatrix_engine.volatility.near_ridge import NEAR_FEATURES
from aegismatrix_engine.volatility.night import NightModel


@dataclass(frozen=True)
class Models:
    """The models by name; the names are those of the files and of every signal's ``models``."""

    distribution: DistributionModel
    direction: DirectionModel
    trap: TrapModel
    stress: StressModel
    breach: BreachModel
    breakout: BreakoutModel
    spike: SpikeSide
    theta: ThetaModel
    gamma: GammaModel
    session: SessionModel
    night: NightModel

    @property
    def forecasters(self) -> Forecasters:
        """The parts that ``forecast`` needs."""
        return Forecasters(self.distribution, self.trap.forecaster, self.breakout.forecaster, self.theta.forecaster)


MODEL_NAMES = tuple(field.name for field in fields(Models))

MODEL_OF_SIGNAL: Final = {
    "seller.trap": "trap",
    "seller.expiry_stress": "stress",
    "buyer.breakout": "breakout",
    "buyer.spike_direction_bias": "spike",
    "buyer.theta_edge": "theta",
    "direction": "direction",
}
"""Signal with a score in the walk through the past -> the model behind it."""

DTYPE = "float64"

NIGHT_FEATURES = ("us_vix", "us_spot", "inda", "inda_before")
_SCALE = ("gap", *RANGE_FEATURES, *VIX_FEATURES, *NEAR_FEATURES)
_EVENT = (*HEAD_FEATURES, "scale")
_FEATURES: Final[dict[str, tuple[str, ...]]] = {
    "distribution": _SCALE,
    "trap": _EVENT,
    "breakout": _EVENT,
    "theta": _EVENT,
    "spike": ("neg5",),
    "session": (*SESSION_FEATURES, "scale"),
    "night": (*NIGHT_FEATURES, "scale"),
}


def model_of_signal(path: str) -> str:
    """The model behind a score, 'buyer.breakout.3' -> 'breakout'; raises KeyError for a score of no model."""
    for signal, model in MODEL_OF_SIGNAL.items():
        if path == signal or path.startswith(f"{signal}."):
            return model
    raise KeyError(path)


def model_features(name: str, *, companion: bool = False) -> list[list[str]]:
    """[name, dtype] of every feature the model of that name reads, in order; empty for a model of base rates.

    companion: whether the market has a companion index.
    """
    also = COMPANION_FEATURES if companion and name == "distribution" else ()
    return [[feature, DTYPE] for feature in (*_FEATURES.get(name, ()), *also)]
