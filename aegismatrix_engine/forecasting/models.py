"""The model set: everything ``aegis train`` learns and ``aegis infer`` needs, one field a file."""

from dataclasses import dataclass, fields

from aegismatrix_engine.buyer.model import BreakoutModel, GammaModel, SpikeSide, ThetaModel
from aegismatrix_engine.direction.model import DirectionModel
from aegismatrix_engine.forecasting.forecasters import Forecasters
from aegismatrix_engine.forecasting.probe_rows import ProbeRows
from aegismatrix_engine.intraday.session_model import SessionModel
from aegismatrix_engine.scores import BrierSkill
from aegismatrix_engine.seller.model import BreachModel, StressModel, TrapModel
from aegismatrix_engine.volatility.distribution import DistributionModel
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


@dataclass(frozen=True)
class Training:
    """What a model set was trained on and how its forecasts fared in the walk through the past.

    market: id. trained_at: ISO-8601 timestamp with zone. first, last: 'YYYY-MM-DD' of the training sessions. rows:
    regular sessions; vix_rows: those with a complete volatility index block. data_hash: SHA-256 of the bars.
    probes: sessions whose features every model is asked about whenever it is loaded.
    """

    market: str
    trained_at: str
    first: str
    last: str
    rows: int
    vix_rows: int
    data_hash: str
    skill: tuple[BrierSkill, ...]
    probes: ProbeRows
