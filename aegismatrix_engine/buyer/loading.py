"""The buyer's models for programs: all healthy, or an error."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aegismatrix_engine.buyer.model import BreakoutModel, GammaModel, SpikeSide, ThetaModel


class BuyerModels(NamedTuple):
    """Breakouts, the side they fall on, the straddle's pay-off, and the windows of the session."""

    breakout: "BreakoutModel"
    spike: "SpikeSide"
    theta: "ThetaModel"
    gamma: "GammaModel"


def load_models(folder: Path | str = "models", market: str = "nifty50") -> BuyerModels:
    """The buyer's models of the set in ``folder``.

    Raises:
        ModelsUnusable: a model of the set is not healthy, or the set was trained for another market than ``market``.
    """
    from aegismatrix_engine.forecasting.model_set import load_models as load_set

    models, _ = load_set(Path(folder), market)
    return BuyerModels(models.breakout, models.spike, models.theta, models.gamma)
