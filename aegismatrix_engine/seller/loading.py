"""The seller's models for programs: all healthy, or an error."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aegismatrix_engine.seller.model import BreachModel, StressModel, TrapModel


class SellerModels(NamedTuple):
    """Volatility trap, expiry stress, and what steers the safe range and its breaches."""

    trap: "TrapModel"
    stress: "StressModel"
    breach: "BreachModel"


def load_models(folder: Path | str = "models", market: str = "nifty50") -> SellerModels:
    """The seller's models of the set in ``folder``.

    Raises:
        ModelsUnusable: a model of the set is not healthy, or the set was trained for another market than ``market``.
    """
    from aegismatrix_engine.forecasting.model_set import load_models as load_set

    models, _ = load_set(Path(folder), market)
    return SellerModels(models.trap, models.stress, models.breach)
