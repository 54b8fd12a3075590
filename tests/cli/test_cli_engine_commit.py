"""Which engine a document says has made it, on the command line."""

import json
import subprocess
from pathlib import Path

import pytest
from command_line import CSV, ROOT, aegis

from aegismatrix_engine import __version__

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_the_document_says_which_engine_made_it_and_which_trained_its_models(place: Path) -> None:
    manifest = place / "models" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["engine_version"] = "0.0.7"
    manifest.write_text(json.dumps(content))
    assert aegis("infer", *CSV, at=place, env={"GITHUB_SHA": SHA}).code in (0, 10)
    told = json.loads((place / "aegismatrix.json").read_bytes())["provenance"]
    assert (told["engine_version"], told["trained_by"], told["engine_commit"]) == (__version__, "0.0.7", SHA)


def test_a_document_made_from_a_checkout_names_its_commit(place: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("these sources are no checkout")
    assert aegis("infer", *CSV, at=place).code in (0, 10)
    told = json.loads((place / "aegismatrix.json").read_bytes())["provenance"]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=True, text=True)
    assert told["engine_commit"] == head.stdout.strip()
