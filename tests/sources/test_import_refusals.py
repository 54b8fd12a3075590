"""Files that are damaged, or that have two meanings: each is refused in one line that says what to do."""

import bz2
import io
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from test_import_formats import (
    BARS,
    CBOE,
    DATE_AND_TIME,
    DECIMAL_COMMA,
    HEADERLESS_ENDS,
    INDIA_VIX,
    INVESTING_SPX,
    INVESTING_US,
    KITE_BARS,
    NIFTYINDICES,
    NSE_INDEX,
    WITH_CLOSING_BAR,
    YAHOO,
    YAHOO_INDA,
    YFINANCE,
    YFINANCE_BARS,
    YFINANCE_ROWS,
    recognised,
    zipped,
)

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.recognise import Choices, check_series, merged

MARKET = get_market("nifty50")


def spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return content.getvalue()


def two_files() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.csv", YAHOO)
        archive.writestr("b.csv", YAHOO)
    return content.getvalue()


def bars(stamps: list[str]) -> str:
    """Four bars of the Muhurat session at other stamps."""
    rows = (",".join(map(repr, values)) for values in BARS.to_numpy().tolist())
    return "timestamp,open,high,low,close\n" + "".join(f"{at},{row}\n" for at, row in zip(stamps, rows, strict=True))


def with_line(text: str, line: int, change: Callable[[str], str]) -> str:
    lines = text.splitlines()
    lines[line - 1] = change(lines[line - 1])
    return "\n".join(lines) + "\n"


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 71084\n"
WEEKS = "Date,Open,High,Low,Close\n2021-01-04,100,101,99,100\n2021-01-11,100,101,99,100\n2021-01-18,100,101,99,100\n"
WEEKS = WEEKS.replace(",1", ",141").replace(",99", ",14099")
HOURS = ["2020-11-13 10:15:00", "2020-11-13 11:15:00", "2020-11-13 12:15:00", "2020-11-13 13:15:00"]
FUTURES = "Symbol,Date,Expiry,Open,High,Low,Close\nNIFTY,04-Jan-2021,28-Jan-2021,14100,14150,13950,14130\n"
RETURNS = '"Index Name","Date","Total Returns Index"\n"NIFTY 50","04 Jan 2021","20017.62"\n'
OTHER_INDEX = NIFTYINDICES.replace("NIFTY 50", "NIFTY BANK")
TWO_TICKERS = YFINANCE.replace("Ticker,^NSEI,^NSEI", "Ticker,^NSEI,^NSEBANK")

