"""What a program may import from the package, and what importing costs."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import aegismatrix_engine as engine
from aegismatrix_engine import errors

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "BarFrames": "sources.frames",
    "Document": "document.schema.document",
    "MarketHistory": "history.history",
    "check_models": "jobs.check_models",
    "get_market": "markets.shipped_markets",
    "load_models": "jobs.model_set",
    "make_document": "jobs.make_document",
    "read_history": "jobs.bars",
    "train": "jobs.train",
}


def test_the_public_names_are_these_and_every_error() -> None:
    ours = [name for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, errors.AegisError)]
    assert sorted(engine.__all__) == sorted([*NAMES, *ours])


@pytest.mark.parametrize(("name", "room"), NAMES.items())
def test_a_public_name_is_that_of_its_room_and_documented(name: str, room: str) -> None:
    found = getattr(engine, name)
    assert (found.__name__, found.__module__) == (name, f"aegismatrix_engine.{room}")
    assert inspect.getdoc(found)
    assert name in dir(engine)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'aegismatrix_engine' has no attribute 'forecast'"):
        _ = engine.forecast  # type: ignore[attr-defined]


def test_importing_the_package_imports_the_standard_library_alone() -> None:
    code = "import sys, aegismatrix_engine; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    foreign = {"numpy", "pandas", "pydantic", "click", "sklearn", "scipy", "rich", "joblib"} & set(done.stdout.split())
    assert foreign == set()


@pytest.mark.slow
def test_public_names_are_typed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import aegismatrix_engine as engine\n" + "".join(f"reveal_type(engine.{n})\n" for n in NAMES))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, str(program)],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if "Revealed type" in line]
    assert len(found) == len(NAMES), done.stdout
    assert not [line for line in found if '"Any"' in line or "builtins.object" in line]
