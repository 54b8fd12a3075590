"""The loopback GitHub, the repositories and the document are those of other rooms."""

from collections.abc import Iterator

import pytest
from github_server import GitHubServer


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    monkeypatch.setenv("no_proxy", "*")
    with GitHubServer() as server:
        yield server
