"""What a golden number is worked from: the bars known at a moment, the contents of the model files, the calendar."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.scheduled_events import EventTable
from aegismatrix_engine.record.live import LiveRecord

CALENDAR = get_market("nifty50").calendar
NO_BARS = pd.DataFrame(columns=["open", "high", "low", "close", "vix"], index=pd.DatetimeIndex([]), dtype=np.float64)
ONE_BAR = pd.Timedelta(minutes=15)


@dataclass(frozen=True, eq=False)
class Material:
    """A moment.

    daily: sessions whose close is known, points and vol points (vix NaN where unknown). bars: all complete 15-minute
    bars, those of the session in progress last. us_vix, us_spot, fund: what is known of the US, us_spot with its
    opens, highs and lows, the others closes. events: the tables of the market's events. learnt: the sessions that the
    models were trained on, learnt_bars: their bars. models: contents of the model files; training: what came with them.
    record: the live record. index_last: the last session with a close of the volatility index.
    applied_night: whether the US night is known and no bar of the next session is.
    """

    daily: pd.DataFrame
    bars: pd.DataFrame
    us_vix: "pd.Series[float]"
    us_spot: pd.DataFrame
    fund: "pd.Series[float]"
    learnt: pd.DataFrame
    learnt_bars: pd.DataFrame
    models: Models
    training: Training
    index_last: pd.Timestamp | None
    as_of: pd.Timestamp
    record: LiveRecord = field(default_factory=LiveRecord)
    applied_night: bool = False
    calendar_file: dict[str, int] | None = None
    events: tuple[EventTable, ...] = ()

    @cached_property
    def today(self) -> pd.DataFrame:
        """The complete bars of the session in progress."""
        return self.bars.loc[self.bars.index > self.daily.index[-1] + pd.Timedelta(days=1)]

    @property
    def inside(self) -> bool:
        return len(self.today) > 0

    @cached_property
    def moment(self) -> int:
        """Which of a session's 25 bars was the last one that is complete, from 1."""
        opens = self.today.index[0].normalize() + pd.Timedelta(hours=9, minutes=15)
        return int((self.today.index[-1] - opens) / ONE_BAR) + 1

    @cached_property
    def ahead(self) -> pd.DatetimeIndex:
        """The next 46 sessions, the one in progress the first of them."""
        return CALENDAR.following(self.daily.index[-1], 46)

    @property
    def day(self) -> pd.Timestamp:
        return self.as_of.tz_localize(None).normalize()

    @cached_property
    def spot(self) -> float:
        return float((self.today if self.inside else self.daily)["close"].iloc[-1])

    @cached_property
    def log(self) -> pd.DataFrame:
        """Logarithms of the daily open, high, low and close."""
        return np.log(self.daily[["open", "high", "low", "close"]])

    @property
    def knows_index(self) -> bool:
        """Whether the volatility index is known at the last 22 closes."""
        return bool(self.daily["vix"].iloc[-22:].notna().all())

    def step(self, sessions: int) -> int:
        """The close so many sessions after today, counted in closes ahead."""
        return sessions + 1 if self.inside else sessions

    def closes_to(self, date: pd.Timestamp) -> int:
        """Regular closes from now to that of a date."""
        return len(CALENDAR.regular(self.daily.index[-1] + pd.Timedelta(days=1), date))
