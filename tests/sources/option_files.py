"""Option chains as files of every layout, made of one invented market, so that each test can damage what it wants."""

import gzip
import io
import json
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

Row = dict[str, Any]

MOMENT = pd.Timestamp("2026-06-19 15:30:00", tz="Asia/Kolkata")
SPOT = 24013.1
LOT = 65
NEAREST, MONTHLY, FAR = (pd.Timestamp(day) for day in ("2026-06-23", "2026-06-30", "2027-06-29"))
EXPIRIES = (NEAREST, MONTHLY, FAR)
STRIKES = tuple(range(22000, 26050, 50))


@dataclass(frozen=True)
class Contract:
    """One option at the moment; prices in index points, traded contracts in lots, open interest in units."""

    expiry: pd.Timestamp
    strike: int
    is_call: bool
    bid: float
    ask: float
    last: float
    lots: int
    open_interest: int
    volatility: float

    @property
    def side(self) -> str:
        return "CE" if self.is_call else "PE"

    @property
    def identifier(self) -> str:
        return f"OPTIDXNIFTY{self.expiry:%d-%m-%Y}{self.side}{self.strike:.2f}"


def contracts(expiries: Sequence[pd.Timestamp] = EXPIRIES, strikes: Sequence[int] = STRIKES) -> tuple[Contract, ...]:
    """A market of 14 % volatility whose prices are rounded to ticks; far strikes are untraded and have one quote."""
    made = []
    for expiry in expiries:
        years = ((expiry + pd.Timedelta(hours=15.5)).tz_localize(MOMENT.tz) - MOMENT) / pd.Timedelta(days=365)
        forward = SPOT * math.exp(0.06 * years)
        for strike in strikes:
            for is_call in (False, True):
                price = _black(forward, strike, 0.14 * math.sqrt(years), is_call=is_call)
                traded = abs(strike / SPOT - 1) < 0.06
                made.append(
                    Contract(
                        expiry,
                        strike,
                        is_call,
                        bid=max(_ticks(price * 0.99 - 0.05), 0.05),
                        ask=_ticks(price * 1.01 + 0.1) if traded else 0,
                        last=_ticks(price + 0.05) if traded else 0,
                        lots=1000 + strike % 1000 if traded else 0,
                        open_interest=LOT * (strike % 1300 + (7 if is_call else 11)),
                        volatility=14.0 if traded else 0,
                    )
                )
    return tuple(made)


def _black(forward: float, strike: float, deviation: float, *, is_call: bool) -> float:
    upper = math.log(forward / strike) / deviation + deviation / 2
    lower, sign = upper - deviation, 1 if is_call else -1
    return sign * (forward * _normal(sign * upper) - strike * _normal(sign * lower))


def _normal(value: float) -> float:
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))


def _ticks(price: float) -> float:
    return round(round(price / 0.05) * 0.05, 2)


def old_json(made: Iterable[Contract], moment: pd.Timestamp = MOMENT) -> Row:
    """NSE's chain of every expiry in one file, with the totals of the nearest expiry beside it."""
    made = tuple(made)
    legs: dict[tuple[int, pd.Timestamp], Row] = {}
    for one in sorted(made, key=lambda one: (one.strike, one.expiry, one.is_call)):
        expiry = f"{one.expiry:%d-%b-%Y}"
        row = legs.setdefault((one.strike, one.expiry), {"strikePrice": one.strike, "expiryDate": expiry})
        row[one.side] = {
            **_common(one),
            "expiryDate": expiry,
            "bidQty": LOT * 3,
            "bidprice": one.bid,
            "askQty": LOT * 2 if one.ask else 0,
            "askPrice": one.ask,
        }
    dates = sorted({one.expiry for one in made})
    records = _records(moment, [f"{date:%d-%b-%Y}" for date in dates], list(legs.values()))
    nearest = [one for one in made if one.expiry == dates[0]]
    rows = [row for (_, expiry), row in legs.items() if expiry == dates[0]]
    return {"records": records, "filtered": {"data": rows, **_totals(nearest)}}


def v3_json(made: Iterable[Contract], expiry: pd.Timestamp = NEAREST, moment: pd.Timestamp = MOMENT) -> Row:
    """NSE's chain of one expiry, as its third version answers."""
    made = tuple(made)
    of_expiry = [one for one in made if one.expiry == expiry]
    legs: dict[int, Row] = {}
    for one in sorted(of_expiry, key=lambda one: (one.strike, one.is_call)):
        row = legs.setdefault(one.strike, {"expiryDates": f"{expiry:%d-%b-%Y}", "strikePrice": one.strike})
        row[one.side] = {
            **_common(one),
            "expiryDate": f"{expiry:%d-%m-%Y}",
            "optionType": None,
            "buyQuantity1": LOT * 3,
            "buyPrice1": one.bid,
            "sellQuantity1": LOT * 2 if one.ask else 0,
            "sellPrice1": one.ask,
        }
    dates = [f"{date:%d-%b-%Y}" for date in sorted({one.expiry for one in made})]
    return {"records": _records(moment, dates, list(legs.values())), "filtered": _totals(of_expiry)}


def _common(one: Contract) -> Row:
    return {
        "strikePrice": one.strike,
        "underlying": "NIFTY",
        "identifier": one.identifier,
        "openInterest": one.open_interest // LOT if one.open_interest % LOT == 0 else one.open_interest / LOT,
        "changeinOpenInterest": -3,
        "totalTradedVolume": one.lots,
        "impliedVolatility": one.volatility,
        "lastPrice": one.last,
        "totalBuyQuantity": LOT * 40,
        "totalSellQuantity": LOT * 31,
        "underlyingValue": SPOT,
    }


