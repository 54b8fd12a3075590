"""What reading option chains costs, as ratios measured in one run.

    python -m benchmarks.options_reading CHAIN...

CHAIN is a file of NSE's chain as JSON. Each measure runs in turn with its denominator; a ratio is that of the medians
of CPU time, which a busy machine disturbs least.

| measure | denominator | bound |
|---|---|---|
| reading a full chain of 1,400 legs and 18 expiries | `json.loads` of the same bytes | 6, with summarising it |
"""

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.sources.options.file_content import option_file
from aegismatrix_engine.sources.options.files import chain_of_content

RUNS = 60


def medians(work: Callable[[], object], denominator: Callable[[], object]) -> tuple[float, float]:
    """Medians of the CPU times of both in milliseconds, run in turn after one run that is not counted."""
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(RUNS + 1):
        for timed, spent in zip((work, denominator), times, strict=True):
            begun = time.process_time()
            timed()
            if run:
                spent.append(1000 * (time.process_time() - begun))
    return statistics.median(times[0]), statistics.median(times[1])


def measure(path: Path) -> str:
    """What reading one file costs, in words."""
    packed, market = path.read_bytes(), get_market("nifty50")
    plain = gzip.decompress(packed) if path.suffix == ".gz" else packed

    def read() -> OptionChain:
        return chain_of_content(option_file(path.name, plain), market)

    expiries = read().expiries
    ours, theirs = medians(read, lambda: json.loads(plain))
    size = f"{sum(len(legs.strike) for legs in expiries):,} legs, {len(expiries)} expiries"
    return f"{path.name}: {size}: reading {ours:.1f} ms / json.loads {theirs:.1f} ms = {ours / theirs:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chains", nargs="+", type=Path)
    for path in parser.parse_args().chains:
        print(measure(path), flush=True)


if __name__ == "__main__":
    main()
