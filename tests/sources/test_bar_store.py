"""The store of last good bars: what goes in comes out to the last bit, and a file that was touched is not used."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.errors import DataError, OutputUnwritable
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.sources.bar_store import BarStore, StoredBars

NOW = pd.Timestamp("2026-07-15T11:07:30+05:30")


def placed(prices: list[float], first: str = "2026-07-01", freq: str = "D") -> SourcedBars:
    index = pd.date_range(first, periods=len(prices), freq=freq, name="date").as_unit("ns")
    return SourcedBars("Yahoo ^NSEI", pd.DataFrame({"close": prices, "line": 0}, index=index))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(min_value=1e-300, max_value=1e300), min_size=1, max_size=20))
def test_bars_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, prices: list[float]) -> None:
    store = BarStore(tmp_path_factory.mktemp("store") / "new")
    store.keep("nifty50", "vix_daily", "^INDIAVIX", placed(prices), NOW)
    stored = store.read("nifty50", "vix_daily")
    assert stored is not None
    assert (stored.symbol, stored.fetched_at) == ("^INDIAVIX", NOW)
    pd.testing.assert_frame_equal(stored.sourced.bars(), placed(prices).bars(), check_exact=True, check_freq=False)


def test_nothing_stored_is_none(tmp_path: Path) -> None:
    assert BarStore(tmp_path).read("nifty50", "spot_daily") is None


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    store.keep("nifty50", "vix_daily", "^INDIAVIX", placed([14.5, 15.25]), NOW)
    path = store.path("nifty50", "vix_daily")
    whole = path.read_bytes()
    body = whole.index(b"\n") + 1
    damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(body, len(whole))]
    for content in (*damaged, b"", b"{}", b"not json\n", whole[:-3], whole[: body - 1], b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"damaged .* ignored; remove the file"):
            store.read("nifty50", "vix_daily")


def test_a_series_under_another_s_name_is_not_used(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    store.keep("nifty50", "vix_daily", "^INDIAVIX", placed([14.5]), NOW)
    store.path("nifty50", "vix_daily").rename(store.path("nifty50", "us_vix_daily"))
    with pytest.raises(DataError, match="another format or series"):
        store.read("nifty50", "us_vix_daily")


def test_a_pointer_in_place_of_the_bars_is_named(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    store.path("nifty50", "spot_daily").write_bytes(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    )
    with pytest.raises(DataError, match=r"is a Git LFS pointer, .*; run `git lfs pull`, or remove it"):
        store.read("nifty50", "spot_daily")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable, match="--cache"):
        BarStore(tmp_path / "file").keep("nifty50", "vix_daily", "^INDIAVIX", placed([14.5]), NOW)


def test_only_a_series_as_long_takes_the_place() -> None:
    stored = StoredBars(placed(list(np.arange(1.0, 101.0)), "2026-01-01"), "^NSEI", NOW)
    assert stored.yields_to(placed(list(np.arange(1.0, 102.0)), "2026-01-01"), "spot_daily")
    assert not stored.yields_to(placed(list(np.arange(1.0, 100.0)), "2026-01-01"), "spot_daily")
    later = placed(list(np.arange(1.0, 60.0)), "2026-03-01")
    assert not stored.yields_to(later, "spot_daily")
    assert stored.yields_to(later, "spot_intraday")