def _records(moment: pd.Timestamp, dates: list[str], rows: list[Row]) -> Row:
    stamp = f"{moment.tz_convert('Asia/Kolkata'):%d-%b-%Y %H:%M:%S}"
    return {"expiryDates": dates, "data": rows, "timestamp": stamp, "underlyingValue": SPOT}


def _totals(made: Iterable[Contract]) -> Row:
    made = tuple(made)
    return {
        side: {
            "totOI": sum(one.open_interest for one in made if one.side == side) / LOT,
            "totVol": sum(one.lots for one in made if one.side == side),
        }
        for side in ("CE", "PE")
    }


LEGACY_HEADER = (
    "INSTRUMENT,SYMBOL,EXPIRY_DT,STRIKE_PR,OPTION_TYP,OPEN,HIGH,LOW,CLOSE,SETTLE_PR,CONTRACTS,VAL_INLAKH,OPEN_INT,"
    "CHG_IN_OI,TIMESTAMP,"
)
UDIFF_HEADER = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,FininstrmActlXpryDt,StrkPric,OptnTp,"
    "FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,ChngInOpnIntrst,"
    "TtlTradgVol,TtlTrfVal,TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4"
)


def legacy_csv(made: Iterable[Contract], day: pd.Timestamp = MOMENT) -> str:
    """The exchange's file of a day until July 2024, with futures and options of another index in it."""
    stamp = f"{day:%d-%b-%Y}".upper()
    lines = [
        LEGACY_HEADER,
        f"FUTIDX,NIFTY,30-Jun-2026,0,XX,1,1,1,24056.9,24056.9,5,1,650,0,{stamp},",
        f"OPTIDX,BANKNIFTY,30-Jun-2026,24000,CE,9,9,9,9,9,5,1,650,0,{stamp},",
    ]
    for one in made:
        close, settle = one.last or 123.45, max(one.bid, 0.05)
        lakhs = one.lots * LOT * (one.strike + close) / 1e5
        cells = ("OPTIDX", "NIFTY", f"{one.expiry:%d-%b-%Y}", one.strike, one.side, 0, 0, 0, close, settle)
        lines.append(",".join(map(str, (*cells, one.lots, f"{lakhs:.2f}", one.open_interest, 0, stamp, ""))))
    return "\n".join(lines) + "\n"


def udiff_csv(made: Iterable[Contract], day: pd.Timestamp = MOMENT) -> str:
    """The exchange's file of a day since July 2024."""
    date = f"{day:%Y-%m-%d}"
    lines = [
        UDIFF_HEADER,
        f"{date},{date},FO,NSE,IDF,58067,,NIFTY,,2026-06-30,2026-06-30,,,NIFTY26JUNFUT,1,1,1,1,1,1,{SPOT},1,0,0,7,1,1,F1,65,,,,,",
        f"{date},{date},FO,NSE,STO,67233,,ABCAPITAL,,2026-06-30,2026-06-30,350.00,PE,ABCAPITAL26JUN350PE,1,1,1,1,1,1,400.60,1,0,0,7,1,6,F1,3100,,,,,",
    ]
    for one in made:
        expiry, last = f"{one.expiry:%Y-%m-%d}", one.last or 123.45
        name = f"NIFTY{one.expiry:%y%b}{one.strike}{one.side}".upper()
        head = (date, date, "FO", "NSE", "IDO", 1, "", "NIFTY", "", expiry, expiry, f"{one.strike:.2f}", one.side, name)
        prices = (0, 0, 0, last, last, last, SPOT, max(one.bid, 0.05), one.open_interest, 0, one.lots, 0, 0, "F1", LOT)
        lines.append(",".join(map(str, (*head, *prices, "", "", "", "", ""))))
    return "\n".join(lines) + "\n"


def edited(made: Iterable[Contract], strike: int, side: str, **changes: Any) -> tuple[Contract, ...]:
    """The same contracts, those of one strike and side of the nearest expiry changed."""
    return tuple(
        replace(one, **changes) if (one.expiry, one.strike, one.side) == (NEAREST, strike, side) else one
        for one in made
    )


def leg_of(chain: Row, strike: int, side: str, expiry: pd.Timestamp = NEAREST) -> Row:
    """One leg of a chain as JSON, to be damaged in place."""
    wanted = (f"{expiry:%d-%b-%Y}", f"{expiry:%d-%m-%Y}")
    rows = chain["records"]["data"]
    return next(row[side] for row in rows if row["strikePrice"] == strike and row[side]["expiryDate"] in wanted)


def write(folder: Path, name: str, content: Row | list[Any] | str | bytes) -> Path:
    """A file of that content, packed as its name ends; the folder is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = content if isinstance(content, bytes) else _text(content).encode()
    path = folder / name
    path.write_bytes(packed(plain, path.suffix, path.stem))
    return path


def packed(plain: bytes, suffix: str, inner: str) -> bytes:
    if suffix == ".gz":
        return gzip.compress(plain)
    if suffix == ".zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(inner, plain)
        return held.getvalue()
    return plain


def _text(content: Row | list[Any] | str) -> str:
    return content if isinstance(content, str) else json.dumps(content)