DAMAGED = {
    "empty": ("nifty.csv", b"", "nifty.csv is empty"),
    "blank": ("nifty.csv", b"\n \n\t\n", "nifty.csv is empty"),
    "binary": ("nifty.csv", bytes(range(256)), "not UTF-8 text (byte 128); save it as a UTF-8 csv file"),
    "zeros": ("nifty.csv", bytes(4096), "is a binary file; save it as"),
    "another encoding": ("nifty.csv", NSE_INDEX[1:].replace("₹", "€").encode("cp1252"), "not UTF-8 text (byte 55)"),
    "a web page": ("nifty.csv", "<!DOCTYPE html>\n<html>Access Denied</html>", "is a web page", "download"),
    "JSON": ("nifty.csv", '{"data": [{"EOD_CLOSE_INDEX_VAL": 14132.9}]}', "is JSON", "; export it as csv"),
    "a Git LFS pointer": ("nifty.csv", POINTER, "is a Git LFS pointer", "`git lfs pull`"),
    "a spreadsheet": ("nifty.xlsx", spreadsheet(), "is a spreadsheet; save its sheet as a csv file"),
    "an old spreadsheet": ("nifty.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is an Excel workbook"),
    "a bzip2 archive": (
        "nifty.csv.bz2",
        bz2.compress(YAHOO.encode()),
        "is not UTF-8 text but a bzip2 archive",
        "unpack it",
    ),
    "both sides of a merge": (
        "nifty.csv",
        with_line(YAHOO, 3, lambda row: f"<<<<<<< HEAD\n{row}\n=======\n{row}\n>>>>>>> other"),
        "holds both sides of a git merge",
    ),
    "a git-annex pointer": ("nifty.csv", "/annex/objects/SHA256E-s12--ab.csv\n", "`git annex get`"),
    "two files in a zip": ("nifty.zip", two_files(), "holds 2 files", "; unpack it first"),
    "a damaged zip": ("nifty.zip", zipped("a.csv", YAHOO)[:60], "cannot be read", "; unpack it first"),
    "a damaged gzip": ("nifty.csv.gz", b"\x1f\x8b\x08\x00" + bytes(20), "gzip file that cannot be read"),
    "no table": ("nifty.csv", "Thank you for downloading\nfrom us\n", "line 1: no header was found", "Date,Open,High"),
    "no rows": ("nifty.csv", NSE_INDEX.splitlines()[0], "has a header and no rows"),
    "no header, another order": ("data.csv", YFINANCE_ROWS, "no header, and nothing shows which price is the open"),
    "no header, no prices": ("data.csv", "2021-01-04,19.5575,20.1\n", "no header was found"),
    "no header, high and low swapped": (
        "data.csv",
        "2021-01-04,14104.35,13953.75,14147.95,14132.9\n2021-01-05,14075.15,14048.15,14215.6,14199.5\n",
        "line 1: no header, and its prices are not open, high, low, close; add a header",
    ),
    "a header below its rows": (
        "nifty.csv",
        "\n".join([*YAHOO.splitlines()[3:], YAHOO.splitlines()[0], YAHOO.splitlines()[2]]) + "\n",
        "line 1: a row of numbers above the header; put the header first",
    ),
    "no closes": ("nifty.csv", YAHOO.replace("Low,Close,", "Low,Last,"), "no column of closes", "name one close"),
    "no dates": ("nifty.csv", YAHOO.replace("Date,", "Label,"), "no column of dates", "name one date"),
    "no open": ("nifty.csv", YAHOO.replace("Date,Open", "Date,First"), "no column of open", "a spot index needs"),
    "a doubled column": ("nifty.csv", YAHOO.replace("Adj Close", "Close"), "column close occurs twice"),
    "a last line cut off": ("nifty.csv", YAHOO[:-40], "line 7: 3 fields where 7 are expected", "complete or remove"),
    "a last number cut off": ("VIX_History.csv", CBOE[:-6], "line 6: '21.5' ends the file without a line end"),
    "a comma in a number": (
        "nifty.csv",
        with_line(YAHOO, 4, lambda row: row.replace("14075", "14,075")),
        "line 4: 8 fields where 7 are expected",
    ),
    "an open quote": ("nifty.csv", with_line(NIFTYINDICES, 3, lambda row: row[:-1]), "line 3: not csv", "the quotes"),
    "text for a price": (
        "nifty.csv",
        with_line(YAHOO, 4, lambda row: row.replace("14215.6", "high")),
        "line 4, column high: invalid number 'high': expected a decimal",
    ),
    "no prices": ("nifty.csv", "Date,Open,High,Low,Close\n04-JAN-2021,-,-,-,-\n", "no row has a close"),
    "closes alone": ("nifty.csv", "Date,Open,High,Low,Close\n04-JAN-2021,-,-,-,14132.9\n", "no row has open, high"),
    "a date that does not exist": (
        "nifty.csv",
        with_line(NSE_INDEX, 3, lambda row: row.replace("07-JAN", "30-FEB")),
        "line 3: '30-FEB-2021' is a date that does not exist",
    ),
    "a missing date": ("nifty.csv", with_line(YAHOO, 4, lambda row: row[10:]), "line 4: the date is missing"),
    "dates written two ways": (
        "nifty.csv",
        with_line(YAHOO, 4, lambda row: row.replace("2021-01-05", "05-JAN-2021")),
        "line 4: '05-JAN-2021' is written another way than '2021-01-01' in line 2",
    ),
    "two orders of day and month": (
        "nifty.csv",
        "Date,Open,High,Low,Close\n25/01/2021,9000,9000,9000,9000\n01/28/2021,9000,9000,9000,9000\n",
        "two orders of day and month: '01/28/2021' in line 3 is not day-first and '25/01/2021' in line 2 is not month",
    ),
    "two bar lengths": (
        "nifty.csv",
        KITE_BARS.replace("+05:30", "")
        + "".join(
            f"2021-11-04 {at}:00,12780.0,12781.0,12779.0,12780.0,0\n" for at in ("18:15", "18:20", "18:25", "18:30")
        ),
        "bars of 15 minutes, and of 5 minutes on 2021-11-04; give each length in a file of its own",
    ),
    "hours": ("nifty.csv", bars(HOURS), "bars of 60 minutes: expected bars of 15 minutes or shorter"),
    "mixed zones": (
        "nifty.csv",
        with_line(KITE_BARS, 4, lambda row: row.replace("18:45:00+05:30", "13:15:00+00:00")),
        "line 4: its zone is UTC+00:00, that of line 2 UTC+05:30; give bars of one zone",
    ),
    "a zone in some rows": (
        "nifty.csv",
        with_line(KITE_BARS, 4, lambda row: row.replace("+05:30", "")),
        "line 4: '2020-11-14 18:45:00' has no zone, other rows have one",
    ),
    "a time that does not exist": (
        "nifty.csv",
        with_line(KITE_BARS, 4, lambda row: row.replace("18:45", "18:75")),
        "line 4: '2020-11-14 18:75:00+05:30' has a time that does not exist",
    ),
    "a time in some rows": ("nifty.csv", with_line(YAHOO, 4, lambda row: row.replace("-05,", "-05 09:15,")), "no time"),
    "two marks": (
        "nifty.csv",
        "Date,Open,High,Low,Close\n13-01-2021,9000,9000,9000,9000\n01/14/2021,9000,9000,9000,9000\n",
        "line 3: '01/14/2021' is written another way than '13-01-2021' in line 2",
    ),
    "dates a day early": (
        "india vix.csv",
        "Date,Close\n2021-01-03 18:30:00,19.56\n2021-01-10 18:30:00,22.1\n2021-01-05 18:30:00,20.99\n",
        "line 2: Sunday 2021-01-03 and 1 more of 3 rows are of days on which NSE was closed",
    ),
    "one bar a day": (
        "nifty.csv",
        "timestamp,open,high,low,close\n2021-01-04 11:00,9000,9000,9000,9000\n2021-01-05 11:00,9000,9000,9000,9000\n",
        "line 2: one row a date, at 11:00, which is neither the open nor the close of its session",
    ),
    "a zone that is not theirs": (
        "nifty.csv",
        bars([f"2020-11-13 {at}:00Z" for at in ("11:00", "11:15", "11:30", "11:45")]),
        "bars from 16:30 to 17:15 on 2020-11-13, outside the session, 09:15 to 15:30 of Asia/Kolkata; correct "
        "the zone that its times carry",
    ),
    "weeks": ("nifty.csv", WEEKS, "rows are 7 days apart, as weekly or monthly ones are; give daily rows"),
    "two tickers": ("nifty.csv", TWO_TICKERS, "its header names ^NSEBANK and ^NSEI; give a file of one index alone"),
    "two indices in a column": (
        "nifty.csv",
        with_line(NIFTYINDICES, 3, lambda row: row.replace("NIFTY 50", "INDIA VIX")),
        "more than one index",
    ),
    "another index": (
        "nifty.csv",
        OTHER_INDEX,
        "is of 'NIFTY BANK': expected NIFTY 50, India VIX, the US VIX, the S&P 500 or INDA",
    ),
    "another index by the file's name": ("BANKNIFTY_minute.csv", KITE_BARS, "by its name, of BANKNIFTY"),
    "futures": ("data.csv", FUTURES, "column Expiry means futures or options: expected the index itself"),
    "futures by the file's name": ("NIFTY-FUT-2021.csv", YAHOO, "by its name, of futures or options"),
    "total returns": ("NIFTY 50.csv", RETURNS, "column Total Returns Index is a total return index"),
    "total returns beside closes": (
        "data.csv",
        RETURNS[:-1].replace('Index"\n', 'Index","Close"\n') + ',"14132.9"\n',
        "column Total Returns Index is a total return index",
    ),
    "total returns by the file's name": ("NIFTY 50 TRI.csv", YAHOO, "of a total return index: expected the price"),
    "a volatility index named as spot": ("nifty.csv", CBOE, "is named NIFTY 50, but its closes are about 25.07"),
    "a spot index named as volatility": ("india vix.csv", YAHOO, "a volatility index, but its closes are about 14146"),
    "a volatility index in fractions": (
        "india vix.csv",
        "Date,Close\n04-JAN-2021,0.1956\n05-JAN-2021,0.2025\n",
        "invalid closes about 0.1991: expected a volatility index in vol points (15 for 15 %)",
    ),
}

