"""Train in one Python environment, check and infer in another, both ways: the outcome and how far documents differ.

    python benchmarks/cross_environment.py /envs/lowest/bin/python /envs/lock/bin/python

Every environment needs the package and its ``sample`` source. The clock stands still (AEGIS_NOW), so that a document
made elsewhere must equal the one made at home. Exit code 1 where an outcome is neither ``ok`` with the same document
nor a named refusal.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOW = "2018-12-31T22:00+00:00"
MARKET = ("--market", "sp500")
SOURCE = ("--source", "sample")
SAME = 1e-8
VERSIONS = (
    "import platform; from importlib.metadata import version as v; "
    "print(platform.python_version(), *(f'{n} {v(n)}' for n in ('numpy', 'scipy', 'scikit-learn', 'pandas', 'joblib')))"
)


def main() -> int:
    """Every ordered pair of the interpreters given."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("interpreters", nargs="+", type=Path)
    interpreters = arguments.parse_args().interpreters
    with tempfile.TemporaryDirectory() as scratch:
        homes = [_trained(python, Path(scratch) / str(i)) for i, python in enumerate(interpreters)]
        good = [_outcome(*pair, homes) for pair in itertools.permutations(range(len(homes)), 2)]
    return 0 if all(good) else 1


def _trained(python: Path, folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    print(python, _run(python, "-c", VERSIONS).stdout.strip(), flush=True)
    folder.mkdir()
    models = folder / "models"
    done = _aegis(python, "train", *MARKET, *SOURCE, "--models", str(models), "--quiet")
    if done.returncode:
        raise SystemExit(f"{python}: train ended with {done.returncode}: {done.stderr.strip()}")
    return python, models, _document(python, models, folder / "home.json")[1]


def _outcome(trained: int, used: int, homes: list[tuple[Path, Path, dict[str, Any]]]) -> bool:
    python, (_, models, home) = homes[used][0], homes[trained]
    check = _aegis(python, "check-models", *MARKET, "--models", str(models), "--json")
    told = json.loads(check.stdout)
    code, document = _document(python, models, models.parent / f"in-{used}.json")
    print(f"trained in {homes[trained][0]}, used in {python}: check-models {check.returncode}, infer {code}")
    print(f"  {[(one['model'], one['status'], one['probe_error']) for one in told['models']]} {told['warnings']}")
    if not document:
        return code == 78
    ours, theirs = dict(_leaves(home)), dict(_leaves(document))
    for fields in (ours, theirs):  # the notes say that libraries differ, as they should
        for path in [path for path in fields if path.startswith(".health.notes")]:
            del fields[path]
    differing = {path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)}
    far = [path for path in sorted(differing) if not _close(ours.get(path), theirs.get(path))]
    print(f"  {len(ours)} fields, {len(differing)} not identical, {len(far)} beyond {SAME}: {far[:20]}")
    return not far


def _document(python: Path, models: Path, output: Path) -> tuple[int, dict[str, Any]]:
    done = _aegis(python, "infer", *MARKET, *SOURCE, "--models", str(models), "--output", str(output), "--quiet")
    if done.stderr.strip():
        print(f"  {python}: {done.stderr.strip()}")
    content: dict[str, Any] = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    return done.returncode, content


def _leaves(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict | list):
        for name, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from _leaves(value, f"{path}.{name}")
    else:
        yield path, content


def _close(left: Any, right: Any) -> bool:
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
    return numbers and abs(left - right) <= SAME * max(1.0, abs(left))


def _aegis(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run(python, "-m", "aegismatrix_engine", *arguments)


def _run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "AEGIS_NOW": NOW},
        cwd=tempfile.gettempdir(),
    )


if __name__ == "__main__":
    sys.exit(main())
