"""The page of decisions has an index of all of them, and names scripts and dependencies that there are."""

import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest
from test_pages import anchors

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "docs" / "decisions.md"
PAGE = PATH.read_text(encoding="utf-8")


def test_the_index_holds_every_heading_in_its_order() -> None:
    index, _, rest = PAGE.partition("\n## Index\n")[2].partition("\n## ")
    headings = re.findall(r"^##+ (.*)$", f"## {rest}", flags=re.MULTILINE)
    links = re.findall(r"\[(.*)\]\(#(.*)\)", index)
    assert [name for name, _ in links] == headings
    assert {anchor for _, anchor in links} <= anchors(PATH)


def test_no_script_stands_in_the_page() -> None:
    assert "```" not in PAGE


def test_every_dependency_of_the_tests_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[<>=]", line)[0] for line in project["optional-dependencies"]["test"]}
    table = PAGE.partition("### What the tests need\n")[2].partition("\n### ")[0]
    named = re.findall(r"^\| ([a-z][\w., -]*) \|", table, flags=re.MULTILINE)
    assert {name for row in named for name in row.split(", ")} - {"dependency"} == needed


@pytest.mark.parametrize("module", sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py")))
def test_every_benchmark_finds_what_it_imports(module: str) -> None:
    importlib.import_module(f"benchmarks.{module}")


@pytest.mark.slow
def test_the_regimes_tails_and_levels_of_the_page_are_measured_again(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["regimes_and_levels", str(shared / "data" / "nifty50")])
    importlib.import_module("benchmarks.regimes_and_levels").main()
    printed, text = capsys.readouterr().out, " ".join(PAGE.split())
    words = re.findall(r"'([A-Z_]+)': '([\d.]+)%'", printed)
    assert len(words) == 6
    assert all(f"{word} {share} %" in text for word, share in words)
    assert [
        f"{low} to {high}, on average {mean}" in text
        for low, high, mean in re.findall(r"(0\.\d\d) to (0\.\d\d), mean (0\.\d\d)", printed)
    ] == [True, True]
    wrong, moments = re.findall(r"order at (\d+) of (\d+)", printed)[0]
    assert f"{wrong} of {int(moments):,} moments" in text
