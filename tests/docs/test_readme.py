"""The README and the operator's page say what the code does."""

import json
import re
from pathlib import Path
from typing import get_args

from aegismatrix_engine.artifacts.reading import Status
from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.publishing.git import NEEDED

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs" / "example.json"


def test_the_operators_page_explains_every_exit_code() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)}
    assert explained - {130, 143} == {int(code) for code in ExitCode}


def test_the_operators_page_explains_every_status_of_a_model() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("### The status of a model")[2].partition("\n### ")[0]
    explained = set(re.findall(r"^\| ([a-z-]+) \|", table, flags=re.MULTILINE)) - {"status"}
    assert explained == set(get_args(Status))


def test_the_oldest_git_is_named_where_it_is_needed() -> None:
    oldest = ".".join(map(str, NEEDED))
    assert f"git {oldest} or newer" in README


def test_the_example_document_is_valid() -> None:
    assert check_json(EXAMPLE.read_text(encoding="utf-8")).as_of == "2022-12-30T15:30:00+05:30"


def test_the_readme_quotes_the_example_document() -> None:
    quoted = json.loads("{" + README.split("```json\n")[1].split("```")[0] + "}")["safe_range"]
    whole = json.loads(EXAMPLE.read_text(encoding="utf-8"))["seller"]["safe_range"]
    assert quoted.items() <= whole.items()


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) < 150


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    command = "-m pytest -n 2"
    assert f".venv/bin/python {command}" in README
    assert f"python {command}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
