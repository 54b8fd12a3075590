"""What option chains cost, as ratios in one process.

    python -m benchmarks.options_cost [CHAIN...] [--runs N]

CHAIN is a file of NSE's chain as JSON, plain or gzip. Without one two chains are made up: 1,400 legs in 18 expiries, of
Black-76 prices with quotes between ticks. In the first half of the expiries are quoted on both sides, as in real ones;
in the second all are, which costs more, because an expiry without quotes costs next to nothing. Each piece of work runs
in turn with its denominator, N times after one run that is not counted, ten calls a run; a ratio is that of the two
medians of processor time.

| work | denominator | bound |
|---|---|---|
| reading a full chain | json.loads of the same bytes | |
| summarising it | the same | |
| both | the same | 6 |
| max pain of one expiry | every leg paid at every strike, in a loop | 0.1 |
| fitting the distribution of one expiry | | 2 ms |
"""

import argparse
import gzip
import json
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import Legs, OptionChain
from aegismatrix_engine.options.distribution import fit_distribution
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.options.max_pain import open_interest_of
from aegismatrix_engine.options.quotes import TICK, quotes_of
from aegismatrix_engine.options.summary import PricedExpiry, summarise
from aegismatrix_engine.options.volatility import black_price
from aegismatrix_engine.sources.options.file_content import option_file
from aegismatrix_engine.sources.options.files import chain_of_content

MARKET = get_market("nifty50")
AS_OF = pd.Timestamp("2026-06-19T15:30:00+05:30")
FORWARD, VOLATILITY = 24000.0, 0.13
LEGS, EXPIRIES = 1400, 18
CALLS = 10


