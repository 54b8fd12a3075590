"""What would count as failure: the words of docs/record.md, and when the scores show it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from aegismatrix_engine.record.failures import CHANCE, FAILURES, JUDGED_BY_EYE, failures, unreliable
from aegismatrix_engine.record.scoring import ReliabilityBin, SignalScore
from aegismatrix_engine.record.skill import Skill
from aegismatrix_engine.scores import wilson_interval

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "record.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## What would count as failure\n")[2].partition("\n## ")[0]

SCORE = SignalScore(
    signal="forecast.5.80",
    event="range",
    n=60,
    events=60,
    first="2026-01-01",
    last="2026-06-01",
    frequency=0.8,
    interval=(0.7, 0.88),
    nominal=0.8,
    brier=0.16,
    log=0.5,
    climatology=Skill(0.1, -0.02, 0.2),
    vix=Skill(0.0, None, None),
    reliability=(),
    by_basis=(),
    by_model_set=(),
)


def tenth(mean: float, share: float, events: float) -> ReliabilityBin:
    low = int(10 * mean) / 10
    return ReliabilityBin(low, low + 0.1, int(events), events, mean, share, wilson_interval(share, round(events)))


def kinds(score: SignalScore) -> list[str]:
    return [failure.kind for failure in failures([score])]


def test_the_list_of_the_page_is_the_list_of_the_code_entry_for_entry() -> None:
    entries = re.findall(r"^- (.*?)(?:;|\.)$", SECTION, flags=re.DOTALL | re.MULTILINE)
    assert [" ".join(entry.split()) for entry in entries] == list(FAILURES.values())


@pytest.mark.parametrize("words", [CHANCE, JUDGED_BY_EYE])
def test_what_qualifies_the_list_stands_below_it_on_the_page(words: str) -> None:
    assert words in " ".join(SECTION.split())


def test_a_range_fails_where_its_interval_does_not_contain_the_nominal_coverage() -> None:
    assert kinds(SCORE) == []
    assert kinds(replace(SCORE, interval=(0.6, 0.79))) == ["coverage"]
    assert kinds(replace(SCORE, interval=(0.81, 0.9))) == ["coverage"]
    assert kinds(replace(SCORE, interval=(0.8, 0.9))) == []


def test_a_skill_fails_where_its_whole_interval_lies_below_zero() -> None:
    assert kinds(replace(SCORE, climatology=Skill(-0.1, -0.2, -0.01))) == ["climatology"]
    assert kinds(replace(SCORE, vix=Skill(-0.1, -0.2, -0.01))) == ["index"]
    assert kinds(replace(SCORE, climatology=Skill(-0.1, -0.2, 0.0), vix=Skill(-0.5, None, None))) == []
    assert kinds(replace(SCORE, climatology=None, vix=None)) == []


def test_below_thirty_events_nothing_fails() -> None:
    poor = replace(SCORE, interval=(0.2, 0.3), climatology=Skill(-0.1, -0.2, -0.01))
    assert kinds(replace(poor, events=30)) == ["coverage", "climatology"]
    assert kinds(replace(poor, events=29)) == []


def test_failures_come_in_the_order_of_the_list() -> None:
    one = replace(SCORE, vix=Skill(-0.1, -0.2, -0.01))
    other = replace(SCORE, interval=(0.2, 0.3))
    assert [failure.kind for failure in failures([one, other])] == ["coverage", "index"]


def test_shares_that_fall_while_forecasts_rise_are_a_failure() -> None:
    assert unreliable((tenth(0.25, 0.5, 400), tenth(0.35, 0.35, 400)))
    assert not unreliable((tenth(0.25, 0.25, 400), tenth(0.35, 0.24, 20)))


def test_one_interval_beside_its_forecast_may_be_chance_and_two_are_a_failure() -> None:
    fine, beside, below = tenth(0.15, 0.16, 100), tenth(0.45, 0.7, 100), tenth(0.55, 0.75, 100)
    assert not unreliable((fine, beside))
    assert unreliable((fine, beside, below))


def test_a_table_is_judged_by_its_tenths_with_several_events_where_they_are_most_of_it() -> None:
    bad = (tenth(0.15, 0.9, 100), tenth(0.25, 0.95, 100))
    few = (tenth(0.35, 0.3, 4.9), tenth(0.45, 0.5, 1))
    assert unreliable((*bad, few[0]))
    assert not unreliable((*bad, *few))
    assert not unreliable(bad[:1])
    assert unreliable((*bad, tenth(0.35, 0.3, 5), few[0]))
