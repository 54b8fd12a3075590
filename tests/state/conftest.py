"""The loopback GitHub, the repositories and the document are those of other rooms."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflows"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "publishing"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "document"))

from github_server import GitHubServer


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    monkeypatch.setenv("no_proxy", "*")
    with GitHubServer() as server:
        yield server