TWO_MEANINGS = {
    "day and month": (
        "nifty.csv",
        "Date,Open,High,Low,Close\n08/06/2021,1581.5,1582,1580,1581\n09/06/2021,1581.5,1582,1580,1581\n",
        "line 2: '08/06/2021' may be day-first or month-first, and no line of the file shows which; use --date-order",
    ),
    "year and day": (
        "india vix.csv",
        "Date,Close\n05-Apr-21,20.25\n",
        "line 2: '05-Apr-21' may be day-first or year-first",
    ),
    "a decimal comma or thousands": (
        "nifty.csv",
        'Date,Open,High,Low,Close\n2021-01-04,"14,104","14,148","13,954","14,133"\n',
        "line 2: '14,104' may have a decimal comma or a comma between thousands",
    ),
    "a point between thousands": (
        "data.csv",
        "Date,Open,High,Low,Close\n2021-01-04,14.104,14.148,13.954,14.133\n",
        "line 2: '14.133' may have a decimal point or a point between thousands",
    ),
    "a decimal comma and a decimal point": (
        "nifty.csv",
        with_line(DECIMAL_COMMA, 3, lambda row: row.replace("14.199,5", "14199.5")),
        "line 2: '14.104,35' has a decimal comma and '14199.5' in line 3 a decimal point; write all numbers",
    ),
    "two volatility indices": (
        "data.csv",
        "Date,Close\n2021-01-04,19.56\n2021-01-05,20.25\n",
        "neither names nor dates show whether it is India VIX or the US VIX; use --series vix_daily or --series us_vix",
    ),
    "UTC": (
        "nifty.csv",
        YFINANCE_BARS.replace("+00:00", ""),
        "line 2: bars from 12:45 to 13:30 on 2020-11-14, outside the session, 18:15 to 19:15 of Asia/Kolkata; they "
        "look like UTC: use --zone UTC",
    ),
    "no zone that is known": (
        "nifty.csv",
        bars([f"2020-11-14 0{hour}:00:00" for hour in ("1", "2", "3", "4")]).replace("02:00", "01:15"),
        "name their zone with --zone NAME",
    ),
    "start or end": (
        "nifty.csv",
        "\n".join(HEADERLESS_ENDS.splitlines()[:3]),
        "no session from 2020-11-14 on has its first and last bar",
        "use --bar-stamp start or --bar-stamp end",
    ),
    "a closing bar, the first bar missing": (
        "nifty.csv",
        "\n".join(line for line in WITH_CLOSING_BAR.splitlines() if "18:15" not in line),
        "has its first and last bar",
    ),
    "start and end": (
        "nifty.csv",
        DATE_AND_TIME
        + "".join(
            f"15-11-2020,{at},12780.0,12781.0,12779.0,12780.0\n".replace("15-11-2020", "04-11-2021")
            for at in ("6:30 PM", "6:45 PM", "7:00 PM", "7:15 PM")
        ),
        "bars run from 18:15 to 19:00 on 2020-11-14, as stamps of their start do",
        "and from 18:30 to 19:15 on 2021-11-04",
    ),
    "two prices of a date": (
        "nifty.csv",
        YAHOO + "2021-01-08,14258.4,14367.3,14221.65,14347.3,14347.3,0\n",
        "nifty.csv, line 8: 2021-01-08 has close 14347.3, and 14347.25 in nifty.csv, line 7; one of the two is wrong",
    ),
    "two scales": (
        "nifty.csv",
        with_line(YAHOO, 6, lambda row: "2021-01-07,142.5375,142.5625,141.231,141.3735,141.3735,0"),
        "nifty.csv, line 6, column close: 141.3735 follows 14146.25",
    ),
    "a high below the close": (
        "nifty.csv",
        with_line(YAHOO, 6, lambda row: row.replace("14256.25", "14126.25")),
        "nifty.csv, line 6, column high: 14126.25 is below",
    ),
}


