"""The direction models for programs: healthy, or an error."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aegismatrix_engine.direction.model import DirectionModel
    from aegismatrix_engine.volatility.distribution import DistributionModel


class DirectionModels(NamedTuple):
    """Base rates and margins of direction, and the return distribution that every signal stands on."""

    direction: "DirectionModel"
    distribution: "DistributionModel"


def load_models(folder: Path | str = "models", market: str = "nifty50") -> DirectionModels:
    """The direction models of the set in ``folder``; raises ModelsUnusable or one of its kin unless all are healthy."""
    from aegismatrix_engine.forecasting.model_set import load_models as load_set  # it imports this package's models

    models, _ = load_set(Path(folder), market)
    return DirectionModels(models.direction, models.distribution)
