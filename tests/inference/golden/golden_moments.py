"""The moments at which golden numbers are compared: the document, and the material to work it from by hand."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import synthetic
from material import NO_BARS, Material

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import known_markets
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.markets.merged_sessions import merged_market
from aegismatrix_engine.markets.operator_calendar import read_operator_calendar
from aegismatrix_engine.record.live import LiveRecord
from aegismatrix_engine.record.scoring import SignalScore
from aegismatrix_engine.record.skill import Skill
from aegismatrix_engine.scores import MeasuredRate, wilson_interval
from aegismatrix_engine.training.train import train

WHOLE = synthetic.whole_history()
AGED = pd.Timestamp("2019-06-14")
"""The last session that the models of ``aged`` have seen, a month before its moment."""

HOURS = (
    'opens = "10:15", continuous_close = "15:15", official_close = "15:35", derivatives_close = "15:40", source = "s"'
)
OPERATOR = f"""[nifty50]
closures = [
    {{ date = 2019-12-03, name = "Holiday", source = "s" }},
    {{ date = 2019-12-10, name = "Holiday", source = "s" }},
]
special = [{{ date = 2019-12-14, kind = "weekend", opens = "09:15", closes = "10:15", source = "s" }}]
hours = [
    {{ date = 2019-12-04, {HOURS} }},
    {{ date = 2019-12-05, {HOURS} }},
    {{ date = 2019-12-06, {HOURS} }},
]
"""


def signal_score(signal: str, events: int, *, index: bool) -> SignalScore:
    against = Skill(-0.0712, -0.2, 0.05) if index else None
    numbers = {"n": 3 * events, "events": events, "first": "2019-01-01", "last": "2019-05-31", "frequency": 0.2345}
    return SignalScore(
        signal=signal,
        event="touch",
        **numbers,  # type: ignore[arg-type]
        interval=(0.1, 0.4),
        nominal=None,
        brier=0.1731,
        log=0.52,
        climatology=Skill(0.1234, -0.01, 0.25),
        vix=against,
        reliability=(),
        by_basis=(),
        by_model_set=(),
    )


def live_rate(n: int, events: int, rate: float) -> MeasuredRate:
    """A rate whose interval, Wilson's by the formula of the record, is compared with its two roots."""
    return MeasuredRate(n, events, rate, *wilson_interval(rate, events), math.nan, "2019-01-01", "2019-05-31")


ENOUGH = LiveRecord(
    safe_range=live_rate(120, 34, 0.853),
    nearest_range=live_rate(190, 39, 0.772),
    breakout_calls=live_rate(31, 31, 0.29),
    signals=(signal_score("seller.trap", 40, index=True), signal_score("buyer.theta_edge", 31, index=False)),
)
FEW = LiveRecord(
    safe_range=live_rate(40, 12, 0.75),
    nearest_range=live_rate(50, 14, 0.82),
    breakout_calls=live_rate(9, 9, 0.4444),
    signals=(signal_score("seller.trap", 29, index=True),),
)


@dataclass(frozen=True, eq=False)
class Setting:
    """Bars of a moment, the models asked, what these were trained on, and the live record."""

    bars: MarketHistory
    trained: Callable[[], tuple[Models, Training]]
    learnt: MarketHistory
    record: LiveRecord = LiveRecord()  # noqa: RUF009 - frozen


def at(date: str, time: str) -> MarketHistory:
    return WHOLE.until(AsOf.of(pd.Timestamp(f"{date}T{time}").tz_localize("Asia/Kolkata")))


@cache
def trained_until_aged() -> tuple[Models, Training]:
    return train(WHOLE.until(AsOf.of(AGED)), synthetic.TRAINED_AT)


@cache
def trained_longer() -> tuple[Models, Training]:
    """The same models with what only a longer history proves: margins of direction, a measured rate of safe ranges."""
    models, training = synthetic.trained_whole()
    margins = np.array([0.001, 0.002, 0.005, 0.01, 0.02, 0.05])
    direction = replace(models.direction, margin=margins, night_margin=2 * margins)
    held = MeasuredRate(390, 47, 0.8179, *wilson_interval(0.8179, 47), 0.8, "2015-06-01", "2019-05-31")
    nearest = MeasuredRate(700, 190, 0.8043, *wilson_interval(0.8043, 190), 0.8, "2015-06-01", "2019-05-31")
    breach = replace(models.breach, record=held, nearest_record=nearest)
    return replace(models, direction=direction, breach=breach), training


@cache
def trained_weeks_before() -> tuple[Models, Training]:
    """The same models when the spread of the session's knew no close after ``AGED``."""
    models, training = synthetic.trained_whole()
    spread = np.linspace(-0.12, 0.12, 25)
    intraday = replace(models.session.intraday, spread=spread, known_until=f"{AGED:%Y-%m-%d}")
    return replace(models, session=replace(models.session, intraday=intraday)), training


def without_index(bars: MarketHistory) -> MarketHistory:
    own = None if bars.bars is None else bars.bars.assign(vix=np.nan)
    return replace(bars, vix=None, bars=own)


