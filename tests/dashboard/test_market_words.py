"""What the page calls a market: one of the engine, one by an own entry, and one that it does not know."""

import json
from pathlib import Path

import pytest
from own_entry import ENTRY, market_of_text

from aegismatrix_engine.dashboard.market_words import market_words
from aegismatrix_engine.dashboard.view import page_view
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site

EXAMPLE = Path(__file__).parents[2] / "docs" / "example.json"


def content(market_id: str) -> bytes:
    """The example as a document of another market, with an estimate in place of the volatility index."""
    made = json.loads(EXAMPLE.read_text(encoding="utf-8")) | {"market_id": market_id}
    made["market"] |= {"vix_basis": "estimator", "vix_change": 0.0, "vix_change_pct": 0.0}
    return json.dumps(made).encode()


def lines(market_id: str) -> list[str]:
    own = market_of_text(ENTRY) if market_id == "example40" else None
    view = page_view(Document.model_validate_json(content(market_id)), None, own=own)
    return ["".join(map(str, line.text)) for line in view.states if line.kind == "index"]


def test_a_market_that_has_no_volatility_index_misses_none() -> None:
    shown = "the volatility shown is our own estimate from the index."
    assert lines("nifty50") == [f"India VIX is missing: {shown}"]
    assert lines("banknifty") == [f"NIFTY Bank has no volatility index: {shown}"]
    assert lines("example40") == [f"Example 40 has no volatility index: {shown}"]
    assert lines("dax") == [f"the volatility index is missing: {shown}"], "of a market that is not known"


def test_an_own_market_is_named_and_has_its_zone() -> None:
    document = Document.model_validate_json(content("example40"))
    words = market_words(document, market_of_text(ENTRY))
    assert (words.name, words.zone, words.style.zone_name) == ("Example 40", "Europe/Berlin", "CET")
    assert market_words(document).name == "example40"


def test_the_site_of_an_own_market_reads_its_entry(tmp_path: Path) -> None:
    pytest.importorskip("lets_plot")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "example40.toml").write_text(ENTRY)
    settings = SiteSettings(EXAMPLE, tmp_path / "record", markets_dir=tmp_path / "own")
    site = build_site(settings, content("example40"))
    assert site.faults == ()
    assert b"<title>Example 40: risk signals</title>" in site.files["index.html"]
