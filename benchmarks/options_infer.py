"""What an option chain adds to the making of a document, as a ratio of processor times in one run.

    python -m benchmarks.options_infer DATA MODELS OPTIONS AS_OF [--runs N]

DATA is a csv folder, MODELS a set trained for it, OPTIONS a chain of the close of AS_OF. `aegis infer` runs in turn
with and without the chain, N times after one run that is not counted; the ratio is that of the two medians of user +
system time, and at most 1.6.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.ratios import AEGIS, compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "models", "options"):
        parser.add_argument(name, type=Path)
    parser.add_argument("as_of")
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        common = [*AEGIS, "infer", "--source", "csv", "--data", str(asked.data), "--models", str(asked.models)]
        common += ["--as-of", asked.as_of, "--output", str(Path(folder) / "aegismatrix.json"), "--quiet"]
        compare("infer with a chain", [*common, "--options", str(asked.options)], common, asked.runs)


if __name__ == "__main__":
    sys.exit(main())
