"""A folder of option files: each expiry comes from the newest file that has it and counts for the document."""

import json
import os
from pathlib import Path

import option_files
import pandas as pd
import pytest
from option_files import EXPIRIES, FAR, MOMENT, MONTHLY, NEAREST, SPOT

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.admissible import DocumentMoment
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.summary import summarise
from aegismatrix_engine.sources.options import files, read_options

MARKET = get_market("nifty50")
MADE = option_files.contracts()
DURING = pd.Timestamp("2026-06-19 14:00", tz="Asia/Kolkata")
EVENING = DocumentMoment(MOMENT, MOMENT + pd.Timedelta(hours=3), SPOT)


def minutes(count: float) -> pd.Timedelta:
    return pd.Timedelta(minutes=count)


def during(folder: Path) -> OptionChain:
    return read_options(folder, MARKET, DocumentMoment(DURING, DURING + minutes(14), SPOT))


def put_v3(folder: Path, name: str, expiry: pd.Timestamp, moment: pd.Timestamp) -> None:
    option_files.write(folder, name, option_files.v3_json(MADE, expiry, moment))


def test_each_expiry_comes_from_the_newest_file_that_counts(tmp_path: Path) -> None:
    put_v3(tmp_path, "a.json", NEAREST, DURING - minutes(25))
    put_v3(tmp_path, "b.json.gz", NEAREST, DURING - minutes(5))
    put_v3(tmp_path, "c.zip", NEAREST, DURING + minutes(10))
    put_v3(tmp_path, "d.json", MONTHLY, DURING - minutes(15))
    put_v3(tmp_path, "e.json", FAR, DURING + minutes(20))
    chain = during(tmp_path)
    assert [legs.expiry for legs in chain.expiries] == [NEAREST, MONTHLY]
    assert [legs.as_of for legs in chain.expiries] == [DURING + minutes(10), DURING - minutes(15)]
    assert [name for name, _ in chain.files] == ["c.zip", "d.json"]
    # Of two moments the older one, so that the age of no expiry is understated.
    assert (chain.as_of, chain.source, chain.listed) == (DURING - minutes(15), "nse-v3", EXPIRIES)
    assert not chain.left_out


def test_each_expiry_keeps_the_index_level_of_its_own_file(tmp_path: Path) -> None:
    put_v3(tmp_path, "near.json", NEAREST, DURING)
    earlier = option_files.v3_json(MADE, MONTHLY, DURING - minutes(15))
    content = json.dumps(earlier).replace(f'"underlyingValue": {SPOT}', f'"underlyingValue": {1.003 * SPOT}')
    option_files.write(tmp_path, "far.json", content)
    chain = during(tmp_path)
    assert [legs.underlying for legs in chain.expiries] == pytest.approx([SPOT, 1.003 * SPOT])
    assert [one.index for one in summarise(chain, MARKET)] == pytest.approx([SPOT, 1.003 * SPOT])


def test_a_file_named_alone_is_read_as_in_a_folder(tmp_path: Path) -> None:
    put_v3(tmp_path, "a.json", NEAREST, DURING)
    alone = read_options(tmp_path / "a.json", MARKET, DocumentMoment(DURING, DURING, SPOT))
    assert (alone.files, alone.as_of) == (during(tmp_path).files, DURING)


def test_expiries_that_the_chain_lacks_come_from_the_file_of_the_day(tmp_path: Path) -> None:
    put_v3(tmp_path, "chain.json", NEAREST, MOMENT)
    option_files.write(tmp_path, "fo.csv.zip", option_files.udiff_csv(MADE))
    chain = read_options(tmp_path, MARKET, EVENING)
    assert [legs.expiry for legs in chain.expiries] == list(EXPIRIES)
    assert [bool((legs.price_kind == "mid").any()) for legs in chain.expiries] == [True, False, False]
    assert (chain.source, chain.as_of) == ("nse-v3+udiff", MOMENT)


