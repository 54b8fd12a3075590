"""What a release says, from CHANGELOG.md: ``python .ci/release.py v0.2.0`` prints it, or says why it is no release.

The tag must be the version of the engine, and the changelog must have a part for it, dated and not empty.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def notes(tag: str, root: Path = ROOT) -> str:
    """The part of the changelog that belongs to a tag.

    Args:
        tag: such as ``v0.2.0``.
        root: the checkout.

    Raises:
        ValueError: in one line, what keeps the tag from being a release, and what to do.
    """
    source = (root / "aegismatrix_engine" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', source, re.MULTILINE)
    version = found[1] if found else "unknown"
    if tag != f"v{version}":
        raise ValueError(
            f"the tag {tag} is not v{version}, which aegismatrix_engine/__init__.py has; tag the commit that sets it"
        )
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    part = re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    if part is None or not part[1].strip():
        raise ValueError(f"CHANGELOG.md has no part '## {version} - YYYY-MM-DD' that says anything: write it")
    return part[1].strip() + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("release.py: error: expected one argument, the tag: python .ci/release.py v0.2.0")
    try:
        sys.stdout.write(notes(sys.argv[1]))
    except ValueError as error:
        sys.exit(f"release.py: error: {error}")
