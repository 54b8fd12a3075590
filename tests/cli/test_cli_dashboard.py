"""``aegis dashboard``: the site it writes, what it refuses, and that it serves this machine alone."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import MODULE, ROOT, Ended, aegis, assert_refused, contents, environment

EXAMPLE = ROOT / "docs" / "example.json"
WITHOUT_RECORD = {"index.html", "aegismatrix.json", "data/aegismatrix.json", "aegismatrix.schema.json"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the example document. Do not write into it."""
    at = tmp_path_factory.mktemp("built")
    shutil.copy(EXAMPLE, at / "aegismatrix.json")
    assert aegis("dashboard", at=at).code == 0
    return at / "site"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the example document."""
    shutil.copy(EXAMPLE, tmp_path / "aegismatrix.json")
    return tmp_path


def test_the_site_is_the_page_the_document_twice_and_its_schema(folder: Path) -> None:
    ended = aegis("dashboard", at=folder)
    assert (ended.code, ended.err) == (0, "")
    site = contents(folder / "site")
    assert set(site) == WITHOUT_RECORD
    assert site["aegismatrix.json"] == site["data/aegismatrix.json"] == EXAMPLE.read_bytes()
    assert site["aegismatrix.schema.json"] == (ROOT / "docs" / "aegismatrix.schema.json").read_bytes()
    assert re.fullmatch(rb"site/index\.html: \d+ kB, with 3 files beside it\n", ended.out), ended.out


@pytest.mark.slow
def test_the_same_document_gives_the_same_bytes_in_another_process_and_at_another_time(folder: Path) -> None:
    seed = {"PYTHONHASHSEED": "1", "AEGIS_NOW": "2030-01-01T00:00+05:30", "AEGIS_SITE_URL": "https://a.example/b/"}
    first = aegis("dashboard", "--output", "one", at=folder, env=seed)
    again = aegis("dashboard", "--output", "two", at=folder, env=seed | {"PYTHONHASHSEED": "2", "TZ": "America/Lima"})
    assert (first.code, again.code) == (0, 0)
    assert contents(folder / "one") == contents(folder / "two")
    assert "feed.xml" in contents(folder / "one")


def test_quiet_prints_nothing_at_all(folder: Path) -> None:
    # The library that draws the charts is a native one, and prints by itself.
    ended = aegis("dashboard", "--quiet", at=folder)
    assert (ended.code, ended.out, ended.err) == (0, b"", "")


def test_what_an_earlier_site_had_and_this_one_has_not_is_removed(folder: Path, call_at: Callable[..., Ended]) -> None:
    call_at("dashboard", "--site-url", "https://a.example/b/", at=folder)
    (folder / "site" / "CNAME").write_text("a.example\n")
    assert "feed.xml" in contents(folder / "site")
    call_at("dashboard", at=folder)
    assert set(contents(folder / "site")) == WITHOUT_RECORD | {"CNAME"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "document breaks its contract at generated_at: field required"),
        (EXAMPLE.read_bytes()[:3000], "must be strict JSON in UTF-8"),
        (b"<!doctype html><p>not found", "the document is a web page (HTML)"),
        (EXAMPLE.read_bytes().replace(b'"schema_version": "2.', b'"schema_version": "3.', 1), "update the engine"),
        (EXAMPLE.read_bytes().replace(b'"schema_version": "2.', b'"schema_version": "1.', 1), "replaces it"),
    ],
)
def test_of_a_document_that_cannot_be_read_the_page_says_so_and_shows_nothing_else(
    folder: Path, built: Path, call_at: Callable[..., Ended], content: bytes, why: str
) -> None:
    shutil.copytree(built, folder / "site")
    (folder / "aegismatrix.json").write_bytes(content)
    ended = call_at("dashboard", at=folder)
    assert ended.code == 65
    assert ended.err.startswith("aegis: warning: ")
    assert why in ended.err
    assert set(contents(folder / "site")) == {"index.html"}
    page = (folder / "site" / "index.html").read_text(encoding="utf-8")
    said = "is of a newer version than this page can show" if "update" in why else "cannot be read"
    assert f"The document {said}, so nothing of it is shown." in page
    assert "18,105.30" not in page


@pytest.mark.slow
def test_bad_requests_are_refused_in_one_line_and_nothing_is_written(
    folder: Path, call_at: Callable[..., Ended]
) -> None:
    (folder / "file").write_text("")
    for arguments, code, told in (
        (("--document", "nothing.json"), 65, "the document nothing.json is not there"),
        (("--document", "."), 65, "is a folder"),
        (("--record", "file"), 2, "the record 'file' is not a folder; name its folder with --record"),
        (("--output", "file"), 73, "cannot write to the folder 'file'"),
        (("--site-url", "javascript:alert(1)"), 2, "invalid --site-url 'javascript:alert(1)'"),
        (("--port", "70000"), 2, "70000"),
    ):
        before = contents(folder)
        assert_refused(call_at("dashboard", *arguments, at=folder), code, told)
        assert contents(folder) == before


def test_without_the_library_of_the_charts_the_extra_is_named(folder: Path) -> None:
    start = ("-c", "import sys; sys.modules['lets_plot'] = None; from aegismatrix_engine.cli import main; main()")
    assert_refused(
        aegis("dashboard", at=folder, start=start), 2, "lets-plot", "pip install 'aegismatrix-engine[dashboard]'"
    )


@pytest.mark.slow
def test_it_is_served_to_this_machine_alone_until_interrupted(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, *MODULE, "dashboard", "--serve", "--port", "0"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    process.stdout.readline()
    address = process.stdout.readline().split()[0]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
    with urllib.request.urlopen(address + "index.html", timeout=20) as answer:
        assert answer.read() == (folder / "site" / "index.html").read_bytes()
        assert answer.headers["Cache-Control"] == "no-cache"
    port = address.split(":")[2].rstrip("/")
    taken = aegis("dashboard", "--serve", "--port", port, "--output", "other", "--quiet", at=folder)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, "")
    assert taken.code == 2
    assert f"cannot serve on port {port}" in taken.err
