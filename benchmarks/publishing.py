"""Many publishers at once on one remote: what comes of their rows, and how long it takes.

    python -m benchmarks.publishing DOCUMENT [--publishers 20] [--rounds 10]

DOCUMENT is a valid document, such as docs/example.json. Each publisher is a clone with a process of its own; in each
round it appends two rows to a ledger, makes the document later by a second that is its alone, and runs ``aegis
publish``. Fails where a row is missing or there twice, where another document than the latest stands, or where a clone
or the remote is damaged.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from aegismatrix_engine.cli import main as aegis

LEDGER = Path("record") / "rows.csv"
DOCUMENT = Path("aegismatrix.json")


def git(at: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=at, check=True, capture_output=True, text=True).stdout.strip()


def later(document: bytes, seconds: int) -> bytes:
    content = json.loads(document)
    content["as_of"] = (datetime.fromisoformat(content["as_of"]) + timedelta(seconds=seconds)).isoformat()
    content["generated_at"] = (datetime.fromisoformat(content["generated_at"]) + timedelta(seconds=seconds)).isoformat()
    return json.dumps(content, indent=1).encode()


def publisher(clone: Path, document: Path, number: int, publishers: int, rounds: int) -> None:
    """Publish round after round; prints the seconds of each."""
    given = document.read_bytes()
    os.chdir(clone)
    LEDGER.parent.mkdir()
    LEDGER.write_text("publisher,row\n")
    for turn in range(rounds):
        DOCUMENT.write_bytes(later(given, turn * publishers + number))
        with LEDGER.open("a") as ledger:
            ledger.write(f"{number},{turn}a\n{number},{turn}b\n")
        begun = time.monotonic()
        try:
            aegis(["publish", "--branch", "published", "--replay", "--quiet"])
        except SystemExit as ended:
            if ended.code != 0:
                raise
        print(time.monotonic() - begun, flush=True)


def check(origin: Path, clones: list[Path], given: bytes, publishers: int, rounds: int) -> None:
    """Every row there once, the latest document, repositories whole."""
    header, *rows = git(origin, "cat-file", "blob", f"published:{LEDGER.as_posix()}").splitlines()
    wanted = [f"{n},{turn}{x}" for n in range(publishers) for turn in range(rounds) for x in "ab"]
    if header != "publisher,row" or sorted(rows) != sorted(wanted):
        raise SystemExit(f"{len(rows)} rows, {len(set(rows))} of them distinct, where {len(wanted)} were published")
    as_of = json.loads(git(origin, "cat-file", "blob", f"published:{DOCUMENT}"))["as_of"]
    if as_of != json.loads(later(given, publishers * rounds - 1))["as_of"]:
        raise SystemExit(f"the document of {as_of} stands, which is not the latest")
    for repository in (origin, *clones):
        git(repository, "fsck", "--strict", "--no-dangling")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", type=Path)
    parser.add_argument("--publishers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--publisher", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    document = arguments.document.resolve()
    if arguments.publisher:
        clone, number = arguments.publisher
        publisher(Path(clone), document, int(number), arguments.publishers, arguments.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HOME": folder, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        origin = Path(folder) / "origin.git"
        git(Path(folder), "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
        clones = [Path(folder) / f"clone{number}" for number in range(arguments.publishers)]
        begun, racers = time.monotonic(), []
        for number, clone in enumerate(clones):
            git(Path(folder), "clone", "--quiet", str(origin), str(clone))
            command = [
                sys.executable,
                "-m",
                "benchmarks.publishing",
                *sys.argv[1:],
                "--publisher",
                str(clone),
                str(number),
            ]
            racers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        seconds = [float(line) for racer in racers for line in racer.communicate()[0].splitlines()]
        elapsed = time.monotonic() - begun
        if any(racer.returncode for racer in racers):
            raise SystemExit(f"publishers ended with {[racer.returncode for racer in racers]}")
        check(origin, clones, document.read_bytes(), arguments.publishers, arguments.rounds)
        commits = git(origin, "rev-list", "--count", "published")
    seconds.sort()
    print(
        f"{arguments.publishers} publishers x {arguments.rounds} rounds: every row once, {commits} commits, "
        f"{elapsed:.0f} s; a publication took {statistics.median(seconds):.1f} s (median), {seconds[-1]:.1f} s at most"
    )


if __name__ == "__main__":
    main()