def test_a_whole_chain_needs_no_older_file(tmp_path: Path) -> None:
    option_files.write(tmp_path, "new.json", option_files.old_json(MADE, DURING))
    option_files.write(tmp_path, "old.json", option_files.old_json(MADE, DURING - minutes(3)))
    assert [name for name, _ in during(tmp_path).files] == ["new.json"]


def test_a_refused_expiry_comes_from_the_file_before_and_is_told(tmp_path: Path) -> None:
    content = option_files.old_json(MADE, DURING)
    for strike in (23900, 23950, 24000):
        option_files.leg_of(content, strike, "PE")["openInterest"] = None
    option_files.write(tmp_path, "new.json", content)
    option_files.write(tmp_path, "old.json", option_files.old_json(MADE, DURING - minutes(3)))
    chain = during(tmp_path)
    assert [legs.expiry for legs in chain.expiries] == list(EXPIRIES)
    assert [legs.as_of for legs in chain.expiries] == [DURING - minutes(3), DURING, DURING]
    assert [one.expiry for one in chain.left_out] == [NEAREST]


def test_damaged_files_and_those_of_another_index_are_told_and_the_others_used(tmp_path: Path) -> None:
    put_v3(tmp_path, "good.json", NEAREST, DURING - minutes(5))
    option_files.write(tmp_path, "cut.json", b'{"records": ')
    text = option_files.v3_json(MADE, NEAREST, DURING)
    text["records"]["data"][3]["CE"]["underlying"] = "BANKNIFTY"
    option_files.write(tmp_path, "other.json", text)
    chain = during(tmp_path)
    assert [name for name, _ in chain.files] == ["good.json"]
    assert [one.rule.split(" ")[0] for one in chain.left_out] == ["cut.json", "other.json"]
    assert {one.legs for one in chain.left_out} == {0}


def test_what_is_told_of_each_file_that_is_used_stays_told(tmp_path: Path) -> None:
    for name, expiry in (("a.json", NEAREST), ("b.json", MONTHLY)):
        content = option_files.v3_json(MADE, expiry, DURING)
        option_files.leg_of(content, 24000, "CE", expiry)["underlyingValue"] = 24050.0
        option_files.leg_of(content, 24000, "PE", expiry)["openInterest"] = None
        option_files.write(tmp_path, name, content)
    chain = during(tmp_path)
    assert [legs.expiry for legs in chain.expiries] == [NEAREST, MONTHLY]
    assert [(one.expiry, one.legs) for one in chain.left_out] == [(None, 0), (MONTHLY, 1), (None, 0), (NEAREST, 1)]


def test_a_collectors_own_clock_is_not_trusted(tmp_path: Path) -> None:
    wrapped = {"timestamp": "2026-06-19 04:00:00", "data": option_files.v3_json(MADE, NEAREST, DURING)}
    option_files.write(tmp_path, "a.json", wrapped)
    option_files.write(tmp_path, "b.json", wrapped)
    assert during(tmp_path).as_of == DURING


def test_a_folder_without_a_name_is_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^the folder holds no option chain: expected files ending in \.json, \.csv"):
        read_options(Path(), MARKET, EVENING)


def test_other_files_of_a_folder_are_not_read(tmp_path: Path) -> None:
    put_v3(tmp_path, "a.json", NEAREST, DURING)
    for name in ("README.md", "b.json.part", ".hidden.json", "c.txt"):
        option_files.write(tmp_path, name, "not a chain")
    (tmp_path / "folder.json").mkdir()
    assert not during(tmp_path).left_out


@pytest.mark.parametrize("names", [(), ("notes.txt",)])
def test_a_folder_without_chains_is_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        option_files.write(tmp_path, name, "")
    with pytest.raises(DataError, match="holds no option chain: expected files ending in"):
        during(tmp_path)


def test_where_no_file_counts_the_newest_says_why(tmp_path: Path) -> None:
    for name, ago in (("a.json", 60), ("b.json", 40), ("c.json", 50)):
        put_v3(tmp_path, name, NEAREST, DURING - minutes(ago))
    with pytest.raises(DataError, match=r"^b.json: it is of 2026-06-19 13:20: expected at most 20 minutes before"):
        during(tmp_path)


