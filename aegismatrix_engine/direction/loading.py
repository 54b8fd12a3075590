"""The direction models for programs: all healthy, or an error."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aegismatrix_engine.direction.model import DirectionModel
    from aegismatrix_engine.volatility.distribution import DistributionModel


class DirectionModels(NamedTuple):
    """Base rates and margins of direction, and the return distribution behind every signal."""

    direction: "DirectionModel"
    distribution: "DistributionModel"


def load_models(folder: Path | str = "models", market: str = "nifty50") -> DirectionModels:
    """The direction models of the set in ``folder``.

    Raises:
        ModelsUnusable: a model of the set is not healthy, or the set was trained for another market than ``market``.
    """
    from aegismatrix_engine.forecasting.model_set import load_models as load_set

    models, _ = load_set(Path(folder), market)
    return DirectionModels(models.direction, models.distribution)
