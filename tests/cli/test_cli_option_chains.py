"""``aegis options``: what it shows of a chain, as text, on a terminal and as JSON, and what it refuses."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import option_files
import pytest
from command_line import ESCAPE, Ended, aegis, assert_refused, contents, on_terminal
from option_files import EXPIRIES, MOMENT, NEAREST

MADE = option_files.contracts()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a chain of three expiries, and one of yesterday."""
    option_files.write(tmp_path / "chains", "chain.json.gz", option_files.old_json(MADE))
    yesterday = option_files.v3_json(MADE, NEAREST, option_files.pd.Timestamp("2026-06-18 15:30+05:30"))
    option_files.write(tmp_path / "chains", "yesterday.json", yesterday)
    return tmp_path


@pytest.fixture
def shown(folder: Path, call_at: Callable[..., Ended]) -> Callable[..., Ended]:
    """``aegis options`` inside this process, in the folder."""
    return partial(call_at, "options", at=folder)


@pytest.fixture
def as_json(shown: Callable[..., Ended]) -> Callable[..., dict[str, Any]]:
    """What it prints as JSON."""

    def found(*arguments: str) -> dict[str, Any]:
        ended = shown(*arguments, "--json")
        assert (ended.code, ended.err) == (0, "")
        content: dict[str, Any] = json.loads(ended.out)
        return content

    return found


def test_a_chain_is_shown_expiry_by_expiry_within_80_characters(folder: Path) -> None:
    ended = aegis("options", "chains/chain.json.gz", at=folder)
    assert (ended.code, ended.err) == (0, "")
    text = ended.out.decode()
    lines = text.splitlines()
    assert lines[0] == "nifty50 options at 2026-06-19 15:30 IST (nse), index 24,013.10"
    rows = [line for line in lines if line.startswith("2026-06-23 ")]
    assert len(rows) == 2
    assert rows[0].split()[:2] == ["2026-06-23", "4.0"]
    assert max(map(len, [line for line in lines if line[:4].isdigit()])) <= 80
    assert "…" not in text
    assert "not a forecast" in text


@pytest.mark.slow
def test_a_terminal_gets_the_same_numbers_with_style_and_nothing_is_written(folder: Path) -> None:
    before = contents(folder)
    plain = aegis("options", "chains", at=folder)
    _, shown = on_terminal("options", "chains", at=folder)
    assert ESCAPE not in plain.out
    assert ESCAPE in shown
    row = next(line for line in plain.out.splitlines() if line.startswith(b"2026-06-23"))
    assert row.split() == next(line for line in shown.splitlines() if line.startswith(b"2026-06-23")).split()
    assert contents(folder) == before


def test_json_has_every_number_with_the_moment_and_the_files(as_json: Callable[..., dict[str, Any]]) -> None:
    found = as_json("chains/chain.json.gz")
    assert (found["source"], found["as_of"], found["index"]) == ("nse", MOMENT.isoformat(), option_files.SPOT)
    assert [file["name"] for file in found["files"]] == ["chain.json.gz"]
    assert len(found["files"][0]["sha256"]) == 64
    assert [one["expiry"] for one in found["expiries"]] == [f"{date:%Y-%m-%d}" for date in EXPIRIES]
    nearest = found["expiries"][0]
    # The invented market has one volatility, 14 %, at every strike; its ticks and spreads blur it a little.
    assert nearest["priced"]["at_the_money"] == pytest.approx(14, abs=0.3)
    assert nearest["priced"]["forward"] == pytest.approx(option_files.SPOT * 1.00066, rel=2e-4)
    assert nearest["priced"]["share_inside"] > 0.9
    assert nearest["open_interest"]["lower"] <= nearest["open_interest"]["max_pain"]
    assert len(nearest["open_interest"]["call_walls"]) == 3


def test_a_folder_gives_its_newest_snapshot_whatever_the_day(as_json: Callable[..., dict[str, Any]]) -> None:
    assert [file["name"] for file in as_json("chains")["files"]] == ["chain.json.gz"]


def test_an_expiry_without_prices_says_why_and_still_has_its_open_interest(
    folder: Path, shown: Callable[..., Ended], as_json: Callable[..., dict[str, Any]]
) -> None:
    unquoted = [option_files.replace(one, bid=0, ask=0, lots=0) for one in MADE]
    option_files.write(folder, "unquoted.json", option_files.old_json(unquoted))
    ended = shown("unquoted.json")
    assert b"No prices: 2026-06-23 has 0 strikes" in ended.out
    nearest = as_json("unquoted.json")["expiries"][0]
    assert nearest["priced"] is None
    assert nearest["no_prices"].startswith("has 0 strikes")
    assert nearest["open_interest"]["max_pain"] > 0


def test_open_interest_of_a_window_says_what_is_small_about_it(folder: Path, shown: Callable[..., Ended]) -> None:
    out = b" ".join(shown("chains/chain.json.gz").out.split())
    assert b"Partial: max pain of 2027-06-29 is of 81 strikes that end within 3% of the forward" in out
    few = [one for one in MADE if 23500 <= one.strike <= 25000]
    option_files.write(folder, "few.json", option_files.old_json(few))
    assert b"Partial: max pain of 2026-06-23 is of 31 strikes only" in shown("few.json").out


def test_what_was_left_out_is_told_with_its_reason(
    folder: Path, shown: Callable[..., Ended], as_json: Callable[..., dict[str, Any]]
) -> None:
    damaged = option_files.edited(MADE, 22000, "PE", bid=9.0, ask=1.0)
    option_files.write(folder, "damaged.json", option_files.old_json(damaged))
    told = b"Left out: 1 leg of 2026-06-23: 23-Jun-2026 22000 PE: the bid is above the ask"
    assert told in shown("damaged.json").out
    assert as_json("damaged.json")["left_out"] == [
        {"expiry": "2026-06-23", "legs": 1, "rule": "23-Jun-2026 22000 PE: the bid is above the ask"}
    ]


def test_quiet_prints_nothing(folder: Path) -> None:
    ended = aegis("options", "chains", "--quiet", at=folder)
    assert (ended.code, ended.out, ended.err) == (0, b"", "")


@pytest.mark.slow
def test_each_refusal_is_one_line_with_its_exit_code(folder: Path, shown: Callable[..., Ended]) -> None:
    (folder / "page.json").write_text("<html><body>Access denied</body></html>")
    (folder / "empty").mkdir()
    for arguments, code, told in (
        (("absent.json",), 65, "absent.json"),
        (("page.json",), 65, "web page"),
        (("empty",), 65, "holds no option chain"),
        (("chains", "--market", "sp500"), 2, "nifty50 only"),
        ((), 2, "FILE|DIR|SOURCE"),
        (("chains", "--calendar", "none.toml"), 65, "none.toml"),
    ):
        assert_refused(shown(*arguments), code, told)


@pytest.mark.slow
def test_the_same_chain_gives_the_same_bytes(folder: Path) -> None:
    one = aegis("options", "chains", "--json", at=folder, env={"PYTHONHASHSEED": "1"})
    other = aegis("options", "chains", "--json", at=folder, env={"PYTHONHASHSEED": "2", "TZ": "America/Lima"})
    assert one == other


def test_help_loads_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys; from aegismatrix_engine.cli import main\n"
        "try: main(['options', '--help'])\n"
        "finally: print([n for n in ('numpy', 'pandas', 'scipy', 'rich') if n in sys.modules], file=sys.stderr)"
    )
    assert aegis(at=folder, start=("-c", code)).err == "[]\n"