def refusal(name: str, content: str | bytes, choices: Choices | None = None) -> str:
    with pytest.raises(DataError) as caught:
        check_series(MARKET, merged([recognised(name, content, choices)]))
    message = str(caught.value)
    assert "\n" not in message
    assert name in message
    return message


@pytest.mark.parametrize(("name", "content", "parts"), [(n, c, s) for n, c, *s in DAMAGED.values()], ids=DAMAGED)
def test_a_damaged_file_is_refused_in_one_line(name: str, content: str | bytes, parts: list[str]) -> None:
    message = refusal(name, content)
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("name", "content", "parts"), [(n, c, s) for n, c, *s in TWO_MEANINGS.values()], ids=TWO_MEANINGS
)
def test_a_file_with_two_meanings_is_refused_until_chosen(name: str, content: str | bytes, parts: list[str]) -> None:
    message = refusal(name, content)
    for part in parts:
        assert part in message


INVESTING_28 = INVESTING_US.replace("01/08", "01/28")
CONTRADICTED = {
    "an order that a line refutes": (
        INVESTING_US.replace("01/08", "01/28"),
        Choices(date_order="day-first"),
        "'01/28/2021' is not day-first",
    ),
    "an order that dates do not have": (
        INVESTING_US,
        Choices(date_order="year-first"),
        "'01/08/2021' is not year-first",
    ),
    "a zone that does not fit": (YFINANCE_BARS.replace("+00:00", ""), Choices(zone="America/New_York"), "check --zone"),
    "a stamp that whole sessions refute": (
        KITE_BARS,
        Choices(bar_stamp="end"),
        "as stamps of their start do; leave",
    ),
    "a series of other bars": (
        KITE_BARS,
        Choices(series="spot_daily"),
        "holds intraday bars; use --series spot_int",
    ),
    "a series of another index": (
        NIFTYINDICES,
        Choices(series="vix_daily"),
        "Index Name has NIFTY 50, which is not",
    ),
    "a series of another level": (
        INDIA_VIX,
        Choices(series="spot_daily"),
        "is named NIFTY 50, but its closes are",
    ),
}


