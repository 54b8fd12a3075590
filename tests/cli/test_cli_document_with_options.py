"""``aegis infer --options``: what a chain adds to a document, and that one which cannot be used takes nothing away."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bars_folder import SESSIONS
from chain_files import lognormal_chain
from command_line import CSV, Ended, aegis, without_moment
from synthetic import daily_frame

from aegismatrix_engine.document import check_json
from aegismatrix_engine.markets import get_market, next_expiries

Call = Callable[..., Ended]
MARKET = get_market("nifty50")
LAST = daily_frame(SESSIONS).index[-1]
CLOSE = MARKET.calendar.closes_at(LAST)
INDEX = float(daily_frame(SESSIONS)["close"].iloc[-1])
YEAR = pd.Timedelta(days=365)


def chain(moment: pd.Timestamp = CLOSE, index: float = INDEX) -> bytes:
    """A market of 15 % volatility at the last close, with every expiry that a document speaks of."""
    listed = [one for kind in ("weekly", "monthly") for one in next_expiries(MARKET, LAST, kind, 2)]
    years = {one.date: (MARKET.calendar.closes_at(one.date) - moment) / YEAR for one in listed}
    return lognormal_chain(years, moment, index)


def published(call: Call, *options: str, code: int = 0) -> dict[str, Any]:
    ended = call("infer", *CSV, "--json", *options)
    assert (ended.code, ended.err) == (code, "")
    check_json(ended.out)
    found: dict[str, Any] = json.loads(ended.out)
    return found


@pytest.fixture
def file(place: Path) -> Path:
    (place / "chain.json").write_bytes(chain())
    return place / "chain.json"


def test_a_chain_is_named_with_its_moment_and_its_hash(call: Call, file: Path) -> None:
    options = published(call, "--options", file.name)["options"]
    assert (options["source"], options["as_of"], options["age_minutes"]) == ("nse", CLOSE.isoformat(), 0)
    assert options["files"] == [{"name": "chain.json", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}]
    assert options["index"] == pytest.approx(INDEX, abs=0.005)
    assert options["legs_used"] == options["legs_read"] > 500
    assert options["left_out"] == []


def test_a_chain_of_the_derivatives_close_is_newer_than_that_of_the_index(call: Call, file: Path) -> None:
    later = CLOSE + pd.Timedelta("10min")
    file.write_bytes(chain(later))
    found = published(call, "--options", file.name)
    assert (found["options"]["as_of"], found["options"]["age_minutes"]) == (later.isoformat(), -10)
    nearest = found["seller"]["expiries"][0]
    settles = MARKET.calendar.closes_at(pd.Timestamp(nearest["expiry"]))
    assert nearest["priced"]["days"] == pytest.approx((settles - later) / pd.Timedelta("1D"), abs=1e-3)


def test_the_summary_says_where_prices_are_from_and_what_they_are(call: Call, file: Path) -> None:
    document = json.loads(call("infer", *CSV, "--json", "--options", file.name).out)
    text = " ".join(call("infer", *CSV, "--options", file.name).out.decode().replace("│", " ").split())
    assert f"option prices: nse as of {CLOSE.isoformat()}, chain.json" in text
    for expiry in document["seller"]["expiries"]:
        assert f"options {expiry['expiry']} straddle {expiry['priced']['straddle_points']:,.0f}" in text
    middle = document["seller"]["expiries"][0]["breach_curve"][4]
    assert f"{middle['priced_close']:.0%} priced" in text
    plain = call("infer", *CSV).out.decode()
    assert "option" not in plain


def test_the_environment_names_a_chain_too(call: Call, file: Path) -> None:
    ended = call("infer", *CSV, "--json", env={"AEGIS_OPTIONS": str(file)})
    assert "options" in json.loads(ended.out)


def test_the_same_chain_gives_the_same_bytes(call: Call, file: Path) -> None:
    one, other = (call("infer", *CSV, "--json", "--options", file.name).out for _ in range(2))
    assert without_moment(one) == without_moment(other)


def test_without_a_chain_nothing_of_options_is_there_or_imported(place: Path) -> None:
    started = "import sys; from aegismatrix_engine.cli import main\ntry: main(sys.argv[1:])\nfinally: " + (
        "print([one for one in sys.modules if one.startswith(('aegismatrix_engine.options', "
        "'aegismatrix_engine.sources.options', 'scipy.optimize'))], file=sys.stderr)"
    )
    ended = aegis("infer", *CSV, "--json", at=place, start=("-c", started))
    assert (ended.code, ended.err) == (0, "[]\n")
    assert "options" not in json.loads(ended.out)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "chain.json is empty"),
        (b"<html>Access Denied</html>", "chain.json"),
        (chain(CLOSE + pd.Timedelta("1D")), "expected the one of the close"),
        (chain(CLOSE - pd.Timedelta("2h")), "expected the one of the close"),
        (chain(index=1.2 * INDEX), "+20.0 % from the last close"),
    ],
    ids=["empty", "a web page", "of later", "of earlier", "another index"],
)
def test_a_chain_that_cannot_be_used_is_named_and_changes_nothing_else(
    call: Call, file: Path, content: bytes, words: str
) -> None:
    file.write_bytes(content)
    plain = published(call)
    found = published(call, "--options", file.name, code=10)
    health = found.pop("health")
    assert health["status"] == "degraded"
    assert [one["signal"] for one in health["degraded"]] == ["seller.max_pain", "seller.skew", "buyer.theta_edge"]
    assert words in health["degraded"][0]["reason"]
    plain.pop("health")
    for document in (plain, found):
        document.pop("generated_at")
    assert found == plain


def test_the_folders_above_a_chain_are_never_published(call: Call, place: Path) -> None:
    (place / "secret" / "chains").mkdir(parents=True)
    missing = place / "secret" / "chains"
    reason = published(call, "--options", str(missing), code=10)["health"]["degraded"][0]["reason"]
    assert "chains holds no option chain" in reason
    assert "secret" not in reason
    ended = f"{missing}{os.sep}"
    assert published(call, "--options", ended, code=10)["health"]["degraded"][0]["reason"] == reason


def test_nor_are_those_above_a_file_that_is_left_out(call: Call, place: Path) -> None:
    folder = place / "secret" / "chains"
    folder.mkdir(parents=True)
    (folder / "good.json").write_bytes(chain())
    with (folder / "vast.json").open("wb") as vast:
        vast.truncate(17 * 2**20)
    (left,) = published(call, "--options", str(folder))["options"]["left_out"]
    assert left["rule"].startswith("vast.json ")
    assert "secret" not in left["rule"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "no option chain is named: expected a file, a folder, upstox or the name of an installed source;"),
        ("  ", "no option chain is named"),
        ("nse", "nse is not there: expected a file, a folder, upstox or the name of an installed source; see"),
        ("chains", "chains holds no option chain: expected files ending in .json, .csv, .gz, .zip; put one there;"),
    ],
)
def test_a_chain_that_is_not_there_is_named_as_it_was_asked_for(call: Call, place: Path, spec: str, words: str) -> None:
    (place / "chains").mkdir()
    reason = published(call, "--options", spec, code=10)["health"]["degraded"][0]["reason"]
    assert reason.startswith(f"the option chain could not be used: {words}")


def test_a_chain_of_later_changes_nothing_beside_one_that_counts(call: Call, place: Path) -> None:
    folder = place / "chains"
    folder.mkdir()
    (folder / "now.json").write_bytes(chain())
    before = call("infer", *CSV, "--json", "--options", "chains").out
    (folder / "later.json").write_bytes(chain(CLOSE + pd.Timedelta("1D")))
    assert without_moment(call("infer", *CSV, "--json", "--options", "chains").out) == without_moment(before)


def test_in_a_replay_a_chain_of_after_the_moment_asked_for_changes_nothing(call: Call, place: Path) -> None:
    before = daily_frame(SESSIONS).index[-2]
    close, folder = MARKET.calendar.closes_at(before), place / "chains"
    folder.mkdir()
    (folder / "then.json").write_bytes(chain(close, float(daily_frame(SESSIONS)["close"].iloc[-2])))
    asked = "infer", *CSV, "--json", "--as-of", f"{before:%Y-%m-%d}", "--options", "chains"
    alone = call(*asked)
    assert json.loads(alone.out)["options"]["as_of"] == close.isoformat()
    (folder / "later.json").write_bytes(chain())
    assert without_moment(call(*asked).out) == without_moment(alone.out)


def test_a_chain_without_an_expiry_of_the_document_says_so(call: Call, file: Path) -> None:
    far = LAST + pd.Timedelta(days=400)
    file.write_bytes(lognormal_chain({far: 400 / 365}, CLOSE, INDEX))
    reason = published(call, "--options", file.name, code=10)["health"]["degraded"][0]["reason"]
    assert "is not in it" in reason
