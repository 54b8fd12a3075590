"""What a column's header says, in the words that exports use.

Sources of the words: NSE and niftyindices.com exports, NSE's JSON fields as nsepython writes them, yfinance, Yahoo's
former download, investing.com, stooq, Cboe, FRED, Nasdaq, TradingView, Google Sheets' GOOGLEFINANCE, Kite and other
brokers.
"""

import re
from typing import Literal

Role = Literal[
    "date", "stamp", "time", "open", "high", "low", "close", "price", "adjusted", "ticker", "contract", "returns"
]

_LABELS: dict[Role, str] = {
    "date": "date, day, trade date, trading date, business date, index date, historicaldate, historical date, "
    "eod timestamp, observation date",
    "stamp": "datetime, date time, date & time, timestamp, time stamp, epoch, epoch time, unix, unix time, "
    "unix timestamp, ts, t, intervaltime",
    "time": "time",
    "open": "open, o, open price, open index val, eod open index val, open index value, into",
    "high": "high, h, high price, high index val, eod high index val, high index value, inth",
    "low": "low, l, low price, low index val, eod low index val, low index value, intl",
    "close": "close, c, close price, close index val, eod close index val, closing index value, intc, close/last",
    "price": "price",
    "adjusted": "adj close, adjusted close, adjclose, close adjusted",
    "ticker": "index name, indexname, eod index name, ticker, symbol, instrument, instrument name, tradingsymbol, "
    "trading symbol, stock, scrip, name",
    "contract": "expiry, expiry date, expiry dt, option type, option typ, strike price, strike, strike pr",
    "returns": "total returns index, totalreturnsindex, total return index, net total return, ntr value",
}
_ROLES: dict[str, Role] = {label: role for role, labels in _LABELS.items() for label in labels.split(", ")}
_JOINED = re.compile(r"(open|high|low|close|adj close|volume|date|datetime)_+(\^?[A-Za-z][\w.&^-]*)?", re.IGNORECASE)
_PAIR = re.compile(r"\(\s*(['\"])(.*?)\1\s*,\s*(['\"])(.*?)\3\s*\)")


def role_of(label: str) -> Role | None:
    """What a column with that header holds; None where the engine does not read such a column."""
    plain = label.strip().strip("<>*").replace("_", " ").replace(".", " ").casefold()
    return _ROLES.get(" ".join(plain.split()))


def label_and_ticker(cell: str) -> tuple[str, str]:
    """Label and ticker of a header cell, such as one of yfinance's pairs; the ticker may be empty."""
    # FRED names the column of closes by its series.
    if cell.strip().upper() in ("VIXCLS", "SP500"):
        return "Close", "VIX" if cell.strip().upper() == "VIXCLS" else "SP500"
    pair = _PAIR.fullmatch(cell.strip())
    if pair:
        levels = (pair.group(2), pair.group(4))
        return levels if role_of(levels[0]) or not role_of(levels[1]) else (levels[1], levels[0])
    joined = None if role_of(cell) else _JOINED.fullmatch(cell.strip())
    return (joined.group(1), joined.group(2) or "") if joined else (cell.strip(), "")
