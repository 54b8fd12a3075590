"""One process that runs a checkout of the engine on everything."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG")


def run(engine: Path, work: Path) -> dict[str, Any]:
    """What the engine in the checkout ``engine`` makes; ``work`` is a folder in which nothing stands yet.

    Nothing of the environment steers it, and one thread does linear algebra with the same kernel on every x86-64
    processor, so that models are the same to the last bit.
    """
    environment = {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "PYTHONPATH": str(engine),
        "OPENBLAS_CORETYPE": "Haswell",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "HOME": str(work.parent),
        "GIT_CEILING_DIRECTORIES": str(work.parent),
        "LC_ALL": "C.UTF-8",
    }
    out = work.with_suffix(".json")
    command = [sys.executable, str(HERE / "run_all.py"), str(work), str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"run_all.py ended with {done.returncode}: {done.stderr[-3000:]}")
    content: dict[str, Any] = json.loads(out.read_text())
    return content
