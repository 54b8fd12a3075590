"""The page on the Python API: its program runs as it stands, in a process and a folder of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aegismatrix_engine import check_models, get_market
from aegismatrix_engine.document import check_json

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
MOST_LINES = 20
UNNEEDED = "\nimport sys\nassert 'click' not in sys.modules\n"


def program() -> str:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def test_the_program_of_the_page_has_twenty_lines_at_most() -> None:
    assert len([line for line in program().splitlines() if line.strip()]) <= MOST_LINES


@pytest.mark.slow
def test_the_program_of_the_page_trains_forecasts_and_checks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program() + UNNEEDED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    document = check_json((tmp_path / "aegismatrix.json").read_bytes())
    held, healthy = done.stdout.splitlines()
    safe = document.seller.safe_range
    assert held == f"{safe.coverage:.0%} of the close on {safe.expiry}: {safe.lower:,.0f} to {safe.upper:,.0f}"
    assert healthy == "healthy"
    made = document.provenance
    assert (document.as_of, made.source, made.mode) == ("2018-12-31T16:00:00-05:00", "sample", "replay")


def test_the_page_names_every_function_that_is_public() -> None:
    import aegismatrix_engine as engine

    functions = [name for name in engine.__all__ if name.islower()]
    assert functions
    for name in functions:
        assert f"`{name}(" in PAGE, name
    assert callable(check_models)
    assert get_market("nifty50").id == "nifty50"
