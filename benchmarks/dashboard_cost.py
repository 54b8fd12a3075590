"""What the page's charts cost beside importing the libraries of the core, in the same run.

    python -m benchmarks.dashboard_cost [--runs N]

The six charts of tests/dashboard/chart_samples.py are drawn in a process of their own. Each command runs in turn with
its denominator, N times after one run that is not counted; a ratio is that of the two medians of user + system time.

| command | denominator | bound |
|---|---|---|
| importing lets-plot | numpy, pandas, sklearn.linear_model, joblib imported | |
| drawing the charts, without the imports | the same | 0.3 for the whole page |
| all of it | the same | 100 MB for the whole page |

Last, the bytes of the charts, each alone and gzipped together.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratios import LIBRARIES, Cost, cost_of

SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "dashboard"
SEARCH = f"import sys; sys.path.insert(0, {str(SAMPLES)!r}); "
MODULES = SEARCH + "import chart_samples; "
LIBRARY = MODULES + "from aegismatrix_engine.dashboard.drawing import library; library(); "
CHARTS = LIBRARY + "chart_samples.sample_charts()"


@dataclass(frozen=True)
class Costs:
    """Of one round: the core's libraries, then each command with all that the one before it does."""

    libraries: Cost
    modules: Cost
    library: Cost
    charts: Cost


def one_round() -> Costs:
    imported = [[sys.executable, "-c", code] for code in (MODULES, LIBRARY, CHARTS)]
    return Costs(cost_of(LIBRARIES), *map(cost_of, imported))


def sizes() -> dict[str, int]:
    """Bytes of each chart, and of all of them gzipped."""
    code = MODULES + "import json; print(json.dumps(chart_samples.sample_charts()))"
    charts = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    whole = "".join(charts.values()).encode()
    found = {name: len(svg.encode()) for name, svg in charts.items()}
    return found | {"all": len(whole), "all, gzipped": len(gzip.compress(whole, 9))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    one_round()
    rounds = [one_round() for _ in range(runs)]

    def median(name: str) -> float:
        return statistics.median(getattr(costs, name).seconds for costs in rounds)

    libraries = median("libraries")
    print(f"the core's libraries   {libraries:6.2f} s")
    for name, more, less in (
        ("importing lets-plot", "library", "modules"),
        ("drawing the charts", "charts", "library"),
    ):
        seconds = median(more) - median(less)
        print(f"{name:<22} {seconds:6.2f} s / {libraries:5.2f} s = {seconds / libraries:5.2f}")
    whole = median("charts")
    megabytes = max(costs.charts.megabytes for costs in rounds)
    print(f"{'all of it':<22} {whole:6.2f} s / {libraries:5.2f} s = {whole / libraries:5.2f}   {megabytes:6.0f} MB")
    for name, size in sizes().items():
        print(f"{name:<22} {size:6d} bytes")


if __name__ == "__main__":
    main()
