"""Option chains in every layout and packing: the same market is read, whichever file holds it."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import option_files
import pandas as pd
import pytest
from option_files import FAR, LOT, MONTHLY, NEAREST, SPOT, Contract, Row

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import Legs, OptionChain
from aegismatrix_engine.sources.options import read_chain

MARKET = get_market("nifty50")
CHAINS = (
    "chain_json_2023-07-07_1530.json.gz",
    "chain_json_2025-08-05_1359.json.gz",
    "chain_v3_2026-06-19_1530.json.gz",
)


def wrapped(chain: Row) -> Row:
    return {"time": "2026-06-19 10:06:58.229453", "data": chain}


SHAPES: dict[str, Callable[[Row], Any]] = {
    "under records": lambda chain: chain,
    "bare": lambda chain: chain["records"],
    "wrapped by a collector": wrapped,
    "wrapped twice": lambda chain: {"status": 200, "answer": wrapped(chain)},
    "a list of one": lambda chain: [chain],
    "a stamped list of one": lambda chain: {"timestamp": "2026-06-19 01:00:00", "data": [chain]},
}


def expected(made: tuple[Contract, ...], expiry: pd.Timestamp) -> list[Contract]:
    return sorted((one for one in made if one.expiry == expiry), key=lambda one: (one.strike, one.is_call))


def or_nan(values: list[float]) -> np.ndarray:
    return np.array([value or np.nan for value in values], dtype=float)


def check_quotes(legs: Legs, made: list[Contract]) -> None:
    np.testing.assert_array_equal(legs.strike, [one.strike for one in made])
    np.testing.assert_array_equal(legs.is_call, [one.is_call for one in made])
    np.testing.assert_array_equal(legs.bid, or_nan([one.bid for one in made]))
    np.testing.assert_array_equal(legs.ask, or_nan([one.ask for one in made]))
    np.testing.assert_array_equal(legs.last, or_nan([one.last for one in made]))
    np.testing.assert_array_equal(legs.published_volatility, or_nan([one.volatility for one in made]))
    np.testing.assert_array_equal(legs.open_interest, [one.open_interest for one in made])
    np.testing.assert_array_equal(legs.volume, [one.lots * LOT for one in made])
    np.testing.assert_array_equal(legs.traded, [one.lots > 0 for one in made])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("packing", ["", ".gz", ".zip"])
def test_the_old_layout_gives_every_expiry(shape: str, packing: str, tmp_path: Path) -> None:
    made = option_files.contracts()
    path = option_files.write(tmp_path, f"chain.json{packing}", SHAPES[shape](option_files.old_json(made)))
    chain = read_chain(path, MARKET)
    assert (chain.source, chain.as_of, chain.underlying) == ("nse", option_files.MOMENT, SPOT)
    assert [legs.expiry for legs in chain.expiries] == [NEAREST, MONTHLY, FAR] == list(chain.listed)
    assert chain.files == ((path.name, hashlib.sha256(path.read_bytes()).hexdigest()),)
    assert not chain.left_out
    for legs in chain.expiries:
        check_quotes(legs, expected(made, legs.expiry))


@pytest.mark.parametrize("shape", SHAPES)
def test_v3_gives_one_expiry_and_names_all_that_are_listed(shape: str, tmp_path: Path) -> None:
    made = option_files.contracts()
    chain = read_chain(option_files.write(tmp_path, "v3.json", SHAPES[shape](option_files.v3_json(made))), MARKET)
    assert (chain.source, chain.as_of, chain.underlying) == ("nse-v3", option_files.MOMENT, SPOT)
    assert [legs.expiry for legs in chain.expiries] == [NEAREST]
    assert chain.listed == (NEAREST, MONTHLY, FAR)
    check_quotes(chain.expiries[0], expected(made, NEAREST))


@pytest.mark.parametrize("packing", ["", ".gz", ".zip"])
@pytest.mark.parametrize(("make", "source"), [(option_files.legacy_csv, "bhavcopy"), (option_files.udiff_csv, "udiff")])
def test_a_bhavcopy_gives_every_expiry_and_prices_of_trades_alone(
    make: Callable[[tuple[Contract, ...]], str], source: str, packing: str, tmp_path: Path
) -> None:
    made = option_files.contracts()
    chain = read_chain(option_files.write(tmp_path, f"fo.csv{packing}", make(made)), MARKET)
    assert (chain.source, chain.as_of) == (source, MARKET.calendar.closes_at(pd.Timestamp("2026-06-19")))
    assert np.isnan(chain.underlying) if source == "bhavcopy" else chain.underlying == SPOT
    assert [legs.expiry for legs in chain.expiries] == [NEAREST, MONTHLY, FAR] == list(chain.listed)
    for legs in chain.expiries:
        of_expiry = expected(made, legs.expiry)
        np.testing.assert_array_equal(legs.open_interest, [one.open_interest for one in of_expiry])
        np.testing.assert_array_equal(legs.volume, [one.lots * LOT for one in of_expiry])
        # A leg without a trade has a stale close and a theoretical settlement: neither is its price.
        np.testing.assert_array_equal(legs.price, or_nan([one.last for one in of_expiry]))
        assert np.isfinite(legs.settlement).all()
        assert np.isnan(legs.bid).all()


def test_the_price_is_the_middle_of_the_quotes_else_a_trade_of_the_day_else_none(tmp_path: Path) -> None:
    made = option_files.contracts()
    made = option_files.edited(made, 24000, "CE", bid=130.0, ask=131.0, last=99.0)
    made = option_files.edited(made, 24050, "CE", bid=0, last=111.0)
    made = option_files.edited(made, 24100, "CE", bid=0, ask=0, last=88.0, lots=0)
    chain = read_chain(option_files.write(tmp_path, "chain.json", option_files.v3_json(made)), MARKET)
    legs = chain.expiries[0]
    calls = {strike: int(np.flatnonzero((legs.strike == strike) & legs.is_call)[0]) for strike in (24000, 24050, 24100)}
    found = [(legs.price[at], str(legs.price_kind[at])) for at in calls.values()]
    assert found[:2] == [(130.5, "mid"), (111.0, "last")]
    assert np.isnan(found[2][0])
    assert found[2][1] == "none"


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""], ids=["with a byte order mark", "without"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_text_is_read_as_windows_writes_it(mark: bytes, encoding: str, tmp_path: Path) -> None:
    text = json.dumps(option_files.old_json(option_files.contracts()), indent=1).replace("\n", "\r\n")
    content = text.encode(encoding) if encoding == "utf-16" else mark + text.encode()
    assert len(read_chain(option_files.write(tmp_path, "chain.json", content), MARKET).expiries) == 3


@pytest.mark.parametrize("make", [option_files.legacy_csv, option_files.udiff_csv])
def test_lines_of_a_day_may_end_as_windows_ends_them(make: Callable[[Any], str], tmp_path: Path) -> None:
    text = make(option_files.contracts())
    plain = read_chain(option_files.write(tmp_path, "plain.csv", text), MARKET)
    windows = read_chain(option_files.write(tmp_path, "windows.csv", text.replace("\n", "\r\n")), MARKET)
    for one, other in zip(plain.expiries, windows.expiries, strict=True):
        np.testing.assert_array_equal(one.open_interest, other.open_interest)


def test_the_volume_of_a_day_has_the_lot_of_its_turnover(tmp_path: Path) -> None:
    made = option_files.contracts((NEAREST,))
    lines = option_files.legacy_csv(made).splitlines()
    at = lines[0].split(",").index("VAL_INLAKH")
    rows = [line.split(",") for line in lines]
    for row in rows[1:]:
        row[at] = str(float(row[at]) * 40 / LOT)
    chain = read_chain(option_files.write(tmp_path, "fo.csv", "\n".join(map(",".join, rows))), MARKET)
    np.testing.assert_array_equal(chain.expiries[0].volume, [one.lots * 40 for one in expected(made, NEAREST)])


def test_fractions_of_a_lot_become_whole_units(tmp_path: Path) -> None:
    made = option_files.edited(option_files.contracts(), 24000, "PE", open_interest=6950)
    chain = read_chain(option_files.write(tmp_path, "chain.json", option_files.old_json(made)), MARKET)
    assert made[0].open_interest % LOT == 0
    legs = chain.expiries[0]
    assert legs.open_interest[(legs.strike == 24000) & ~legs.is_call] == [6950]


def test_a_chain_without_orders_takes_the_lot_of_its_day(tmp_path: Path) -> None:
    content = option_files.v3_json(option_files.contracts())
    for row in content["records"]["data"]:
        for side in ("CE", "PE"):
            for key in ("buyQuantity1", "sellQuantity1", "totalBuyQuantity", "totalSellQuantity"):
                del row[side][key]
    chain = read_chain(option_files.write(tmp_path, "chain.json", content), MARKET)
    check_quotes(chain.expiries[0], expected(option_files.contracts(), NEAREST))


def test_orders_say_the_lot_whatever_the_table_has(tmp_path: Path) -> None:
    content = option_files.old_json(option_files.contracts())
    for row in content["records"]["data"]:
        for side in ("CE", "PE"):
            for number, key in enumerate(("bidQty", "askQty", "totalBuyQuantity", "totalSellQuantity"), start=2):
                row[side][key] = 40 * number
            row[side]["openInterest"] = 3
    chain = read_chain(option_files.write(tmp_path, "chain.json", content), MARKET)
    assert {interest for legs in chain.expiries for interest in legs.open_interest.tolist()} == {120.0}


def test_one_damaged_order_does_not_change_the_lot(tmp_path: Path) -> None:
    content = option_files.v3_json(option_files.contracts())
    option_files.leg_of(content, 24000, "CE")["buyQuantity1"] = 7
    chain = read_chain(option_files.write(tmp_path, "chain.json", content), MARKET)
    check_quotes(chain.expiries[0], expected(option_files.contracts(), NEAREST))


@pytest.mark.parametrize("written", ["23-Jun-2026", "23-JUN-2026", "23-06-2026", "2026-06-23", "23 jun 2026"])
def test_expiries_are_read_as_each_file_writes_them(written: str, tmp_path: Path) -> None:
    text = json.dumps(option_files.v3_json(option_files.contracts()))
    text = text.replace('"expiryDate": "23-06-2026"', f'"expiryDate": "{written}"')
    chain = read_chain(option_files.write(tmp_path, "chain.json", text), MARKET)
    assert [legs.expiry for legs in chain.expiries] == [NEAREST]


def test_an_expiry_that_has_settled_is_left_out_and_told(tmp_path: Path) -> None:
    today = pd.Timestamp("2026-06-19")
    made = option_files.contracts((NEAREST,))
    settled = option_files.contracts((today + pd.Timedelta(days=1),))
    content = option_files.legacy_csv((*made, *settled)).replace("20-Jun-2026", "19-Jun-2026")
    chain = read_chain(option_files.write(tmp_path, "fo.csv", content), MARKET)
    assert [legs.expiry for legs in chain.expiries] == [NEAREST]
    assert [(one.expiry, one.legs) for one in chain.left_out] == [(today, len(settled))]
    assert "had settled" in chain.left_out[0].rule


@pytest.mark.parametrize("day", ["2026-06-24", "2026-06-27"])
def test_an_expiry_that_our_calendar_does_not_have_is_the_exchanges_word(day: str, tmp_path: Path) -> None:
    made = option_files.contracts((pd.Timestamp(day),))
    chain = read_chain(option_files.write(tmp_path, "chain.json", option_files.old_json(made)), MARKET)
    assert [legs.expiry for legs in chain.expiries] == [pd.Timestamp(day)]


def of_nearest(chain: OptionChain) -> tuple[float, float]:
    legs = chain.expiries[0]
    return float(legs.open_interest[legs.is_call].sum()), float(legs.open_interest[~legs.is_call].sum())


@pytest.mark.parametrize(("name", "lot"), list(zip(CHAINS, (50, 75, 65), strict=True)))
def test_the_exchanges_own_totals_are_reproduced_to_the_unit(shared: Path, name: str, lot: int) -> None:
    path = shared / "data" / "options" / name
    content = json.loads(gzip.decompress(path.read_bytes()))
    totals = content.get("data", content)["filtered"]
    chain = read_chain(path, MARKET)
    legs = chain.expiries[0]
    assert of_nearest(chain) == (totals["CE"]["totOI"] * lot, totals["PE"]["totOI"] * lot)
    traded = float(legs.volume[legs.is_call].sum()), float(legs.volume[~legs.is_call].sum())
    assert traded == (totals["CE"]["totVol"] * lot, totals["PE"]["totVol"] * lot)


@pytest.mark.parametrize("name", CHAINS)
def test_every_leg_of_a_real_chain_is_used(shared: Path, name: str) -> None:
    path = shared / "data" / "options" / name
    content = json.loads(gzip.decompress(path.read_bytes()))
    rows = content.get("data", content)["records"]["data"]
    legs = sum(side in row for row in rows for side in ("CE", "PE"))
    chain = read_chain(path, MARKET)
    assert sum(len(legs.strike) for legs in chain.expiries) == legs
    assert not chain.left_out


def test_chain_and_bhavcopy_of_one_close_have_the_same_open_interest(shared: Path) -> None:
    folder = shared / "data" / "options"
    chain = read_chain(folder / "chain_v3_2026-06-19_1530.json.gz", MARKET).expiries[0]
    day = read_chain(folder / "bhavcopy_legacy_2026-06-19_nifty_rows.csv.gz", MARKET).expiries[0]
    np.testing.assert_array_equal(chain.strike, day.strike)
    np.testing.assert_array_equal(chain.is_call, day.is_call)
    np.testing.assert_array_equal(chain.open_interest, day.open_interest)
    np.testing.assert_array_equal(chain.volume, day.volume)
    assert (day.open_interest > 0).sum() == 185


def test_a_real_bhavcopy_leaves_the_expiry_of_its_day_out(shared: Path) -> None:
    chain = read_chain(shared / "data" / "options" / "bhavcopy_legacy_2021-03-18_index_rows.csv.gz", MARKET)
    assert [(one.expiry, one.legs) for one in chain.left_out] == [(pd.Timestamp("2021-03-18"), 188)]
    assert chain.expiries[0].expiry == pd.Timestamp("2021-03-25")
    # 2,137 rows of NIFTY less three futures and the legs that had settled.
    legs = sum(len(legs.strike) for legs in chain.expiries)
    assert (len(chain.expiries), legs) == (20, 2137 - 3 - 188)


def test_a_real_udiff_file_is_read_past_shares_and_futures(shared: Path, tmp_path: Path) -> None:
    text = (shared / "data" / "options" / "bhavcopy_udiff_header_and_rows.csv").read_text()
    chain = read_chain(option_files.write(tmp_path, "fo.csv", text), MARKET)
    (legs,) = chain.expiries
    assert (chain.as_of.date(), chain.underlying) == (pd.Timestamp("2026-07-22").date(), 23996.25)
    assert (legs.strike.tolist(), legs.open_interest.tolist(), legs.traded.tolist()) == ([30000], [130], [False])
    assert np.isnan(legs.price).all()