def lagging(bars: MarketHistory) -> MarketHistory:
    """The last close of the volatility index is a session old and carried forward."""
    assert bars.vix is not None
    return replace(bars, vix=bars.vix.iloc[:-1]).with_vix_carried(2)


def under_operators_calendar(bars: MarketHistory) -> MarketHistory:
    operator = read_operator_calendar(
        OPERATOR.encode(), "on/calendar.toml", "calendar.toml", "nifty50", known_markets()
    )
    assert operator is not None
    return replace(bars, market=merged_market(bars.market, operator))


def by_whole(bars: MarketHistory, record: LiveRecord | None = None) -> Setting:
    return Setting(bars, synthetic.trained_whole, WHOLE, record or LiveRecord())


DAILY_ONLY = synthetic.history()

SETTINGS: dict[str, Callable[[], Setting]] = {
    "close": lambda: by_whole(at("2019-07-19", "15:31"), FEW),
    "night": lambda: by_whole(at("2019-07-22", "08:40"), ENOUGH),
    "first bar": lambda: by_whole(at("2019-07-22", "09:31")),
    "midday": lambda: by_whole(at("2019-07-24", "12:05"), ENOUGH),
    "expiry day": lambda: by_whole(at("2019-07-25", "14:05")),
    "last bars": lambda: by_whole(at("2019-07-22", "15:20")),
    "midday, closes since training": lambda: Setting(at("2019-07-24", "12:05"), trained_weeks_before, WHOLE),
    "last bars, closes since training": lambda: Setting(at("2019-07-22", "15:20"), trained_weeks_before, WHOLE),
    "close without index": lambda: by_whole(without_index(at("2019-07-19", "15:31"))),
    "session without index": lambda: by_whole(without_index(at("2019-07-24", "12:05"))),
    "index carried forward": lambda: by_whole(lagging(at("2019-07-19", "15:31"))),
    "before weeklies": lambda: by_whole(WHOLE.until(AsOf.of(pd.Timestamp("2018-11-14")))),
    "operator's calendar": lambda: by_whole(under_operators_calendar(at("2019-07-19", "15:31"))),
    "models of a month ago": lambda: Setting(at("2019-07-19", "15:31"), trained_until_aged, WHOLE.until(AsOf.of(AGED))),
    "models of a longer history": lambda: Setting(at("2019-07-19", "15:31"), trained_longer, WHOLE, ENOUGH),
    "models of a longer history, night": lambda: Setting(at("2019-07-17", "08:40"), trained_longer, WHOLE),
    "models of a month ago, night": lambda: Setting(
        at("2019-07-23", "08:40"), trained_until_aged, WHOLE.until(AsOf.of(AGED))
    ),
    "the US VIX alone, night": lambda: by_whole(replace(at("2019-07-23", "08:40"), us_spot=None, inda=None)),
    "without the US VIX, night": lambda: by_whole(replace(at("2019-07-24", "08:40"), us_vix=None)),
    "daily bars alone": lambda: Setting(DAILY_ONLY, synthetic.trained, DAILY_ONLY),
    "session by the prior that ships": lambda: Setting(at("2019-07-24", "12:05"), synthetic.trained, DAILY_ONLY),
}


@cache
def document(name: str) -> dict[str, Any]:
    setting = SETTINGS[name]()
    models, training = setting.trained()
    made = infer(
        setting.bars,
        models,
        synthetic.manifest(training),
        "synthetic",
        synthetic.TRAINED_AT,
        record=setting.record,
    )
    content: dict[str, Any] = made.document.model_dump(mode="json", exclude_none=True)
    return content


@cache
def material(name: str) -> Material:
    setting = SETTINGS[name]()
    models, training = setting.trained()
    bars, vix = setting.bars, setting.bars.vix
    daily = _daily(bars)
    return Material(
        daily=daily.assign(vix=daily["vix"].ffill(limit=bars.vix_carried)) if bars.vix_carried else daily,
        bars=NO_BARS if bars.bars is None else bars.bars,
        us_vix=pd.Series(dtype=float) if bars.us_vix is None else bars.us_vix["close"],
        us_spot=NO_BARS if bars.us_spot is None else bars.us_spot,
        fund=pd.Series(dtype=float) if bars.inda is None else bars.inda["close"],
        learnt=_daily(setting.learnt),
        learnt_bars=NO_BARS if setting.learnt.bars is None else setting.learnt.bars,
        models=models,
        training=training,
        index_last=None if vix is None else vix.index[-1],
        as_of=pd.Timestamp(document(name)["as_of"]),
        record=setting.record,
        events=bars.market.events,
        applied_night=name.endswith("night"),
        calendar_file={"closures": 2, "sessions": 1, "hours": 3} if name == "operator's calendar" else None,
    )


def _daily(bars: MarketHistory) -> pd.DataFrame:
    """Spot with the index's closes beside it, NaN where there are none."""
    vix = np.nan if bars.vix is None else bars.vix["close"].reindex(bars.spot.index)
    return bars.spot.assign(vix=vix)