def test_a_chain_whose_index_is_elsewhere_is_refused(tmp_path: Path) -> None:
    put_v3(tmp_path, "a.json", NEAREST, DURING)
    with pytest.raises(DataError, match=r"^a.json: its index level 24013.10 is \+20.1 % from the last close"):
        read_options(tmp_path / "a.json", MARKET, DocumentMoment(DURING, DURING, 20000.0))


def test_files_written_long_before_are_not_opened_and_count_only_without_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 2)
    for number in range(4):
        put_v3(tmp_path, f"{number}.json", NEAREST, DURING - minutes(number))
        os.utime(tmp_path / f"{number}.json", (0, 0))
    with pytest.raises(DataError, match="holds 4 files: expected at most 2; remove the old ones"):
        during(tmp_path)
    for number in (2, 3):
        os.utime(tmp_path / f"{number}.json", (DURING.timestamp(), DURING.timestamp()))
    assert during(tmp_path).as_of == DURING - minutes(2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "chains"
    folder.mkdir(mode=0o000)
    with pytest.raises(DataError, match="cannot be read"):
        during(folder)


def test_a_link_to_a_chain_is_followed_and_a_lost_one_is_not_read(tmp_path: Path) -> None:
    put_v3(tmp_path / "elsewhere", "real.json", NEAREST, DURING)
    (tmp_path / "a.json").symlink_to(tmp_path / "elsewhere" / "real.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "elsewhere" / "none.json")
    assert [name for name, _ in during(tmp_path).files] == ["a.json"]


@pytest.mark.parametrize(
    ("name", "as_of", "level"),
    [
        ("bhavcopy_legacy_2021-03-18_index_rows.csv.gz", "2021-03-18 15:30", 14557.85),
        ("chain_json_2023-07-07_1530.json.gz", "2023-07-07 15:30", 19331.80),
        ("chain_json_2025-08-05_1359.json.gz", "2025-08-05 14:00", 24620.0),
        ("chain_v3_2026-06-19_1530.json.gz", "2026-06-19 15:30", 24013.10),
        ("bhavcopy_legacy_2026-06-19_nifty_rows.csv.gz", "2026-06-19 15:30", 24013.10),
    ],
)
def test_every_shared_chain_counts_at_its_moment_and_not_a_day_later(
    shared: Path, name: str, as_of: str, level: float
) -> None:
    path, at = shared / "data" / "options" / name, pd.Timestamp(as_of, tz="Asia/Kolkata")
    assert read_options(path, MARKET, DocumentMoment(at, at, level)).expiries
    following = MARKET.calendar.following(at.tz_localize(None).normalize(), 1)[0]
    later = MARKET.calendar.closes_at(following)
    with pytest.raises(DataError, match=f"{name}: it is of "):
        read_options(path, MARKET, DocumentMoment(later, later, level))


def test_the_shared_chain_and_file_of_one_close_make_one_chain(shared: Path, tmp_path: Path) -> None:
    for name in ("chain_v3_2026-06-19_1530.json.gz", "bhavcopy_legacy_2026-06-19_nifty_rows.csv.gz"):
        (tmp_path / name).symlink_to(shared / "data" / "options" / name)
    chain = read_options(tmp_path, MARKET, EVENING)
    assert len(chain.expiries) == 18
    assert chain.source == "nse-v3+bhavcopy"
    assert chain.underlying == 24013.1


def test_without_a_document_the_newest_file_counts_and_those_at_most_20_minutes_older(tmp_path: Path) -> None:
    put_v3(tmp_path, "a.json", NEAREST, DURING)
    put_v3(tmp_path, "b.json", MONTHLY, DURING - minutes(20))
    put_v3(tmp_path, "c.json", FAR, DURING - minutes(21))
    option_files.write(tmp_path, "d.csv", option_files.udiff_csv(MADE, MOMENT - pd.Timedelta(days=1)))
    chain = read_options(tmp_path, MARKET, None)
    assert [name for name, _ in chain.files] == ["a.json", "b.json"]
    assert not chain.left_out
