"""Write ``before.json.xz``: what an engine makes of every moment and refusal, for later engines to be compared with.

    python tests/unchanged/make_before.py CHECKOUT

CHECKOUT is a clean git checkout of that engine. Where a change of numbers is meant, this is run on the commit that made
it, ``WORDS`` in words.py is emptied, and the commit that brings the new file says what changed and why.
"""

import json
import lzma
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from engine_process import HERE, run

BEFORE = HERE / "before.json.xz"
LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "joblib", "arch", "exchange-calendars")


def git(engine: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=engine, capture_output=True, text=True, check=True).stdout.strip()


def main(engine: Path) -> None:
    if git(engine, "status", "--porcelain"):
        sys.exit(f"{engine}: not a clean checkout; commit or stash what was changed")
    made_by = {
        "commit": git(engine, "rev-parse", "HEAD"),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
    with tempfile.TemporaryDirectory() as folder:
        content = {"made_by": made_by, **run(engine, Path(folder, "work"))}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    BEFORE.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{BEFORE.name}: {len(content['documents'])} documents, {len(content['runs'])} runs by {made_by['commit']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
