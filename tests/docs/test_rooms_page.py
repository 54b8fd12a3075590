"""The map of the rooms is that of the package."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "aegismatrix_engine"


def rows(heading: str) -> list[str]:
    """The paths in the first table below a line of the page."""
    page = (ROOT / "docs" / "rooms.md").read_text(encoding="utf-8")
    table = page.partition(f"{heading}\n")[2].partition("|---|---|\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \| \S", table, flags=re.MULTILINE)


def test_every_room_and_every_loose_module_stands_once_in_the_map_and_nothing_else() -> None:
    rooms = [f"{init.parent.relative_to(PACKAGE)}/" for init in PACKAGE.rglob("__init__.py") if init.parent != PACKAGE]
    modules = [module.name for module in PACKAGE.glob("*.py")]
    assert sorted(rows("## The map")) == sorted([*rooms, *modules])


def test_the_folders_beside_the_package_are_there() -> None:
    named = rows("Outside of the package:")
    assert named
    assert all((ROOT / path).is_dir() for path in named)
