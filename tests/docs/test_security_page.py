"""The security page names every place of the package that opens a connection."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONNECTING = ("urllib.request", "http.client", "socket", "ssl", "yfinance", "curl_cffi", "requests")


def imported(module: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def starts_git(module: Path) -> bool:
    return "subprocess.Popen(" in module.read_text(encoding="utf-8")


def test_every_module_that_can_connect_stands_on_the_page() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = tuple(re.findall(r"`(aegismatrix_engine/[a-z_/.]+)`", page))
    assert len(named) == 3
    connecting = {
        module.relative_to(ROOT).as_posix()
        for module in (ROOT / "aegismatrix_engine").rglob("*.py")
        if starts_git(module) or any(name.startswith(CONNECTING) for name in imported(module))
    }
    assert {module for module in connecting if not module.startswith(named)} == set()
    assert {place for place in named if not any(module.startswith(place) for module in connecting)} == set()