@pytest.mark.parametrize(("content", "choices", "part"), CONTRADICTED.values(), ids=CONTRADICTED)
def test_a_choice_does_not_override_what_the_file_proves(content: str, choices: Choices, part: str) -> None:
    assert part in refusal("file.csv", content, choices)


def test_two_files_that_disagree_are_refused_with_both_places() -> None:
    other = YAHOO.replace("14199.5,14199.5", "14199.6,14199.6")
    with pytest.raises(DataError) as caught:
        merged([recognised("nifty a.csv", YAHOO), recognised("nifty b.csv", other)])
    assert str(caught.value) == (
        "nifty b.csv, line 4: 2021-01-05 has close 14199.6, and 14199.5 in nifty a.csv, line 4; one of the two is "
        "wrong: correct or remove it"
    )


def test_a_series_that_the_market_has_no_use_for_is_refused() -> None:
    with pytest.raises(DataError, match=r"us_vix_daily\.csv is of the US VIX, which sp500 does not use"):
        recognised("us_vix_daily.csv", CBOE, market="sp500")


@pytest.mark.parametrize(
    ("name", "content", "called"),
    [("us_spot_daily.csv", INVESTING_SPX, "the S&P 500"), ("inda_daily.csv", YAHOO_INDA, "INDA")],
)
def test_the_us_series_are_of_no_use_to_the_market_of_the_us(name: str, content: str, called: str) -> None:
    with pytest.raises(DataError) as caught:
        recognised(name, content, market="sp500")
    assert str(caught.value) == f"{name} is of {called}, which sp500 does not use beside its own bars; leave it out"


def test_a_fund_without_a_name_is_not_taken_for_a_volatility_index() -> None:
    """NYSE was closed on some dates on which NSE was not, so by its dates it would be the US VIX."""
    dates = get_market("sp500").calendar.regular(pd.Timestamp("2021-01-04"), pd.Timestamp("2021-06-30"))
    steady = 40 * np.exp(np.cumsum(0.01 * np.random.default_rng(1).standard_normal(len(dates))))
    rows = "".join(f"{date:%Y-%m-%d},{close:.2f}\n" for date, close in zip(dates, steady, strict=True))
    with pytest.raises(DataError, match="as a fund's do and a volatility index's do not; use --series"):
        recognised("data.csv", "Date,Close\n" + rows)
    chosen = recognised("data.csv", "Date,Close\n" + rows, Choices(series="inda_daily"))
    assert (chosen.series, len(chosen.rows)) == ("inda_daily", len(dates))


def test_an_s_and_p_that_is_named_a_fund_s_price_is_refused() -> None:
    with pytest.raises(DataError, match="is named the S&P 500, but its closes are about 40"):
        recognised("GSPC.csv", YAHOO_INDA)


def test_bars_of_the_us_are_refused() -> None:
    bars_of_us = "timestamp,open,high,low,close\n" + "".join(
        f"2021-01-04 {9 + (30 + 15 * at) // 60:02d}:{(30 + 15 * at) % 60:02d}:00,3700,3702,3699,3701\n"
        for at in range(8)
    )
    with pytest.raises(DataError, match="has intraday bars of the S&P 500, which are not read; give its daily closes"):
        recognised("GSPC_15m.csv", bars_of_us)
