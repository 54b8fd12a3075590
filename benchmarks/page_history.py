"""What pages would weigh in the history of a branch: those of successive closes, each a commit on top of the former.

    python -m benchmarks.page_history [--sessions 26]

The S&P 500 of the sample stands for the market; the record is empty. Prints the packed size of the first page, and of
each further one.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from aegismatrix_engine.document import dump
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.jobs.run_page import built_site, site_settings
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.training.train import train
from benchmarks.record_year import model_sets

YEAR = 3354
"""Documents of a year (`benchmarks/record_year.py`)."""


def pages(sessions: int, folder: Path) -> Iterator[bytes]:
    """The pages of the last sessions' closes, made with one model set."""
    market = get_market("sp500")
    whole = Sample().daily(market)
    ((days, known),) = model_sets(whole, sessions, 1)
    models, training = train(known, market.calendar.closes_at(known.last_session) + pd.Timedelta(hours=3))
    manifest = save_models(models, training, folder / "models")
    made_of = site_settings(Path("aegismatrix.json"), folder / "record", "published", None, "owner/repository")
    for day in days:
        history = whole.until(AsOf.of(day))
        made = find_origin(history, models).as_of + pd.Timedelta(minutes=4)
        document = infer(history, models, manifest, "sample", made).document
        yield built_site(made_of, dump(document).encode()).files["index.html"]


def packed(repository: Path) -> int:
    """Bytes of the one pack that holds everything."""
    command = ["git", "repack", "-adfq", "--depth=50", "--window=250"]
    subprocess.run(command, cwd=repository, check=True)
    return sum(path.stat().st_size for path in (repository / ".git" / "objects" / "pack").glob("*.pack"))


def main() -> None:
    """Commit page after page, and weigh them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=26)
    sessions = parser.parse_args().sessions
    with tempfile.TemporaryDirectory() as made:
        repository, first = Path(made) / "repository", 0
        subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
        for page in pages(sessions, Path(made)):
            (repository / "index.html").write_bytes(page)
            subprocess.run(["git", "add", "index.html"], cwd=repository, check=True)
            named = ["-c", "user.name=aegis", "-c", "user.email=aegis@localhost"]
            subprocess.run(["git", *named, "commit", "--quiet", "-m", "page"], cwd=repository, check=True)
            first = first or packed(repository)
        further = (packed(repository) - first) / (sessions - 1)
    print(f"{first / 1000:.1f} kB for the first page, {further / 1000:.1f} kB for each further one")
    print(f"{further * YEAR / 1e6:.1f} MB for the {YEAR:,} of a year")


if __name__ == "__main__":
    main()
