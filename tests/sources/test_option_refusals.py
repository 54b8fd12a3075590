"""Bad option files: each is refused in one line, or what is wrong is left out, counted and named."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import option_files
import pandas as pd
import pytest
from option_files import EXPIRIES, FAR, MONTHLY, NEAREST, Row, leg_of

from aegismatrix_engine.errors import ConfigurationError, DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.sources.options import read_chain
from aegismatrix_engine.sources.options.file_content import LARGEST_TEXT

MARKET = get_market("nifty50")
MADE = option_files.contracts()
OF_NEAREST = 2 * len(option_files.STRIKES)


def read(folder: Path, content: Row | list[Any] | str | bytes, name: str = "chain.json") -> OptionChain:
    return read_chain(option_files.write(folder, name, content), MARKET)


def refused(folder: Path, content: Row | list[Any] | str | bytes, name: str = "chain.json") -> str:
    """The one line of a refusal."""
    with pytest.raises(DataError) as found:
        read(folder, content, name)
    message = str(found.value)
    assert "\n" not in message
    assert name in message
    return message


LEG_FAULTS: dict[str, tuple[Callable[[Row], Any], str]] = {
    "a missing key": (lambda leg: leg.pop("openInterest"), "openInterest is missing"),
    "text for a number": (lambda leg: leg.update(lastPrice="130.5"), "lastPrice is not a number ('130.5')"),
    "an object for a number": (lambda leg: leg.update(lastPrice={}), "lastPrice is not a number (dict)"),
    "true for a number": (lambda leg: leg.update(buyPrice1=True), "buyPrice1 is not a number (bool)"),
    "null": (lambda leg: leg.update(totalTradedVolume=None), "totalTradedVolume is null"),
    "NaN": (lambda leg: leg.update(sellPrice1=float("nan")), "sellPrice1 is not a finite number"),
    "infinity": (lambda leg: leg.update(openInterest=float("inf")), "openInterest is not a finite number"),
    "a number without end": (lambda leg: leg.update(openInterest=10**400), "openInterest is not a finite number"),
    "an absurd number": (lambda leg: leg.update(openInterest=10**13), "openInterest is above 1e+12"),
    "a negative price": (lambda leg: leg.update(buyPrice1=-0.05), "buyPrice1 is negative"),
    "negative open interest": (lambda leg: leg.update(openInterest=-7), "openInterest is negative"),
    "a bid above the ask": (lambda leg: leg.update(buyPrice1=200.0, sellPrice1=199.9), "the bid is above the ask"),
    "an expiry that is no date": (lambda leg: leg.update(expiryDate="soon"), "the expiry cannot be read"),
    "an expiry of 31 June": (lambda leg: leg.update(expiryDate="31-06-2026"), "the expiry cannot be read"),
    "another expiry than its row": (lambda leg: leg.update(expiryDate="30-06-2026"), "not that of its row"),
    "another strike than its row": (
        lambda leg: leg.update(strikePrice=24050),
        "strike of the leg is not that of its row",
    ),
    "a contract of the other side": (
        lambda leg: leg.update(identifier=leg["identifier"].replace("CE", "PE")),
        "not the contract that its identifier names",
    ),
    "a price above the index": (lambda leg: leg.update(buyPrice1=29e3, sellPrice1=29.1e3), "costs more than the index"),
}


@pytest.mark.parametrize("fault", LEG_FAULTS)
def test_one_bad_leg_is_left_out_and_named(fault: str, tmp_path: Path) -> None:
    content = option_files.v3_json(MADE)
    damage, rule = LEG_FAULTS[fault]
    damage(leg_of(content, 24000, "CE"))
    chain = read(tmp_path, content)
    (left_out,) = chain.left_out
    assert (left_out.legs, rule in left_out.rule, "24000 CE" in left_out.rule or "24050 CE" in left_out.rule) == (
        1,
        True,
        True,
    )
    assert len(chain.expiries[0].strike) == OF_NEAREST - 1


def test_a_bid_as_high_as_the_ask_is_no_fault(tmp_path: Path) -> None:
    content = option_files.v3_json(MADE)
    leg_of(content, 24000, "CE").update(buyPrice1=150.0, sellPrice1=150.0)
    assert not read(tmp_path, content).left_out


@pytest.mark.parametrize(("expiry", "counts"), [("2032-06-18", True), ("2032-06-22", False)])
def test_an_expiry_further_ahead_than_any_is_left_out(expiry: str, counts: bool, tmp_path: Path) -> None:
    made = option_files.contracts((NEAREST, pd.Timestamp(expiry)))
    chain = read(tmp_path, option_files.old_json(made))
    assert len(chain.expiries) == 1 + counts
    assert ["more than 6 years ahead" in one.rule for one in chain.left_out] == ([] if counts else [True])


def test_a_strike_of_many_times_the_index_is_left_out(tmp_path: Path) -> None:
    made = option_files.contracts((NEAREST,))
    chain = read(tmp_path, option_files.old_json((*made, replace(made[-1], strike=250_000, bid=0.05, ask=0, last=0))))
    assert [(one.legs, "more than 10 times the index level" in one.rule) for one in chain.left_out] == [(1, True)]
    assert len(chain.expiries[0].strike) == len(made)


@pytest.mark.parametrize("fault", LEG_FAULTS)
def test_an_expiry_with_many_bad_legs_near_the_money_is_refused_and_the_others_stand(
    fault: str, tmp_path: Path
) -> None:
    content = option_files.v3_json(MADE)
    damage, rule = LEG_FAULTS[fault]
    for strike in (23900, 23950, 24000, 24050):
        damage(leg_of(content, strike, "CE"))
    message = refused(tmp_path, content)
    assert rule in message
    assert "fetch the chain again" in message


def test_other_expiries_stand_beside_a_refused_one(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    for strike in (23900, 23950, 24000):
        leg_of(content, strike, "PE").update(bidprice=300.0, askPrice=200.0)
    chain = read(tmp_path, content)
    assert [legs.expiry for legs in chain.expiries] == [MONTHLY, FAR]
    (left_out,) = chain.left_out
    assert (left_out.expiry, left_out.legs) == (NEAREST, OF_NEAREST)
    assert "3 of 58 legs near the money cannot be used" in left_out.rule
    assert "23-Jun-2026 23900 PE: the bid is above the ask" in left_out.rule


def test_few_bad_legs_near_the_money_are_dropped_alone(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    for strike in (23900, 24000):
        leg_of(content, strike, "PE").update(bidprice=300.0, askPrice=200.0)
    chain = read(tmp_path, content)
    assert [legs.expiry for legs in chain.expiries] == list(EXPIRIES)
    assert [(one.expiry, one.legs) for one in chain.left_out] == [(NEAREST, 2)]


def test_a_leg_twice_with_the_same_values_counts_once(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    content["records"]["data"] += content["records"]["data"][:1]
    chain = read(tmp_path, content)
    assert [len(legs.strike) for legs in chain.expiries] == [OF_NEAREST] * 3
    assert [(one.expiry, one.legs) for one in chain.left_out] == [(NEAREST, 2)]


def test_a_leg_twice_with_different_values_refuses_its_expiry(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    again = json.loads(json.dumps(content["records"]["data"][0]))
    again["PE"]["openInterest"] += 1
    content["records"]["data"].append(again)
    chain = read(tmp_path, content)
    assert [legs.expiry for legs in chain.expiries] == [MONTHLY, FAR]
    assert "23-Jun-2026 22000 PE is there twice with different values" in chain.left_out[0].rule


def test_two_levels_of_the_index_are_told(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    leg_of(content, 24000, "CE")["underlyingValue"] = 24050.0
    leg_of(content, 24050, "CE")["underlyingValue"] = 0
    chain = read(tmp_path, content)
    assert chain.underlying == option_files.SPOT
    assert [len(legs.strike) for legs in chain.expiries] == [OF_NEAREST] * 3
    assert [(one.legs, one.rule[:45]) for one in chain.left_out] == [
        (0, "legs state index levels from 24013.10 to 2405")
    ]


def test_two_levels_of_the_index_too_far_apart_are_refused(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    leg_of(content, 24000, "CE")["underlyingValue"] = 24086.0
    assert "24013.10 to 24086.00, more than 0.3 % apart" in refused(tmp_path, content)


def test_the_level_that_the_file_states_for_all_legs_counts(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    content["records"]["underlyingValue"] = 24020.0
    chain = read(tmp_path, content)
    assert chain.underlying == 24020.0
    assert "from 24013.10 to 24020.00" in chain.left_out[0].rule
    content["records"]["underlyingValue"] = 24100.0
    assert "more than 0.3 % apart" in refused(tmp_path, content)


def test_without_one_for_all_legs_the_level_of_most_legs_counts(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    content["records"]["underlyingValue"] = None
    leg_of(content, 24000, "CE")["underlyingValue"] = 24050.0
    assert read(tmp_path, content).underlying == option_files.SPOT


def test_without_any_level_the_chain_is_read_and_that_is_told(tmp_path: Path) -> None:
    content = option_files.old_json(MADE)
    del content["records"]["underlyingValue"]
    for row in content["records"]["data"]:
        for side in ("CE", "PE"):
            row[side]["underlyingValue"] = 0
    chain = read(tmp_path, content)
    assert pd.isna(chain.underlying)
    assert "no leg states the index level" in chain.left_out[0].rule


def test_every_published_volatility_zero_is_normal(tmp_path: Path) -> None:
    made = [replace(one, volatility=0) for one in MADE]
    chain = read(tmp_path, option_files.old_json(made))
    assert not chain.left_out
    assert all(pd.isna(legs.published_volatility).all() for legs in chain.expiries)


@pytest.mark.parametrize("side", ["CE", "PE"])
def test_a_chain_of_one_side_is_read(side: str, tmp_path: Path) -> None:
    chain = read(tmp_path, option_files.old_json([one for one in MADE if one.side == side]))
    assert [set(legs.is_call.tolist()) for legs in chain.expiries] == [{side == "CE"}] * 3


def test_one_strike_and_no_open_interest_is_read(tmp_path: Path) -> None:
    made = [replace(one, open_interest=0) for one in option_files.contracts((NEAREST,), (24000,))]
    chain = read(tmp_path, option_files.old_json(made))
    assert chain.expiries[0].open_interest.tolist() == [0, 0]


def without_expiries_ahead() -> Row:
    return option_files.old_json(MADE, pd.Timestamp("2027-06-29 15:35:00", tz="Asia/Kolkata"))


CHAIN_FAULTS: dict[str, tuple[Any, str]] = {
    "empty": ("", "is empty"),
    "blank": ("\ufeff \n ", "is empty"),
    "nothing but braces": ({}, "which NSE answers when it refuses"),
    "an error of the server": ({"error": "Resource not found"}, "holds no option chain"),
    "a number": ("17", "is neither an option chain"),
    "no rows": ({"records": {"timestamp": "19-Jun-2026 15:30:00", "data": []}}, "holds no option chain"),
    "rows that are null": ({"records": {"timestamp": "19-Jun-2026 15:30:00", "data": None}}, "holds no option chain"),
    "a web page": ("<!DOCTYPE html>\n<html><body>Access Denied</body></html>", "is a web page ('<!DOCTYPE html>')"),
    "cut off": (json.dumps(option_files.old_json(MADE))[:50_000], "is not JSON"),
    "several chains": (
        [option_files.v3_json(MADE), option_files.v3_json(MADE, MONTHLY)],
        "holds 2 option chains; write each to a file of its own",
    ),
    "nested without end": ("[" * 200_000, "nested too deeply"),
    "a number of many digits": ('{"a": ' + "9" * 5000 + "}", "is not JSON"),
    "only settled expiries": (without_expiries_ahead(), "had settled by the moment of the snapshot"),
    "bytes that are no text": (b'{"records": "\xff\xfe\xfd"}', "is not text (byte 13)"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "is not text"),
    "zero bytes": (b"{}\0\0\0", "is a binary file"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n", "is a Git LFS pointer"),
    "a table of bars": ("Date,Open,High,Low,Close\n2026-06-19,1,1,1,1\n", "is neither an option chain as JSON nor"),
}


@pytest.mark.parametrize("fault", CHAIN_FAULTS)
def test_a_file_that_is_no_chain_is_refused_in_one_line(fault: str, tmp_path: Path) -> None:
    content, rule = CHAIN_FAULTS[fault]
    assert rule in refused(tmp_path, content)


STRUCTURE_FAULTS: dict[str, tuple[Callable[[Row], Any], str]] = {
    "no moment": (lambda records: records.pop("timestamp"), " has no timestamp: expected the exchange's own date"),
    "another moment": (lambda records: records.update(timestamp="19/06/26"), "timestamp '19/06/26': expected"),
    "a moment of hour 25": (lambda records: records.update(timestamp="19-Jun-2026 25:00:00"), "25:00:00': expected"),
    "a row that is text": (lambda records: records["data"].append("x"), "row 82 of `data` is not an object but str"),
    "a leg that is a list": (lambda records: records["data"][4].update(CE=[]), "row 5 of `data`: CE is not an object"),
    "another index": (
        lambda records: [row[side].update(underlying="BANKNIFTY") for row in records["data"] for side in ("CE", "PE")],
        "has options of 'BANKNIFTY': expected NIFTY",
    ),
    "one leg of another index": (
        lambda records: records["data"][4]["CE"].update(underlying="FINNIFTY"),
        "has options of 'FINNIFTY': expected NIFTY",
    ),
    "no index": (
        lambda records: [row[side].pop("underlying") for row in records["data"] for side in ("CE", "PE")],
        "no leg names its `underlying`",
    ),
    "legs swapped": (
        lambda records: [row.update(CE=row["PE"], PE=row["CE"]) for row in records["data"]],
        "not the contract that its identifier names",
    ),
    "all without a date": (
        lambda records: [row[side].update(expiryDate="") for row in records["data"] for side in ("CE", "PE")],
        "the expiry cannot be read: expected a date such as",
    ),
}


@pytest.mark.parametrize("fault", STRUCTURE_FAULTS)
def test_a_chain_of_another_form_is_refused_in_one_line(fault: str, tmp_path: Path) -> None:
    content = option_files.v3_json(MADE)
    damage, rule = STRUCTURE_FAULTS[fault]
    damage(content["records"])
    assert rule in refused(tmp_path, content)


def zip_of(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


CHAIN = json.dumps(option_files.old_json(MADE)).encode()
ARCHIVES: dict[str, tuple[str, bytes, str]] = {
    "a truncated zip": ("c.zip", option_files.packed(CHAIN, ".zip", "c")[:-30], "is a zip archive that cannot be read"),
    "a truncated gzip": ("c.gz", option_files.packed(CHAIN, ".gz", "c")[:-30], "is a gzip file that cannot be read"),
    "two files": ("c.zip", zip_of(a=CHAIN, b=CHAIN), "holds 2 files: expected one option chain or bhavcopy"),
    "no file": ("c.zip", zip_of(), "holds 0 files: expected one option chain"),
    "a zip in a zip": ("c.zip", zip_of(a=zip_of(b=CHAIN)), "holds another archive; unpack it first"),
    "a gzip in a zip": ("c.zip", zip_of(a=option_files.packed(CHAIN, ".gz", "")), "holds another archive"),
    "a zip bomb": ("c.zip", zip_of(a=bytes(LARGEST_TEXT + 1)), "unpacks to more than 32 MiB"),
    "a gzip bomb": ("c.gz", option_files.packed(bytes(LARGEST_TEXT + 1), ".gz", ""), "unpacks to more than 32 MiB"),
    "JSON without end": ("c.gz", option_files.packed(b"[" + b"1," * 2**23, ".gz", ""), "more than 8 MiB of JSON"),
    "an empty gzip": ("c.gz", option_files.packed(b"", ".gz", ""), "is empty"),
}


@pytest.mark.parametrize("fault", ARCHIVES)
def test_a_bad_archive_is_refused_in_one_line(fault: str, tmp_path: Path) -> None:
    name, content, rule = ARCHIVES[fault]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as found:
        read_chain(tmp_path / name, MARKET)
    assert rule in str(found.value)
    assert "\n" not in str(found.value)


DAY_FAULTS: dict[str, tuple[Callable[[str], str], str]] = {
    "cut off in a row": (lambda text: text[:-200], "fields where the header has"),
    "no options of the index": (lambda text: text.replace("NIFTY", "MIDCPNIFTY"), "has no options of NIFTY"),
    "a column less": (lambda text: text.replace("STRIKE_PR", "STRIKE").replace("StrkPric", "Strike"), "is missing"),
    "a day without a session": (
        lambda text: text.replace("19-JUN-2026", "20-JUN-2026").replace("2026-06-19", "2026-06-20"),
        "2026-06-20 is not a trading day of NSE",
    ),
    "two days": (
        lambda text: "18-JUN-2026".join(text.rsplit("19-JUN-2026", 1)).replace("2026-06-19", "2026-06-18", 6),
        "rows of 2 days, 2026-06-18 to 2026-06-19",
    ),
    "no day": (lambda text: text.replace("19-JUN-2026", "").replace("2026-06-19", ""), "expected a date such as"),
    "an open quote": (lambda text: text + '"', "not csv"),
}


@pytest.mark.parametrize("fault", DAY_FAULTS)
@pytest.mark.parametrize("make", [option_files.legacy_csv, option_files.udiff_csv])
def test_a_bad_file_of_a_day_is_refused_in_one_line(fault: str, make: Callable[[Any], str], tmp_path: Path) -> None:
    damage, rule = DAY_FAULTS[fault]
    assert rule in refused(tmp_path, damage(make(MADE)), "fo.csv")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (",24000.00,CE,", ",x,CE,", "StrkPric is not a number ('x')"),
        (",24000.00,CE,", ",,CE,", "StrkPric is null"),
        (",24000.00,CE,", ",24000.00,,", "OptnTp is neither CE nor PE"),
        (",24000.00,CE,", ",24000.00,PE,", "not the contract that FinInstrmNm names"),
        ("2026-06-23,24000.00,CE,", "later,24000.00,CE,", "the expiry cannot be read: expected a date"),
    ],
)
def test_a_bad_row_of_a_day_is_left_out_and_named(old: str, new: str, rule: str, tmp_path: Path) -> None:
    made = option_files.contracts((NEAREST,))
    chain = read(tmp_path, option_files.udiff_csv(made).replace(old, new), "fo.csv")
    (left_out,) = chain.left_out
    assert (left_out.legs, rule in left_out.rule) == (1, True)


def test_a_day_without_an_index_level_finds_the_money_by_parity(tmp_path: Path) -> None:
    made = option_files.contracts((NEAREST, MONTHLY))
    for strike in (23900, 23950, 24000):
        made = option_files.edited(made, strike, "PE", open_interest=-65)
    rows = [line.split(",") for line in option_files.legacy_csv(made).splitlines()]
    for row in rows:
        # A strike that nobody has priced is not where call and put cost the same.
        if row[3] == "22000":
            row[8:10] = "0", "0"
    chain = read(tmp_path, "\n".join(map(",".join, rows)), "fo.csv")
    assert [legs.expiry for legs in chain.expiries] == [MONTHLY]
    assert "legs near the money cannot be used, the first is 23-Jun-2026 23900 PE" in chain.left_out[0].rule


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not there; name a file or folder of option chains"):
        read_chain(tmp_path / "none.json", MARKET)


def test_another_market_has_no_option_files(tmp_path: Path) -> None:
    path = option_files.write(tmp_path, "chain.json", option_files.old_json(MADE))
    with pytest.raises(ConfigurationError, match="read for nifty50 only, not for sp500"):
        read_chain(path, get_market("sp500"))


@pytest.mark.parametrize("make", [option_files.legacy_csv, option_files.old_json])
def test_sides_that_are_swapped_without_a_name_show_by_what_they_pay(
    make: Callable[[Any], Any], tmp_path: Path
) -> None:
    made = [replace(one, is_call=not one.is_call) for one in option_files.contracts((NEAREST, MONTHLY))]
    content = make(made)
    for row in content["records"]["data"] if isinstance(content, dict) else ():
        del row["CE"]["identifier"], row["PE"]["identifier"]
    message = refused(tmp_path, content, "chain.json" if isinstance(content, dict) else "fo.csv")
    assert (
        "no expiry can be used: most legs cost less than they pay at once, so calls and puts are swapped or" in message
    )
