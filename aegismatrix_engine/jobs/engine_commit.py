"""The commit of the engine that runs: what the job says, or the checkout that the package runs from."""

import re
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.publishing.git import Git

PACKAGE: Final = Path(__file__).resolve().parents[1]
COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def engine_commit(stated: str = "", package: Path = PACKAGE) -> str | None:
    """The commit as 40 hexadecimal digits; None where neither the job nor git knows it.

    Args:
        stated: what the job says, used where it is a commit.
        package: the folder of the package; where git does not track it, as in an environment inside another project, it
            has no commit of its own.
    """
    if COMMIT.fullmatch(stated):
        return stated
    git = Git(package)
    try:
        if git.ask("ls-files", "--error-unmatch", "--", "__init__.py").code != 0:
            return None
        head = git.ask("rev-parse", "--verify", "--quiet", "HEAD").out.decode(errors="replace").strip()
    except OutputUnwritable:
        return None  # without git
    return head if COMMIT.fullmatch(head) else None
