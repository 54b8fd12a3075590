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
    """The direction models of the set in ``folder``.

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
    return DirectionModels(models.direction, models.distribution)
