"""How fresh the published document is under a scheduler that is late and forgetful, and how soon somebody hears.

    python -m benchmarks.freshness [--sessions 4000] [--seed 1]

One ordinary NSE session, simulated again and again in whole minutes. Assumed are:

- A scheduled start is dropped with a chance of 15 %, and else comes 14 to 43 minutes late, every minute as likely, each
  start on its own.
- Of one concurrency group one run is active and one waits; a newer one that would wait takes the place of the one that
  does. `watch.yml` has a group of its own.
- A start that finds nothing due takes 1 minute. One with work reads bars after 2 minutes and has published after 4.
- A bar is served when it is complete, the official close half an hour after the session.

What is due is asked of the engine itself: first `state.work_due`, as in the workflow, then `markets.document_due`, as
in the run. The schedules are those of `.github/workflows` and, beside them, the one of before: no second shots, one
document before the open at 08:40, and work at every start within a session.

An outage begins at a random minute of the session: the source is down, or publishing fails, so that every run that has
work ends red. It is told by that, or by the watch. Outages within whose first 100 minutes GitHub starts no run at all
are left out: nothing of ours can tell them.

Printed are the shares that the schedule has to keep, with their limits, and the minutes that it takes a month, each job
rounded up to whole ones, in 21 days with a session and 9 without. Ends with 1 where a limit is not kept.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from aegismatrix_engine.markets import (
    PublishedClose,
    document_due,
    get_market,
    last_due_bar,
    next_due,
    trading_clock,
    valid_until,
)
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER
from aegismatrix_engine.state.work_due import document_work

WORKFLOWS = Path(__file__).resolve().parents[1] / ".github" / "workflows"
MARKET = get_market("nifty50")
DAY, DAY_BEFORE = pd.Timestamp("2026-07-15", tz="Asia/Kolkata"), pd.Timestamp("2026-07-14", tz="Asia/Kolkata")
DROPPED, EARLIEST, LATEST = 0.15, 14, 43
ASKING, READS_AFTER, WORKING = 1, 2, 4
OPEN, CLOSE, CLOSE_SERVED = 9 * 60 + 15, 15 * 60 + 30, 16 * 60
WATCHED = range(10 * 60 + 15, CLOSE + 1)
NIGHT_BY = 9 * 60 + 10
TOLD_WITHIN, ISSUED_WITHIN = 100, 150
SESSIONS_A_MONTH, OTHER_DAYS_A_MONTH = 21, 9
BEFORE = [8 * 60 + 40, *range(9 * 60 + 39, 20 * 60 + 10, 30)]
WATCH_BEFORE = [12 * 60 + 23]


def clock(minute: int, day: pd.Timestamp = DAY) -> pd.Timestamp:
    return day + pd.Timedelta(minutes=minute)


@dataclass(frozen=True)
class Document:
    """A published document, in minutes of the day (below 0 of the day before): when made, and from when it speaks."""

    made: int
    as_of: int
    official: bool


FORMER = Document(-7 * 60 - 55, -8 * 60 - 30, official=True)


def made_at(minute: int) -> Document:
    """The document that a run makes which reads bars at this minute."""
    moment = trading_clock(MARKET, clock(minute))
    bar = last_due_bar(moment)
    if bar is None:
        return Document(minute, 2 * 60 if minute >= 2 * 60 else FORMER.as_of, official=True)
    return Document(minute, int((bar - DAY) / pd.Timedelta(minutes=1)), official=minute >= CLOSE_SERVED)


def said(document: Document) -> PublishedClose:
    return PublishedClose(clock(document.as_of), document.official, clock(document.made))


@cache
def until(document: Document) -> int:
    found = valid_until(MARKET, clock(document.made), clock(document.as_of), official=document.official)
    return int((found - DAY) / pd.Timedelta(minutes=1))


@cache
def written(document: Document) -> bytes:
    """What the asking start reads of a document."""
    due = next_due(MARKET, said(document))
    content = {
        "generated_at": clock(document.made).isoformat(),
        "as_of": clock(document.as_of).isoformat(),
        "valid_until": clock(until(document)).isoformat(),
        "next_due": due.isoformat(),
        "health": {"status": "ok"},
        "provenance": {},
    }
    return json.dumps(content).encode()


@cache
def asked(document: Document, minute: int) -> bool:
    return document_work(written(document), clock(minute).to_pydatetime()).due


@cache
def due(document: Document, minute: int) -> bool:
    return document_due(MARKET, clock(minute), said(document)).due


@cache
def due_before(document: Document, minute: int) -> bool:
    """The rule of before: all session long, from 35 minutes before the open on, and until the close is official."""
    return OPEN - 35 <= minute < CLOSE or (minute >= CLOSE and not (document.official and document.as_of >= CLOSE))


@dataclass(frozen=True)
class Schedule:
    """Minutes of the day at which runs are scheduled, and the rules by which a start asks and a run decides."""

    name: str
    starts: list[int]
    watches: list[int]
    asks: Callable[[Document, int], bool] | None
    decides: Callable[[Document, int], bool]


@dataclass
class Session:
    """What a simulated session came to.

    published: each document with the minute from which readers have it. failed: minutes at which a run ended red.
    minutes: that the starts took, each job rounded up.
    """

    published: list[tuple[int, Document]] = field(default_factory=lambda: [(FORMER.made, FORMER)])
    failed: list[int] = field(default_factory=list)
    minutes: int = 0

    def standing(self, minute: int) -> Document:
        return next(document for since, document in reversed(self.published) if since <= minute)


def crons(workflow: str) -> list[int]:
    """Minutes of the day in India at which a workflow is scheduled."""
    content = YAML(typ="safe", pure=True).load((WORKFLOWS / f"{workflow}.yml").read_text(encoding="utf-8"))
    found = []
    for entry in content["on"]["schedule"]:
        minutes, hours, *_ = entry["cron"].split()
        first, _, last = hours.partition("-")
        found += [60 * h + int(m) + 330 for h in range(int(first), int(last or first) + 1) for m in minutes.split(",")]
    return sorted(found)


def arrivals(starts: Iterable[int], draws: np.random.Generator) -> list[int]:
    """When the starts that are not dropped come."""
    starts = np.array(list(starts))
    late = draws.integers(EARLIEST, LATEST + 1, len(starts))
    return sorted((starts + late)[draws.random(len(starts)) >= DROPPED].tolist())


def turns(arriving: list[int], takes: Callable[[int], int]) -> Iterator[int]:
    """Run starts as their group lets them: ``takes`` does the work of one that begins at a minute and says how long."""
    free, waiting = 0, None
    for arrival in arriving:
        if waiting is not None and free <= arrival:
            yield free
            free, waiting = free + takes(free), None
        if arrival >= free:
            yield arrival
            free = arrival + takes(arrival)
        else:
            waiting = arrival
    if waiting is not None:
        yield free
        takes(free)


def simulated(schedule: Schedule, arriving: list[int], outage: int | None = None) -> Session:
    """One session; from the minute ``outage`` on no run that has work ends well."""
    session = Session()

    def takes(minute: int) -> int:
        document = session.published[-1][1]
        if schedule.asks is not None and not schedule.asks(document, minute):
            session.minutes += 1
            return ASKING
        if not schedule.decides(document, minute + READS_AFTER):
            session.minutes += READS_AFTER
            return READS_AFTER
        ends = minute + WORKING
        # The job that attests, where there is one.
        session.minutes += WORKING + (schedule.asks is not None)
        if outage is not None and ends >= outage:
            session.failed.append(ends)
        else:
            session.published.append((ends, made_at(minute + READS_AFTER)))
        return WORKING

    for _ in turns(arriving, takes):
        pass
    return session


def ages(session: Session) -> np.ndarray:
    """How old ``as_of`` is to a reader, minute by minute from 10:15 to 15:30."""
    return np.array([minute - session.standing(minute).as_of for minute in WATCHED])


def told_after(session: Session, watched: list[int], outage: int) -> tuple[float, float]:
    """Minutes from an outage to the first red run, and to the issue that a run or the watch opens."""
    grace = OUT_OF_DATE_AFTER.total_seconds() / 60
    looked = [*session.failed, *(minute for minute in watched if minute > outage)]
    opened = [minute for minute in looked if minute > until(session.standing(minute)) + grace]
    return min([*session.failed, *opened], default=np.inf) - outage, min(opened, default=np.inf) - outage


@dataclass(frozen=True)
class Result:
    """Shares: of minutes with a fresh and an old document, of mornings with one of the night, of outages told.

    issued: share of outages with an issue within two hours and a half: an hour of validity, half an hour of grace, and
    an hour in which a run comes.
    """

    fresh: float
    old: float
    night: float
    heard: float
    issued: float
    minutes_a_month: float
    runs_a_session: float


def measured(schedule: Schedule, sessions: int, seed: int) -> Result:
    draws = np.random.default_rng(seed)
    found, night, told, minutes, runs = [], [], [], [], []
    for _ in range(sessions):
        arriving, watched = arrivals(schedule.starts, draws), arrivals(schedule.watches, draws)
        session = simulated(schedule, arriving)
        found.append(ages(session))
        night.append(session.standing(NIGHT_BY).made >= 0)
        minutes.append(session.minutes)
        runs.append(len(session.published) - 1)
        outage = int(draws.integers(OPEN, CLOSE))
        if any(outage <= start <= outage + TOLD_WITHIN for start in arriving):
            told.append(told_after(simulated(schedule, arriving, outage), watched, outage))
    heard, issued = np.array(told).T
    age = np.concatenate(found)
    idle = ASKING * len(schedule.starts) * (1 - DROPPED)
    watch = 3 * len(schedule.watches) * (1 - DROPPED) * (SESSIONS_A_MONTH + OTHER_DAYS_A_MONTH)
    month = SESSIONS_A_MONTH * float(np.mean(minutes)) + OTHER_DAYS_A_MONTH * idle + watch
    shares = [
        float(np.mean(values)) for values in (age <= 55, age > 60, night, heard <= TOLD_WITHIN, issued <= ISSUED_WITHIN)
    ]
    return Result(*shares, month, float(np.mean(runs)))


def schedules() -> tuple[Schedule, Schedule]:
    """The schedule of the workflows, and the one of before."""
    now = Schedule("now", crons("infer"), crons("watch"), asked, due)
    return now, Schedule("before", BEFORE, WATCH_BEFORE, None, due_before)


LIMITS: dict[str, tuple[str, Callable[[Result], float], Callable[[float], bool], str]] = {
    "fresh": ("as_of at most 55 minutes old", lambda r: r.fresh, lambda share: share >= 0.95, ">= 95 %"),
    "old": ("as_of more than 60 minutes old", lambda r: r.old, lambda share: share <= 0.03, "<=  3 %"),
    "night": ("document of the night by 09:10", lambda r: r.night, lambda share: share >= 0.99, ">= 99 %"),
    "heard": ("outage told within 100 minutes", lambda r: r.heard, lambda share: share >= 0.95, ">= 95 %"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    now, before = (measured(schedule, arguments.sessions, arguments.seed) for schedule in schedules())
    print(f"{arguments.sessions} sessions                      now   before   wanted")
    for label, share, _, wanted in LIMITS.values():
        print(f"{label:<32} {share(now):6.1%}   {share(before):6.1%}   {wanted}")
    print(f"issue within {ISSUED_WITHIN} minutes         {now.issued:6.1%}   {before.issued:6.1%}")
    print(f"documents a session              {now.runs_a_session:6.1f}   {before.runs_a_session:6.1f}")
    print(f"minutes a month                  {now.minutes_a_month:6.0f}   {before.minutes_a_month:6.0f}")
    if not all(kept(share(now)) for _, share, kept, _ in LIMITS.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
