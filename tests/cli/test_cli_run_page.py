"""The options of ``aegis run`` that are about the page, as the run gets them."""

from pathlib import Path
from typing import Any

import pytest

from aegismatrix_engine.cli import main, run_display
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import RunSettings


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Starts ``aegis run`` and gives the settings of the run, which is not done."""
    for name in ("AEGIS_NOW", "AEGIS_SITE", "AEGIS_NO_SITE", "AEGIS_SITE_BRANCH", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    given: list[RunSettings] = []

    def kept(settings: RunSettings, *_arguments: object, **_options: object) -> ExitCode:
        given.append(settings)
        return ExitCode.DONE

    monkeypatch.setattr(run_display, "shown_run", kept)

    def start(*arguments: str) -> RunSettings:
        with pytest.raises(SystemExit) as ended:
            main(["run", *arguments])
        assert ended.value.code == 0
        return given.pop()

    return start


def test_a_page_is_built_in_its_folder_and_its_library_may_be_missing(asked: Any) -> None:
    settings = asked()
    assert (settings.site, settings.site_required, settings.site_branch) == (Path("site"), False, "site")
    assert (settings.site_url, settings.repository) == (None, None)


def test_a_page_that_is_asked_for_by_name_needs_its_library(
    asked: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert asked("--site", "site").site_required
    (tmp_path / "aegis.toml").write_text('[run]\nsite = "there"\n')
    settings = asked()
    assert (settings.site, settings.site_required) == (Path("there"), True)
    monkeypatch.setenv("AEGIS_SITE", "elsewhere")
    settings = asked()
    assert (settings.site, settings.site_required) == (Path("elsewhere"), True)


def test_no_page_is_built_where_none_is_wanted(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("--no-site").site is None
    monkeypatch.setenv("AEGIS_NO_SITE", "1")
    assert asked("--site", "site").site is None


def test_the_repository_of_the_job_is_the_pages(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/aegis")
    settings = asked("--site-branch", "pages", "--site-url", "https://example.org/")
    assert (settings.repository, settings.site_branch) == ("owner/aegis", "pages")
    assert settings.site_url == "https://example.org/"
