"""The simulation of the schedule: a small run of it keeps the limits, and its scheduler is GitHub's."""

import numpy as np
import pytest

from benchmarks import freshness


def test_the_schedule_of_the_workflows_keeps_every_limit_and_the_one_of_before_does_not() -> None:
    now, before = (freshness.measured(schedule, 150, seed=7) for schedule in freshness.schedules())
    for name, (_, share, kept, _) in freshness.LIMITS.items():
        assert kept(share(now)), (name, share(now))
    assert [name for name, (_, share, kept, _) in freshness.LIMITS.items() if not kept(share(before))] == [
        "fresh",
        "old",
        "night",
    ]


def test_starts_come_late_or_not_at_all() -> None:
    draws = np.random.default_rng(1)
    late = [minute for _ in range(4000) for minute in freshness.arrivals([600], draws)]
    assert (min(late), max(late)) == (614, 643)
    assert len(late) / 4000 == pytest.approx(0.85, abs=0.02)


def test_one_runs_one_waits_and_a_newer_one_takes_its_place() -> None:
    begun = list(freshness.turns([10, 11, 12, 30, 31], lambda _: 5))
    assert begun == [10, 15, 30, 35], "what came at 11 gave way to what came at 12"


def test_from_the_outage_on_nothing_is_published_and_runs_with_work_end_red() -> None:
    schedule, _ = freshness.schedules()
    session = freshness.simulated(schedule, [560, 610, 640, 670, 700], outage=620)
    assert max(since for since, _ in session.published) < 620
    assert session.failed == [644, 674, 704]
    red, issue = freshness.told_after(session, [760], outage=620)
    assert red == 24
    assert issue == 704 - 620, "as of 10:00, valid until 11:00, and out of date from 11:30 on"
