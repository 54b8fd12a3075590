"""Twenty full real sessions and two evenings, bar by bar, with models that end before them."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from withheld_close import without_close_of

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import check_json, dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_vix
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.csv_table import read_text, sourced_bars
from aegismatrix_engine.training.train import train

# One process makes the documents that all of these look at.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("session replay")]

MARKET = get_market("nifty50")
BAR = pd.Timedelta(minutes=15)
TRAINED_THROUGH = "2019-12-31"
# A full session on a Saturday, two evening hours of Muhurat, and two sessions before whose open the US had a half day.
SPECIAL = ("2020-02-01", "2021-11-04", "2022-10-24")
AFTER_HALF_DAY = ("2021-11-29", "2022-11-28")
ORDINARY = 17
PERFECT = 25


@cache
def whole_history(shared: Path) -> MarketHistory:
    source = CsvFolder(shared / "data" / "nifty50")
    us = sourced_bars("US VIX", read_text(shared / "data" / "us" / "vix_daily.csv"), moment="date", prices=("close",))
    return source.with_intraday(source.daily(MARKET)).with_us_vix(checked_vix(us))


@cache
def trained(shared: Path) -> tuple[Models, Manifest]:
    known = whole_history(shared).until(AsOf.of(pd.Timestamp(TRAINED_THROUGH)))
    models, training = train(known, pd.Timestamp("2020-01-01T12:00+05:30"))
    return models, synthetic.manifest(training)


def bars_of(history: MarketHistory, day: pd.Timestamp) -> pd.DataFrame:
    assert history.bars is not None
    return history.bars.loc[f"{day:%Y-%m-%d}"]


@cache
def sessions(shared: Path) -> tuple[pd.Timestamp, ...]:
    """Twenty full sessions after training and two evenings: those named above, others evenly spread over the years."""
    history = whole_history(shared)
    assert history.bars is not None
    days = pd.Series(1, index=history.bars.index.normalize()).groupby(level=0).sum()
    complete = days.index[(days == PERFECT) & (days.index > TRAINED_THROUGH)]
    spread = [complete[i] for i in np.linspace(0, len(complete) - 1, ORDINARY).astype(int)]
    return tuple(sorted({*spread, *map(pd.Timestamp, SPECIAL), *map(pd.Timestamp, AFTER_HALF_DAY)}))


def at(shared: Path, day: pd.Timestamp, moment: pd.Timestamp) -> Document:
    """The document at a moment of a session whose official close is not in yet."""
    models, manifest = trained(shared)
    known = without_close_of(whole_history(shared), day).until(AsOf.of(moment))
    return infer(known, models, manifest, "csv", moment + pd.Timedelta(minutes=5), clock_source="machine").document


@cache
def replay(shared: Path) -> dict[pd.Timestamp, list[Document]]:
    found = {}
    for day in sessions(shared):
        starts = pd.DatetimeIndex(bars_of(whole_history(shared), day).index)
        found[day] = [at(shared, day, (start + BAR).tz_localize(MARKET.zone)) for start in starts]
    return found


def test_every_bar_of_twenty_sessions_makes_a_valid_live_document_that_speaks_from_its_end(shared: Path) -> None:
    found = replay(shared)
    assert len(found) == 22
    assert sum(map(len, found.values())) >= 500
    for day, documents in found.items():
        for start, document in zip(bars_of(whole_history(shared), day).index, documents, strict=True):
            assert check_json(dump(document)) == document
            assert pd.Timestamp(document.as_of) == (start + BAR).tz_localize(MARKET.zone)
            assert document.provenance.mode == "live"
            assert not document.provenance.in_sample


def test_the_change_is_against_the_official_close_of_the_session_before(shared: Path) -> None:
    closes = whole_history(shared).spot["close"]
    for day, documents in replay(shared).items():
        before = closes[closes.index < day].iloc[-1]
        for bar, document in zip(bars_of(whole_history(shared), day).itertuples(), documents, strict=True):
            assert document.market.spot == bar.close
            assert document.market.previous_close == before
            assert document.market.spot_change == pytest.approx(round(bar.close - before, 2), abs=1e-9)


def test_what_is_left_of_today_grows_on_news_only(shared: Path) -> None:
    """News is a bar livelier than was forecast of it or than the one it replaces among the last four, or a higher VIX.

    Each time of day has a spread of its own, which is no news: it is taken out. It has regressions of its own as well,
    which is why what is left may grow a little without news.
    """
    share = trained(shared)[0].session.intraday.scale.share_left
    grew, without_news = 0, []
    for day, documents in replay(shared).items():
        said = [document.forecast.session for document in documents]
        bars = bars_of(whole_history(shared), day)
        for i in range(1, len(documents)):
            before, now = said[i - 1], said[i]
            if before is None or now is None or before.spread_factor is None or now.spread_factor is None:
                continue
            was = before.sigma_pct / before.spread_factor
            if now.sigma_pct / now.spread_factor <= was:
                continue
            grew += 1
            seen = np.log(bars["high"] / bars["low"]).to_numpy() ** 2 / (4 * np.log(2))
            shares = -np.diff(share, prepend=1.0)
            left = share[before.bars_complete - 1]
            livelier = seen[i] > was**2 * shares[i] / left
            livelier |= i >= 4 and seen[i] / shares[i] > seen[i - 4] / shares[i - 4]
            if not livelier and documents[i].market.vix <= documents[i - 1].market.vix:
                without_news.append(now.sigma_pct / now.spread_factor / was - 1)
    print(f"grew {grew} times, without news {len(without_news)} times, at most by {max(without_news, default=0.0):.2%}")
    assert grew > 10
    assert len(without_news) < grew / 20
    assert max(without_news, default=0.0) < 0.01


def test_a_forecast_of_the_last_bar_is_narrow_and_that_of_the_first_is_not(shared: Path) -> None:
    for day, documents in replay(shared).items():
        first, last = documents[0].forecast.session, documents[-2].forecast.session
        if first is not None and last is not None:
            assert last.sigma_pct < first.sigma_pct / 3, day


def test_at_the_last_bar_the_official_close_lies_in_the_80_percent_interval_as_often_as_it_should(shared: Path) -> None:
    """Of the twenty sessions, and of all complete sessions after training, whose last bars are asked alone."""
    history, inside = whole_history(shared), []
    for day, documents in replay(shared).items():
        said = documents[-1].forecast.session
        if said is None:
            continue
        assert documents[-1].provenance.close == "provisional"
        levels = {quantile.level: quantile.index_level for quantile in said.quantiles}
        inside.append(levels[0.1] <= history.spot["close"][day] <= levels[0.9])
    print(f"80 % interval of the official close at the last bar: {np.mean(inside):.1%} of {len(inside)} sessions")
    # Three standard errors of so few; test_session_ranges.py counts all of five years.
    assert np.mean(inside) == pytest.approx(0.8, abs=3 * (0.16 / len(inside)) ** 0.5)


def test_special_sessions_count_in_no_horizon_and_speak_from_their_own_bars(shared: Path) -> None:
    for day in map(pd.Timestamp, SPECIAL):
        following = f"{MARKET.calendar.following(day, 1)[0]:%Y-%m-%d}"
        for document in replay(shared)[day]:
            assert document.forecast.session is None
            assert document.direction.today.session == following
            assert any("special" in note for note in document.health.notes)


@pytest.mark.parametrize("day", AFTER_HALF_DAY)
def test_the_us_half_day_before_is_known_before_the_open_and_forgotten_once_it_has_opened(
    shared: Path, day: str
) -> None:
    models, manifest = trained(shared)
    moment = pd.Timestamp(f"{day}T08:40", tz=MARKET.zone)
    before = infer(whole_history(shared).until(AsOf.of(moment)), models, manifest, "csv", moment).document
    assert before.provenance.us_night is not None
    friday = pd.Timestamp(day) - pd.Timedelta(days=3)
    assert before.provenance.us_night.last_bar == f"{friday:%Y-%m-%d}"
    assert pd.Timestamp(before.as_of) == pd.Timestamp(f"{friday:%Y-%m-%d}T16:15", tz="America/New_York")
    assert "night" in before.direction.horizons.t1.models
    opened = replay(shared)[pd.Timestamp(day)][0]
    assert opened.provenance.us_night is None
    assert "night" not in opened.direction.horizons.t1.models
