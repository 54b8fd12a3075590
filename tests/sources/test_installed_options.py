"""A source of chains that another installed package supplies, by an entry point in the group aegismatrix.options."""

import json
import subprocess
import sys
from pathlib import Path

import option_files
import pytest
from command_line import ROOT, Ended, aegis, assert_refused
from option_files import MOMENT

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"

[project.entry-points."aegismatrix.options"]
{name} = "{name}:{function}"
"""
SOURCE = """
import os
from pathlib import Path


def chains(market, moment):
    assert market.id == "nifty50", market
    assert moment.tz is not None
    Path("asked.txt").write_text(moment.isoformat())
    return [Path("chains") / name for name in sorted(os.listdir("chains"))]


def none(market, moment):
    return []


def wrong(market, moment):
    return 7


def failing(market, moment):
    raise RuntimeError("the vendor's disk\\nis full")
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small package installed into it for each function above, and one that is not there."""
    made = tmp_path_factory.mktemp("packages")
    for function in ("chains", "none", "wrong", "failing", "absent"):
        name = f"vendor_{function}"
        project = made / "projects" / name
        project.mkdir(parents=True)
        (project / "pyproject.toml").write_text(PROJECT.format(name=name, function=function))
        (project / f"{name}.py").write_text(SOURCE)
        offline = ["--no-index", "--no-build-isolation", "--no-deps", "--quiet", "--disable-pip-version-check"]
        installing = [sys.executable, "-m", "pip", "install", *offline, "--target", str(made / "site"), str(project)]
        subprocess.run(installing, check=True, capture_output=True, timeout=120)
    return made / "site"


def call(packages: Path, at: Path, name: str, *arguments: str) -> Ended:
    path = f"{ROOT}:{packages}"
    return aegis("options", name, *arguments, at=at, env={"PYTHONPATH": path, "AEGIS_NOW": MOMENT.isoformat()})


def test_an_installed_source_is_asked_by_its_name_and_its_files_are_read(packages: Path, tmp_path: Path) -> None:
    made = option_files.contracts()
    for expiry in option_files.EXPIRIES:
        content = option_files.v3_json(made, expiry)
        option_files.write(tmp_path / "chains", f"{expiry:%Y-%m-%d}.json", content)
    ended = call(packages, tmp_path, "vendor_chains", "--json")
    assert (ended.code, ended.err) == (0, "")
    found = json.loads(ended.out)
    assert [one["expiry"] for one in found["expiries"]] == [f"{expiry:%Y-%m-%d}" for expiry in option_files.EXPIRIES]
    assert (tmp_path / "asked.txt").read_text() == MOMENT.isoformat()


def test_a_file_of_the_same_name_is_read_where_a_path_is_given(packages: Path, tmp_path: Path) -> None:
    option_files.write(tmp_path, "vendor_none", option_files.old_json(option_files.contracts()))
    assert_refused(call(packages, tmp_path, "vendor_none"), 69, "has no file for 2026-06-19 15:30 IST")
    assert call(packages, tmp_path, "./vendor_none").code == 0


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("vendor_wrong", 69, "TypeError"),
        ("vendor_failing", 69, "RuntimeError: the vendor's disk is full"),
        ("vendor_absent", 2, "cannot be loaded"),
        ("vendor_unknown", 65, "vendor_unknown"),
    ],
)
def test_a_source_that_fails_is_named_in_one_line(
    packages: Path, tmp_path: Path, name: str, code: int, told: str
) -> None:
    assert_refused(call(packages, tmp_path, name), code, name, told)