def made_up_legs(strikes: int, expiry: pd.Timestamp) -> Legs:
    """Both legs of so many strikes round the forward, with quotes between ticks and some open interest."""
    years = (expiry - AS_OF.tz_localize(None).normalize()).days / 365
    total = VOLATILITY * math.sqrt(years)
    step = 50.0 * max(math.ceil(8 * total * FORWARD / strikes / 50), 1)
    strike = np.repeat(FORWARD + step * (np.arange(strikes) - strikes // 2), 2)
    is_call = np.tile([False, True], strikes)
    price = math.exp(-RATE * years) * black_price(FORWARD, strike, is_call, total)
    bid, ask = np.floor(price / TICK) * TICK, np.ceil(price / TICK + 1) * TICK
    held = 65.0 * np.random.default_rng(1).integers(0, 90_000, 2 * strikes)
    unknown = np.full(2 * strikes, np.nan)
    return Legs(
        expiry, strike, is_call, np.where(bid > 0, bid, np.nan), ask, unknown, unknown, bid < 0, held, held, unknown
    )


def made_up_chain(quoted: int) -> OptionChain:
    """A chain of which so many expiries, the nearest ones, have quotes."""
    sessions = MARKET.calendar.following(AS_OF.tz_localize(None).normalize(), 5 * EXPIRIES)[4::5]
    every = [made_up_legs(LEGS // (2 * EXPIRIES), date) for date in sessions]
    unquoted = [replace(legs, bid=np.full(len(legs.bid), np.nan)) for legs in every[quoted:]]
    expiries = (*every[:quoted], *unquoted)
    return OptionChain("nse", AS_OF, FORWARD - 20, expiries, (), (("chain.json", "0" * 64),))


def as_json(chain: OptionChain) -> bytes:
    """The chain in the exchange's layout, with as many keys a leg, so that reading it costs what a real one does."""
    rows = []
    for legs in chain.expiries:
        date = f"{legs.expiry:%d-%b-%Y}"
        for i in range(0, len(legs.strike), 2):
            sides = {
                side: {
                    "strikePrice": int(legs.strike[i]),
                    "expiryDate": date,
                    "underlying": "NIFTY",
                    "identifier": f"OPTIDXNIFTY{legs.expiry:%d-%m-%Y}{side}{legs.strike[i]:.2f}",
                    "openInterest": float(legs.open_interest[i + j]) / 65,
                    "changeinOpenInterest": 0,
                    "pchangeinOpenInterest": 4.083769633507853,
                    "totalTradedVolume": int(legs.volume[i + j]),
                    "impliedVolatility": 13.07,
                    "lastPrice": round(float(np.nan_to_num(legs.last[i + j])), 2),
                    "change": -12.650000000000006,
                    "pChange": -24.154966198647944,
                    "totalBuyQuantity": 2950,
                    "totalSellQuantity": 650,
                    "bidQty": 195,
                    "bidprice": round(float(np.nan_to_num(legs.bid[i + j])), 2),
                    "askQty": 130,
                    "askPrice": round(float(legs.ask[i + j]), 2),
                    "underlyingValue": 23980.0,
                }
                for j, side in enumerate(("PE", "CE"))
            }
            rows.append({"strikePrice": int(legs.strike[i]), "expiryDate": date, **sides})
    stamp = f"{AS_OF:%d-%b-%Y %H:%M:%S}"
    dates = [f"{legs.expiry:%d-%b-%Y}" for legs in chain.expiries]
    records = {"expiryDates": dates, "data": rows, "timestamp": stamp, "underlyingValue": 23980.0}
    return json.dumps({"records": records}).encode()


def paid_in_a_loop(legs: Legs) -> float:
    """Max pain as a calculator would find it: every leg paid at every strike."""
    best, least = math.nan, math.inf
    rows = list(zip(legs.strike.tolist(), legs.is_call.tolist(), legs.open_interest.tolist(), strict=True))
    for level in sorted({row[0] for row in rows}):
        paid = 0.0
        for strike, is_call, units in rows:
            paid += units * max(level - strike if is_call else strike - level, 0.0)
        if paid < least:
            best, least = level, paid
    return best


def compare(name: str, work: Callable[[], object], denominator: Callable[[], object], runs: int) -> None:
    pairs = [(seconds(work), seconds(denominator)) for _ in range(runs + 1)][1:]
    ours, theirs = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(f"{name:<12} {1000 * ours:7.2f} ms / {1000 * theirs:7.2f} ms = {ours / theirs:5.2f}")


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, over several: the clock is too coarse for one."""
    begun = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - begun) / CALLS


def compare_chain(name: str, content: bytes, runs: int) -> None:
    """Reading, summarising and both, beside parsing the same bytes."""

    def read() -> OptionChain:
        return chain_of_content(option_file(name, content), MARKET)

    chain = read()
    summaries = summarise(chain, MARKET)
    priced = sum(isinstance(summary.prices, PricedExpiry) for summary in summaries)
    legs = sum(len(one.strike) for one in chain.expiries)
    print(f"{name}: {legs:,} legs, {len(summaries)} expiries, {priced} of them priced")
    compare("reading", read, lambda: json.loads(content), runs)
    compare("summarising", lambda: summarise(chain, MARKET), lambda: json.loads(content), runs)
    compare("both", lambda: summarise(read(), MARKET), lambda: json.loads(content), runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chains", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=11)
    arguments = parser.parse_args()
    for path in arguments.chains:
        content = path.read_bytes()
        compare_chain(path.name, gzip.decompress(content) if path.suffix == ".gz" else content, arguments.runs)
    if not arguments.chains:
        compare_chain("made up, half of it quoted", as_json(made_up_chain(EXPIRIES // 2)), arguments.runs)
        compare_chain("made up, all of it quoted", as_json(made_up_chain(EXPIRIES)), arguments.runs)
    legs = made_up_legs(100, made_up_chain(1).expiries[0].expiry)
    assert getattr(open_interest_of(legs, FORWARD), "max_pain", None) == paid_in_a_loop(legs)
    compare("max pain", lambda: open_interest_of(legs, FORWARD), lambda: paid_in_a_loop(legs), arguments.runs)
    quotes = quotes_of(legs, FORWARD).out_of_the_money(FORWARD)
    cost = [seconds(lambda: fit_distribution(quotes, FORWARD, 1.0, 0.02)) for _ in range(arguments.runs + 1)][1:]
    print(f"{'fitting':<12} {1000 * statistics.median(cost):7.2f} ms with {len(quotes)} quotes")


if __name__ == "__main__":
    main()
