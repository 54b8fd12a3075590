"""The buyer's models for programs: healthy, or an error."""

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

    The one door of this room that looks upwards, and so late: a set is read whole, by what knows every room's models.

    Args:
        folder: of the model set.
        market: whose models they have to be.

    Returns:
        The models, each of them healthy.

    Raises:
        ModelsUnusable: one of its kin, unless every model of the set is healthy.
    """
    from aegismatrix_engine.forecasting.model_set import load_models as load_set

    models, _ = load_set(Path(folder), market)
    return BuyerModels(models.breakout, models.spike, models.theta, models.gamma)
