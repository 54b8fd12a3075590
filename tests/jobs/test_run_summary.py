"""What a scheduled run ends with, and what its summary and its issues show."""

import pytest

from aegismatrix_engine.document.schema.health import CalendarState, Health
from aegismatrix_engine.jobs.run_summary import RunSummary

PAGE = "https://github.com/a/b/actions/runs/7"


def health(status: str, *notes: str) -> Health:
    calendar = CalendarState(valid_through="2026-12-31", provisional=False)
    return Health(status=status, degraded=[], frozen=[], notes=list(notes), calendar=calendar)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "ended"),
    [
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 0, "publish": 0}, 0),
        ({"restore": 0, "check-models": 11, "infer": 0, "publish": 0}, 0),
        ({"restore": 0, "check-models": 11, "infer": 10, "publish": 0}, 10),
        ({"restore": 0, "check-models": 0, "infer": 10, "publish": 73}, 73),
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 10, "publish": 0}, 10),
        ({"restore": 0, "check-models": 0, "infer": 0, "record resolve": 70, "publish": 73}, 70),
        ({"restore": 75}, 75),
    ],
)
def test_the_first_failure_is_the_end_and_degraded_is_less_than_any(steps: dict[str, int], ended: int) -> None:
    summary = RunSummary()
    for name, code in steps.items():
        assert summary.step(name, code) == code
    assert summary.ended == ended


def test_a_failure_outweighs_an_alarm_and_an_alarm_what_is_degraded() -> None:
    summary = RunSummary()
    for code, ended in ((10, 10), (11, 11), (10, 11), (73, 73), (75, 73)):
        summary.step("step", code)
        assert summary.ended == ended


def test_no_text_breaks_the_table_or_addresses_anybody() -> None:
    summary = RunSummary()
    summary.step("restore", 0)
    summary.note("a | b\n@someone <script>")
    text = summary.markdown()
    assert "- a \\| b @\u200bsomeone &lt;script>\n" in text
    assert text.count("\n|") == 2


def test_what_is_worth_another_comment_is_the_findings_and_what_came_of_them() -> None:
    summary = RunSummary()
    summary.step("check-models", 11)
    summary.step("infer", 0)
    first = summary.findings_key(["trap", "calendar"], health("ok", "one"))
    assert summary.findings_key(["calendar", "trap"], health("ok", "another")) == first
    assert summary.findings_key(["calendar"], health("ok")) != first
    assert summary.findings_key(["calendar", "trap"], health("degraded")) != first
    assert summary.findings_key(["calendar", "trap"], None) != first


def test_the_issue_says_what_was_found_and_that_no_document_was_made() -> None:
    summary = RunSummary()
    summary.step("check-models", 11)
    summary.step("infer", 75)
    text = summary.trouble(["trap: corrupt, its bytes differ"], None)
    assert "- trap: corrupt, its bytes differ" in text
    assert "infer ended with 75 (try again later" in text


def test_every_issue_leads_to_the_page_of_the_job_where_there_is_one() -> None:
    for address, words in ((PAGE, f"\n\nThe run: {PAGE}\n"), ("", "")):
        summary = RunSummary(address)
        summary.step("infer", 75)
        texts = [summary.trouble([], None), summary.recovery(), summary.alarm("it is gone")]
        summary.ended = summary.step("publish", 75)
        texts.append(summary.outage("is old"))
        assert all((words in text) if address else ("The run:" not in text) for text in texts)


def test_a_summary_goes_whole_from_one_process_to_the_next() -> None:
    summary = RunSummary(PAGE)
    summary.step("infer", 10)
    summary.note("a note")
    summary.published = {"as of": "2026-07-14T15:30:00+05:30"}
    assert RunSummary.of(summary.handed_on(), PAGE) == summary
