"""Forecasts of a backtest from inside sessions: those of documents replayed at the moment, and where there are none."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.backtest.block import BlockMaker
from aegismatrix_engine.backtest.clock_times import clock_times
from aegismatrix_engine.backtest.columns import typed
from aegismatrix_engine.backtest.forecast_table import forecast_table
from aegismatrix_engine.backtest.inside_sessions import InsideMaker, InsideSessions, MadeInside
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Refit
from aegismatrix_engine.backtest.session_moments import SessionMoments, shorter_than_both_beside
from aegismatrix_engine.backtest.walk import prepare
from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.repairs import Doubt
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.training.train import train

OF_THE_RUN = ["generated_at", "standing", "model_set"]
"""Columns that say when and as what a forecast was made."""

EARLY, LATE = Block(1038, 1038, 1060), Block(1120, 1120, 1140)
"""Blocks whose refit knows fewer sessions of bars than a session model is learnt from, and more."""
TIMES = ("09:30", "12:45", "15:15")


def without_index() -> MarketHistory:
    """The market without its volatility index, in its bars too."""
    whole = synthetic.whole_history()
    assert whole.bars is not None
    return replace(whole, vix=None, bars=whole.bars.assign(vix=np.nan))


MARKETS: dict[str, Callable[[], MarketHistory]] = {
    "with all series": synthetic.whole_history,
    "without a volatility index": without_index,
}


@cache
def fitted(market: str, block: Block) -> tuple[MarketHistory, pd.DatetimeIndex, Refit]:
    """A market, its regular sessions, and the models of a block."""
    history = MARKETS[market]()
    walk = prepare(history, market_features(history), [block.refit])
    return history, walk.sessions, BlockMaker(walk.history, walk.features).fit(block, walk.records[block.refit])


def inside(history: MarketHistory, block: Block, refit: Refit, *times: str) -> MadeInside:
    """The forecasts of a block from these times in its sessions; the backtest ends with the block."""
    sessions = market_features(history).series.dates
    asked = InsideSessions(history, sessions, times, block.stop - 1)
    return InsideMaker(asked).make(block, refit)


def whole_table(made: MadeInside) -> pd.DataFrame:
    """The forecasts of all sessions."""
    return typed(pd.concat(made.tables), "forecasts")


def replayed(history: MarketHistory, refit: pd.Timestamp, moments: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """The rows of documents of these moments, by the set that a training at the refit makes, and what came of them."""
    models, training = train(history.until(AsOf.of(refit)), synthetic.TRAINED_AT)
    rows: list[ForecastRow] = []
    for moment in moments:
        known = history.until(AsOf(moment))
        made = infer(known, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT)
        rows += forecast_rows(made.document, made.origin)
    decided = Resolver(history).resolve(rows, synthetic.TRAINED_AT)
    return forecast_table(rows, {row.forecast: row for row in decided if isinstance(row, ResolutionRow)})


@pytest.mark.slow
@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("block", [EARLY, LATE], ids=["by the prior of sessions", "by a session model of its own"])
def test_rows_are_those_of_documents_by_a_set_trained_at_the_refit(market: str, block: Block) -> None:
    history, sessions, refit = fitted(market, block)
    chosen = Block(block.refit, block.refit + 9, block.refit + 12)
    made = whole_table(inside(history, chosen, refit, *TIMES))
    days = sessions[chosen.start : chosen.stop]
    moments = [pd.Timestamp(f"{day:%Y-%m-%d}T{time}", tz="Asia/Kolkata") for day in days for time in TIMES]
    expected = replayed(history, sessions[block.refit], moments)
    assert (made["standing"] == "backtest").all()
    assert (made["generated_at"] == made["as_of"]).all()
    compared = (one.drop(columns=OF_THE_RUN) for one in (made, expected))
    pd.testing.assert_frame_equal(*compared, check_exact=True, check_categorical=False)
    assert made["outcome"].notna().any()


def test_a_block_speaks_from_the_session_after_its_refit_to_that_of_the_next_one() -> None:
    asked = InsideSessions(synthetic.whole_history(), synthetic.daily_frame().index, ("10:15",), 900)
    assert asked.rows(Block(800, 800, 863)) == range(801, 864)
    assert asked.rows(Block(800, 850, 863)) == range(850, 864)
    assert asked.rows(Block(863, 863, 901)) == range(864, 901)
    assert not asked.rows(Block(900, 900, 901))


FORECAST = [
    "as_of",
    "signal",
    "event",
    "until",
    "spot",
    "threshold",
    "lower",
    "upper",
    "probability",
    "climatology",
    "vix",
]
MOMENT_ROW, MOMENT_TIME = 1125, "12:45"


def cut(history: MarketHistory, moment: pd.Timestamp) -> MarketHistory:
    """The bars that had begun before a moment, and the row of its day."""
    assert history.bars is not None
    day = moment.tz_localize(None).normalize()
    return replace(
        history,
        spot=history.spot.loc[:day],
        vix=None if history.vix is None else history.vix.loc[:day],
        bars=history.bars[history.bars.index < moment.tz_localize(None)],
    )


def perturbed(history: MarketHistory, moment: pd.Timestamp) -> MarketHistory:
    """Everything after a moment another, and wilder: the rest of its session, its close, and the sessions after it."""
    assert history.bars is not None
    assert history.vix is not None
    local = moment.tz_localize(None)
    frames = {"spot": history.spot.copy(), "vix": history.vix.copy(), "bars": history.bars.copy()}
    draws = np.random.default_rng(3)
    for name, frame in frames.items():
        after = frame.index >= (local if name == "bars" else local.normalize())
        frame[after] = frame[after].mul(draws.normal(1.2, 0.02, after.sum()), axis=0)
    return replace(history, **frames)


@pytest.mark.parametrize("change", [cut, perturbed])
def test_nothing_after_a_moment_reaches_its_forecasts(
    change: Callable[[MarketHistory, pd.Timestamp], MarketHistory],
) -> None:
    history, sessions, refit = fitted("with all series", LATE)
    block = Block(LATE.refit, MOMENT_ROW, MOMENT_ROW + 1)
    moment = pd.Timestamp(f"{sessions[MOMENT_ROW]:%Y-%m-%d}T{MOMENT_TIME}", tz="Asia/Kolkata")
    changed = change(history, moment)
    walk = prepare(changed, market_features(changed), [LATE.refit])
    again = BlockMaker(walk.history, walk.features).fit(LATE, walk.records[LATE.refit])
    (whole,), (other,) = (
        inside(one, block, by, MOMENT_TIME).tables for one, by in ((history, refit), (changed, again))
    )
    pd.testing.assert_frame_equal(whole[FORECAST], other[FORECAST], check_exact=True)
    assert not whole["observed"].equals(other["observed"])


def without_bars(history: MarketHistory, day: pd.Timestamp, start: str, end: str) -> MarketHistory:
    """The history without the bars of a day that begin from ``start`` on and before ``end``."""
    assert history.bars is not None
    first, last = (day + pd.Timedelta(f"{time}:00") for time in (start, end))
    return replace(history, bars=history.bars[(history.bars.index < first) | (history.bars.index >= last)])


def test_moments_without_forecasts_are_counted_by_their_reason() -> None:
    history, sessions, refit = fitted("with all series", LATE)
    block = Block(LATE.refit, 1130, 1134)
    history = without_bars(history, sessions[1130], "10:00", "10:15")
    history = without_bars(history, sessions[1131], "12:00", "15:30")
    history = history.with_doubts(Doubt(sessions[1133], "the close is in doubt"))
    found = inside(history, block, refit, "10:00", "12:45")
    table = whole_table(found)
    assert found.count.moments == 4
    assert found.count.left_out == {"for a close or bars in doubt": 2, "for bars missing up to then": 2}
    forecast_from = [f"{sessions[1130]:%Y-%m-%d}T10:00:00+05:30", f"{sessions[1131]:%Y-%m-%d}T10:00:00+05:30"]
    forecast_from += [f"{sessions[1132]:%Y-%m-%d}T{time}:00+05:30" for time in ("10:00", "12:45")]
    assert list(table["as_of"].unique()) == forecast_from


def test_shortened_and_special_sessions_have_no_moments() -> None:
    market = get_market("sp500")
    days = market.calendar.regular(pd.Timestamp("2022-11-21"), pd.Timestamp("2022-11-30"))
    moments = SessionMoments(with_all_bars("sp500", days), days)
    friday = days.get_loc(pd.Timestamp("2022-11-25"))
    assert moments.moment(friday, "11:00") == "in shortened sessions"
    assert moments.moment(friday + 1, "11:00") == pd.Timestamp("2022-11-28T11:00", tz="America/New_York")
    assert moments.moment(friday + 1, "16:00") == "outside the session's own hours"

    nse = get_market("nifty50").calendar
    days = nse.regular(pd.Timestamp("2022-10-17"), pd.Timestamp("2022-10-31"))
    history = with_all_bars("nifty50", days.union([pd.Timestamp("2022-10-24")]))
    moments, after_muhurat = SessionMoments(history, days), days.get_loc(pd.Timestamp("2022-10-25"))
    assert moments.in_special_sessions(after_muhurat, 2) == {"in special sessions": 2}
    assert moments.in_special_sessions(after_muhurat + 1, 2) == {}


def test_hours_that_change_for_good_shorten_no_session() -> None:
    assert list(shorter_than_both_beside(np.array([7, 7, 6, 6, 6, 4, 6, 7]))) == [False] * 5 + [True, False]


def with_all_bars(market: str, days: pd.DatetimeIndex) -> MarketHistory:
    """Bars of any price, all day."""
    prices = dict.fromkeys(("open", "high", "low", "close"), 100.0)
    starts = pd.DatetimeIndex([day + pd.Timedelta(minutes=15 * at) for day in days for at in range(96)])
    spot, bars = (pd.DataFrame(prices, index=index) for index in (days, starts))
    return MarketHistory(get_market(market), spot, bars=bars.assign(vix=np.nan))


REFUSED = {
    "25:10": "invalid --intraday '25:10': expected clock times of the exchange",
    "10:15,": "invalid --intraday '': expected clock times of the exchange",
    "10.15": "invalid --intraday '10.15'",
    "12:30,10:15,12:30": "invalid --intraday '12:30,10:15,12:30': 12:30 is there twice",
    "09:20": "the first bar of a session of nifty50 is complete at 09:30; expected 09:30 to 15:15, every 15 minutes",
    "09:00": "a session of nifty50 runs from 09:15 to 15:30",
    "15:30": "a session of nifty50 runs from 09:15 to 15:30",
    "10:20": "no bar of nifty50 ends then; expected 09:30 to 15:15, every 15 minutes",
}


@pytest.mark.parametrize("text", REFUSED)
def test_times_that_cannot_be_are_refused(text: str) -> None:
    history = synthetic.whole_history()
    sessions = history.regular_sessions
    with pytest.raises(ConfigurationError) as error:
        InsideSessions.of(clock_times(text), history, sessions, [LATE])
    assert REFUSED[text] in str(error.value)
    assert "\n" not in str(error.value)


def test_a_market_whose_bars_are_withheld_is_refused_with_the_reason() -> None:
    history = synthetic.whole_history()
    tokyo = replace(history, market=replace(history.market, lunch_break=True), bars=None)
    with pytest.raises(
        ConfigurationError, match=r"inside sessions of nifty50 are withheld, because trading at .* lunch"
    ):
        InsideSessions.of(("10:15",), tokyo, history.regular_sessions, [LATE])
