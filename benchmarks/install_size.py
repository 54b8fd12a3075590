"""What the run-time lock installs beside what the development lock does: packages, bytes, and the ratio of the bytes.

    python -m benchmarks.install_size [--bound 0.70]

Each lock goes into a fresh virtual environment in a temporary folder. Counted are the bytes of the files that it adds,
pip and compiled modules left out. Exit code 1 where the ratio is above the bound.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUN_TIME, DEVELOPMENT = "requirements-run.lock", "requirements.lock"
BOUND = 0.70


@dataclass(frozen=True)
class Installed:
    """What a lock adds to an environment: distributions, and bytes of their files."""

    packages: int
    size: int


def main() -> int:
    """Install both, print a table and judge the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--bound", type=float, default=BOUND)
    bound = arguments.parse_args().bound
    with tempfile.TemporaryDirectory() as scratch:
        found = {lock: installed(ROOT / lock, Path(scratch) / lock) for lock in (RUN_TIME, DEVELOPMENT)}
    for lock, one in found.items():
        print(f"{lock:<24} {one.packages:>4} packages {one.size:>14,} bytes")
    ratio = found[RUN_TIME].size / found[DEVELOPMENT].size
    print(f"ratio {ratio:.3f}, bound {bound:.2f}")
    return 0 if ratio <= bound else 1


def installed(lock: Path, environment: Path) -> Installed:
    """Install a lock into a new environment."""
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    bare = added(environment)
    python = environment / "bin" / "python"
    quietly = ["--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes"]
    subprocess.run([str(python), "-m", "pip", "install", *quietly, "-r", str(lock)], check=True)
    whole = added(environment)
    return Installed(whole.packages - bare.packages, whole.size - bare.size)


def added(environment: Path) -> Installed:
    """What an environment holds; what Python compiles along the way is left out."""
    files = [path for path in environment.rglob("*") if path.is_file() and not path.is_symlink()]
    kept = [path for path in files if path.suffix != ".pyc"]
    distributions = {path.parent for path in kept if path.parent.suffix == ".dist-info"}
    return Installed(len(distributions), sum(path.stat().st_size for path in kept))


if __name__ == "__main__":
    sys.exit(main())
