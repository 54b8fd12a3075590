"""The page about markets: its entry is whole, its commands make a document, and it says what was measured."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import aegis
from csv_market import write_market

from aegismatrix_engine.jobs.market_entries import check_entry
from aegismatrix_engine.markets import Market, get_market, known_markets, next_expiries
from aegismatrix_engine.markets.market import Companion
from aegismatrix_engine.markets.own_entries import own_market

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "markets.md").read_text(encoding="utf-8")
ENTRY, *EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
NAMED = [(entry.partition(".toml")[0].removeprefix("# own/"), entry) for entry in EXAMPLES]
COMMANDS = [
    line for line in PAGE.splitlines() if line.startswith("aegis ") and "example40" in line and "--data bars" in line
]

EVENING = {"AEGIS_NOW": "2026-06-30T22:00+02:00"}
"""After the close: inside a session a document without bars of it is degraded."""


def market_of_the_page() -> Market:
    return own_market(ENTRY.encode(), "own/example40.toml", "example40.toml")


def bars(market: Market) -> pd.DataFrame:
    """Days whose volatility comes and goes."""
    dates = market.calendar.regular(pd.Timestamp("2018-01-02"), pd.Timestamp("2026-06-30"))
    draws = np.random.default_rng(7)
    variance, returns = np.full(len(dates), 1e-4), np.zeros(len(dates))
    for row, shock in enumerate(draws.standard_normal(len(dates))):
        before = variance[row - 1] if row else 1e-4
        variance[row] = 3e-6 + 0.87 * before + 0.1 * returns[row - 1] ** 2
        returns[row] = np.sqrt(variance[row]) * shock
    close = 15000 * np.exp(np.cumsum(returns))
    open_ = np.concatenate([close[:1], close[:-1]]) * np.exp(0.002 * draws.standard_normal(len(dates)))
    reach = np.exp(0.5 * np.sqrt(variance) * np.abs(draws.standard_normal((2, len(dates)))))
    high, low = np.maximum(open_, close) * reach[0], np.minimum(open_, close) / reach[1]
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close}, index=dates.rename("date")).round(2)


def test_the_entry_of_the_page_is_whole() -> None:
    market = market_of_the_page()
    assert ENTRY.startswith("# own/example40.toml\n")
    after = pd.Timestamp("2026-06-30")
    assert [f"{one.date:%m-%d}" for one in next_expiries(market, after, "monthly", 2)] == ["07-17", "08-21"]
    assert [f"{one.date:%m-%d}" for one in next_expiries(market, after, "weekly", 2)] == ["07-03", "07-10"]


@pytest.mark.parametrize("entry", EXAMPLES, ids=["nasdaq100", "nikkei225", "ftse100", "eurostoxx50"])
def test_every_example_is_an_entry_that_the_check_accepts(entry: str, tmp_path: Path) -> None:
    file = entry.partition("\n")[0].removeprefix("# own/")
    (tmp_path / file).write_text(entry)
    found = check_entry(tmp_path / file, None)
    assert found.faults == ()
    assert found.findings[0].startswith(f"{file.removesuffix('.toml')}: ")


def test_examples_are_marked_as_not_measured_and_keep_what_was_read() -> None:
    assert PAGE.partition("## Four more, as examples")[2].startswith("\n\n**Not measured, and not shipped.**")
    markets = {market.id: market for market in (own_market(one.encode(), name, f"{name}.toml") for name, one in NAMED)}
    assert markets["nasdaq100"].companion == Companion(get_market("sp500"), same_sessions=True)
    nikkei = markets["nikkei225"]
    counted = len(nikkei.calendar.regular(pd.Timestamp("2015-01-01"), pd.Timestamp("2024-12-31"))) / 10
    assert nikkei.sessions_per_year == round(counted)


@pytest.mark.slow
def test_the_commands_of_the_page_make_a_document_from_the_entry(tmp_path: Path) -> None:
    market = market_of_the_page()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "example40.toml").write_text(ENTRY)
    write_market(tmp_path / "bars", bars(market))
    assert [shlex.split(line)[1] for line in COMMANDS] == ["markets", "train", "infer"]
    for line in COMMANDS:
        ended = aegis(*shlex.split(line)[1:], at=tmp_path, env=EVENING)
        assert (ended.code, ended.err) == (0, ""), line
    document = json.loads((tmp_path / "aegismatrix.json").read_text())
    assert (document["market_id"], document["health"]["status"]) == ("example40", "ok")
    assert document["market"]["vix_basis"] == "estimator"
    assert document["market"]["vix_change"] == 0
    assert any(note.startswith("Example 40 has no volatility index: ") for note in document["health"]["notes"])
    implied = document["seller"]["trap"], document["seller"]["expiry_stress"], document["buyer"]["theta_edge"]
    assert {block["basis"] for block in implied} == {"prior"}
    assert {"17:35:00+02:00"} == {document["as_of"][11:]}
    checked = aegis("check-models", "--markets-dir", "own", "--market", "example40", at=tmp_path, env=EVENING)
    assert (checked.code, checked.err) == (0, "")


def test_every_market_that_ships_has_its_line_and_only_two_are_measured() -> None:
    table = PAGE.partition("\n\n|")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", table, flags=re.MULTILINE))
    assert set(rows) == set(known_markets())
    assert {name for name, measured in rows.items() if measured == "not measured"} == {"banknifty", "sensex"}
    for name in known_markets():
        assert get_market(name).name in table
