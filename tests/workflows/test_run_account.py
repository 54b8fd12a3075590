"""What a scheduled run ends with, and what its summary shows."""

from pathlib import Path

import pytest

from aegismatrix_engine.cli.run_account import Account
from aegismatrix_engine.errors import ExitCode


@pytest.mark.parametrize(
    ("steps", "ended"),
    [
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 0, "publish": 0}, 0),
        ({"restore": 0, "check-models": 11, "infer": 0, "publish": 0}, 0),
        ({"restore": 0, "check-models": 11, "infer": 10, "publish": 0}, 10),
        ({"restore": 0, "check-models": 0, "infer": 10, "publish": 73}, 73),
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 75, "publish": 0}, 0),
        ({"restore": 0, "check-models": 0, "infer": 10, "record resolve": 75, "publish": 0}, 10),
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 10, "publish": 0}, 10),
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 70, "publish": 73}, 70),
        ({"restore": 75}, 75),
    ],
)
def test_the_first_failure_is_the_end_and_degraded_is_less_than_any(steps: dict[str, int], ended: int) -> None:
    account = Account()
    for name, code in steps.items():
        passing = (ExitCode.SOURCE_UNAVAILABLE, ExitCode.TRY_AGAIN_LATER) if name == "record resolve" else ()
        assert account.step(name, code, passing=passing) == code
    assert account.ended == ended


def test_no_text_breaks_the_table_or_addresses_anybody() -> None:
    account = Account()
    account.step("restore", 0)
    account.note("a | b\n@someone <script>")
    text = account.markdown()
    assert "- a \\| b @\u200bsomeone &lt;script>\n" in text
    assert text.count("\n|") == 2


def test_what_is_worth_another_comment_is_the_findings_and_what_came_of_them(tmp_path: Path) -> None:
    account, made = Account(), tmp_path / "aegismatrix.json"
    account.step("check-models", 11)
    account.step("infer", 0)
    made.write_text('{"health": {"status": "ok", "notes": ["one"]}}')
    first = account.trouble_state(["trap", "calendar"], made)
    made.write_text('{"health": {"status": "ok", "notes": ["another"]}}')
    assert account.trouble_state(["calendar", "trap"], made) == first
    assert account.trouble_state(["calendar"], made) != first
    made.write_text('{"health": {"status": "degraded", "notes": []}}')
    assert account.trouble_state(["calendar", "trap"], made) != first
    assert account.trouble_state(["calendar", "trap"], None) != first


def test_the_issue_says_what_was_found_and_that_no_document_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    account = Account()
    account.step("check-models", 11)
    account.step("infer", 75)
    told = account.trouble(["trap: corrupt, its bytes differ"], None)
    assert "- trap: corrupt, its bytes differ" in told
    assert "infer ended with 75 (try again later" in told
    assert "The run:" not in told
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    assert "The run: https://github.com/a/b/actions/runs/7" in account.trouble([], None)


def test_a_failure_outweighs_an_alarm_and_an_alarm_what_is_degraded() -> None:
    account = Account()
    for code, ended in ((10, 10), (11, 11), (10, 11), (73, 73), (75, 73)):
        account.step("step", code)
        assert account.ended == ended
