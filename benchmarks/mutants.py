"""Whether the tests see a fault: small changes put into the code one by one, each against the tests of its room.

    python -m benchmarks.mutants [--count 200] [--seed N] [--module TEXT] [--offset N] [--limit N] [--list]

Draws mutants by a fixed seed from all changes of ``benchmarks/mutations.py`` that can be made to the modules of ROOMS.
Each is put into a copy of the checkout, and the tests beside it in the table run until one fails or the time is out:
four times what they take without a fault, and a minute. The same code and seed give the same mutants, which
``--offset`` and ``--limit`` run in pieces.

Prints a line for each: killed, survived or timeout, place, the code of before and after; then their numbers by room.
Ends with 1 where one survived. A survivor need not be a gap in the tests: some changes change nothing that can be seen.
"""

import argparse
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from benchmarks.mutations import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "aegismatrix_engine"
SEED = 20140101

ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "inference": (("inference",), ("tests/inference/golden", "tests/inference/test_*.py")),
    "signals": (("signals",), ("tests/inference/golden", "tests/signals", "tests/inference/test_*.py")),
    "resolution": (("record/resolution.py",), ("tests/record/test_record_resolution.py",)),
    "expiries": (("markets/expiries.py",), ("tests/markets/test_expiries.py",)),
    "scores": (("scores.py",), ("tests/test_scores.py", "tests/training/test_measures.py")),
}
"""Room -> its modules in the package, a file or a whole folder each, and the tests that answer for them, in the order
in which they run: those first that see most faults."""

Outcome = Literal["killed", "survived", "timeout"]


def all_mutants(wanted: str = "") -> list[Mutant]:
    """Of every module of ROOMS whose path holds ``wanted``."""
    found: list[Mutant] = []
    for room, (modules, _) in ROOMS.items():
        for module in modules:
            at = ROOT / PACKAGE / module
            for path in sorted(at.rglob("*.py")) if at.is_dir() else [at]:
                relative = path.relative_to(ROOT).as_posix()
                if wanted in relative:
                    found += mutants_of(room, relative, path.read_bytes())
    return found


class Copy:
    """A copy of the checkout's own files, in which changes are made and tests run."""

    def __init__(self, folder: Path) -> None:
        self._top = folder / "checkout"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (self._top / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self._top / name)
        if (ROOT.parent / "shared").is_dir():
            (folder / "shared").symlink_to(ROOT.parent / "shared")
        self._seconds: dict[str, float] = {}

    def measure(self, room: str) -> None:
        """How long the tests of a room take without a fault; exits where they fail."""
        begun = time.monotonic()
        if (ended := self._tested(room, None)) != 0:
            raise SystemExit(f"the tests of {room} end with {ended} before any change; make them pass first")
        self._seconds[room] = time.monotonic() - begun

    def outcome(self, mutant: Mutant) -> Outcome:
        """What the tests of its room make of a mutant."""
        path = self._top / mutant.path
        source = path.read_bytes()
        try:
            self._write(path, mutant.put_into(source))
            ended = self._tested(mutant.room, 60 + 4 * self._seconds[mutant.room])
        finally:
            self._write(path, source)
        if ended not in (None, 0, 1, 2):
            raise SystemExit(f"pytest ended with {ended} at {mutant}")
        return "timeout" if ended is None else "killed" if ended else "survived"

    @staticmethod
    def _write(path: Path, source: bytes) -> None:
        """Python tells bytecode from another source by size and whole seconds, in which a mutant may be made."""
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_bytes(source)

    def _tested(self, room: str, seconds: float | None) -> int | None:
        """The exit code of pytest, None where the time was out."""
        tests = [path for name in ROOMS[room][1] for path in sorted(self._top.glob(name))]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *map(str, tests)]
        process = subprocess.Popen(
            command,
            cwd=self._top,
            env={**os.environ, "PYTHONPATH": str(self._top)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # With whatever processes the tests had begun.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def run(drawn: Sequence[Mutant]) -> Counter[tuple[str, Outcome]]:
    """Prints the outcome of each mutant as it is known, and counts them by room."""
    found: Counter[tuple[str, Outcome]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for room in dict.fromkeys(mutant.room for mutant in drawn):
            copy.measure(room)
        for mutant in drawn:
            outcome = copy.outcome(mutant)
            found[mutant.room, outcome] += 1
            print(f"{outcome:8} {mutant}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--module", default="", metavar="TEXT", help="only modules whose path holds it")
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N of those drawn")
    parser.add_argument("--limit", type=int, metavar="N", help="and run N at most")
    parser.add_argument("--list", action="store_true", help="show the mutants and run nothing")
    arguments = parser.parse_args()
    there = all_mutants(arguments.module)
    drawn = random.Random(arguments.seed).sample(there, min(arguments.count, len(there)))
    drawn.sort(key=lambda mutant: (list(ROOMS).index(mutant.room), mutant.path, mutant.start, mutant.after))
    drawn = drawn[arguments.offset :][: arguments.limit]
    if arguments.list:
        for mutant in drawn:
            print(mutant)
        return
    found = run(drawn)
    print(f"\n{len(drawn)} of {len(there)} mutants, seed {arguments.seed}")
    for room in ROOMS:
        counts = {outcome: found[room, outcome] for outcome in ("killed", "timeout", "survived")}
        if any(counts.values()):
            print(f"{room:12} " + ", ".join(f"{number} {outcome}" for outcome, number in counts.items()))
    sys.exit(any(outcome == "survived" for _, outcome in found))


if __name__ == "__main__":
    main()
