"""What the page and its charts cost beside importing the libraries of the core, in the same run.

    python -m benchmarks.dashboard_cost [--document FILE] [--runs N]

Each command runs in a process of its own, in turn with its denominator, N times after one run that is not counted; a
ratio is that of the two medians of user + system time. The charts are the six of tests/dashboard/chart_samples.py; the
page is that of the document, by default docs/example.json, without a record.

| command | denominator | bound |
|---|---|---|
| importing lets-plot | numpy, pandas, sklearn.linear_model, joblib imported | |
| drawing the charts, without the imports | the same | |
| building the page, without the imports | the same | 0.3, and 100 MB beyond the imports |

Last, the bytes of the charts, each alone and gzipped together, and those of the page.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.ratios import LIBRARIES, cost_of

ROOT = Path(__file__).resolve().parents[1]
SEARCH = f"import sys; sys.path.insert(0, {str(ROOT / 'tests' / 'dashboard')!r}); "
MODULES = SEARCH + "import chart_samples; "
LIBRARY = MODULES + "from aegismatrix_engine.dashboard.drawing import library; library(); "
CHARTS = LIBRARY + "chart_samples.sample_charts()"
PAGE_MODULES = (
    "import aegismatrix_engine.dashboard.pictures, lets_plot; from pathlib import Path; "
    "from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site; "
)
DRAWN = MODULES + "import json; print(json.dumps(chart_samples.sample_charts()))"


def page_of(document: Path) -> str:
    return PAGE_MODULES + f"site = build_site(SiteSettings(Path({str(document)!r}), Path('no record'))); "


def compare(name: str, codes: tuple[str, str], runs: int) -> None:
    """What the second code costs beyond the first, which does all that comes before, beside the libraries."""
    commands = [LIBRARIES, *([sys.executable, "-c", code] for code in codes)]
    rounds = [[cost_of(command) for command in commands] for _ in range(runs + 1)][1:]
    libraries, less, more = (statistics.median(costs[place].seconds for costs in rounds) for place in range(3))
    before, after = (max(costs[place].megabytes for costs in rounds) for place in (1, 2))
    cost = f"{more - less:5.2f} s / {libraries:5.2f} s = {(more - less) / libraries:4.2f}"
    print(f"{name:<20} {cost}   {after - before:4.0f} of {after:4.0f} MB")


def printed_by(code: str) -> bytes:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout


def sizes(document: Path) -> dict[str, bytes]:
    """Each chart, all of them, and the page."""
    charts = {name: svg.encode() for name, svg in json.loads(printed_by(DRAWN)).items()}
    page = printed_by(page_of(document) + "import sys; sys.stdout.buffer.write(site.files['index.html'])")
    return charts | {"all charts": b"".join(charts.values()), "index.html": page}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "example.json")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    compare("importing lets-plot", (MODULES, LIBRARY), arguments.runs)
    compare("drawing the charts", (LIBRARY, CHARTS), arguments.runs)
    compare("building the page", (PAGE_MODULES, page_of(arguments.document)), arguments.runs)
    for name, text in sizes(arguments.document).items():
        print(f"{name:<20} {len(text):7,} bytes, gzipped {len(gzip.compress(text, 9)):6,}")


if __name__ == "__main__":
    main()
