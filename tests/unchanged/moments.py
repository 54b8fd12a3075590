"""The model sets that are trained, and the moments of which a document is made."""

from dataclasses import dataclass

ZONE = "+05:30"
LATER = "2027-01-04T18:00+05:30"
"""When the past is looked back upon: the last day but a few on which the sets are young enough."""


@dataclass(frozen=True)
class Trained:
    """A model set: of which csv folder it is trained (``sample`` for the sample source), and up to when."""

    data: str
    as_of: str


@dataclass(frozen=True)
class Moment:
    """A document to be made.

    now: what the clock says. options: more of the command's. data, models: which folder and which set. machine: whether
    it is the machine's own clock, which makes a live document, rather than AEGIS_NOW.
    """

    now: str
    options: tuple[str, ...] = ()
    data: str = "whole"
    models: str = "whole"
    machine: bool = False


TRAINED_AT = "2026-10-01T18:00+05:30"
SETS = {
    "whole": Trained("whole", "2026-06-30"),
    "daily": Trained("daily", "2026-06-30"),
    "alone": Trained("alone", "2026-06-30"),
    "short": Trained("short", "2026-06-30"),
    "sp500": Trained("sample", "2018-06-29"),
}


def close(day: str, data: str = "whole", models: str = "whole", *more: str) -> Moment:
    """Looked back upon: the official close of a session."""
    return Moment(LATER, ("--as-of", day, *more), data, models)


def at(instant: str, data: str = "whole", models: str = "whole", *more: str) -> Moment:
    """Looked back upon: an instant."""
    return Moment(LATER, ("--as-of", f"{instant}{ZONE}", *more), data, models)


def now(instant: str, data: str = "whole", models: str = "whole", *more: str) -> Moment:
    """Made when it is the time, by a clock that was set."""
    return Moment(f"{instant}{ZONE}", more, data, models)


def live(instant: str, data: str = "whole", models: str = "whole", *more: str) -> Moment:
    """Made when it is the time, by the machine's own clock."""
    return Moment(f"{instant}{ZONE}", more, data, models, machine=True)


ANYWAY = "--allow-degraded"
MOMENTS: dict[str, Moment] = {
    "close, ordinary": close("2026-07-08"),
    "close, weekly expiry": close("2026-07-14"),
    "close, day before the monthly expiry": close("2026-07-27"),
    "close, monthly expiry": close("2026-07-28"),
    "close, day after the monthly expiry": close("2026-07-29"),
    "close, first of the auction": close("2026-08-03"),
    "close, before a holiday": close("2026-09-11"),
    "close, expiry moved before a holiday": close("2026-10-19"),
    "close, before Muhurat": close("2026-11-06"),
    "close, Muhurat": close("2026-11-08"),
    "close, after Muhurat": close("2026-11-09"),
    "close, before Christmas": close("2026-12-24"),
    "close, provisional calendar": close("2026-12-31"),
    "close, in sample": close("2026-06-10"),
    "close, in sample, budget Sunday": close("2026-02-01"),
    "close, in sample, last of the Thursdays": close("2025-08-28"),
    "close, in sample, before the bars": close("2023-06-15"),
    "close, set clock": now("2026-10-08T16:30"),
    "close, live": live("2026-10-08T16:30"),
    "close, live, daily rows": live("2026-10-08T16:30", "daily", "daily"),
    "close, provisional, no row yet": now("2026-10-06T16:30", "no rows since"),
    "close, provisional, row contradicted": close("2026-10-07", "contradicted row"),
    "close, sp500": Moment(LATER, ("--as-of", "2018-11-21"), "sample", "sp500"),
    "close, sp500, in sample": Moment(LATER, ("--as-of", "2016-06-17"), "sample", "sp500"),
    "close, short history": close("2026-10-08", "short", "short"),
    "close, index alone a month old": close("2026-10-08", "young index"),
    "night, evening": at("2026-10-08T23:00"),
    "night, after the US close": at("2026-10-09T03:30"),
    "night, after the US close in winter": at("2026-12-11T03:00"),
    "night, before the open": at("2026-10-09T08:50"),
    "night, before the open, live": live("2026-10-09T08:55"),
    "night, before the open, no US index": at("2026-10-09T08:50", "no us"),
    "night, before the open, no model of it": at("2026-10-09T08:50", "whole", "no night", ANYWAY),
    "night, weekend": at("2026-10-11T12:00"),
    "night, holiday": at("2026-10-02T11:00"),
    "session, before its first bar": at("2026-10-08T09:20"),
    "session, first bar": at("2026-10-08T09:31"),
    "session, middle": at("2026-10-08T12:02"),
    "session, middle, live": live("2026-10-08T12:02"),
    "session, last bar but one": at("2026-10-08T15:01"),
    "session, auction": at("2026-10-08T15:20"),
    "session, by the date, before its close": now("2026-10-08T14:02"),
    "session, before the auction came": at("2026-07-15T15:20"),
    "session, expiry": at("2026-10-13T13:00"),
    "session, in sample, budget Sunday": at("2026-02-01T12:02"),
    "session, Muhurat": at("2026-11-08T18:50"),
    "session, bars missing": at("2026-10-08T12:02", "missing bars"),
    "session, wild index": at("2026-10-08T12:02", "wild index"),
    "session, index leaps and returns": at("2026-10-08T12:02", "index leaps and returns"),
    "session, index not live": at("2026-10-08T12:02", "no index of bars"),
    "session, set without sessions": at("2026-10-08T12:02", "whole", "daily"),
    "session, halted": now("2026-10-08T12:30", "halted"),
    "no index, close": close("2026-10-08", "no index"),
    "no index, close, set without it": close("2026-10-08", "alone", "alone"),
    "no index, session": at("2026-10-08T12:02", "no index"),
    "no index, session, of bars alone": at("2026-10-08T12:02", "index of bars"),
    "no index, close before": close("2026-10-08", "index gap"),
    "stale index, one session": now("2026-10-07T18:00", "stale index"),
    "stale index, five sessions": now("2026-10-13T18:00", "stale index"),
    "stale index, five sessions allowed": now("2026-10-13T18:00", "stale index", "whole", "--max-vix-age", "5"),
    "degraded, no trap": close("2026-10-08", "whole", "no trap", ANYWAY),
    "degraded, no session": at("2026-10-08T12:02", "whole", "no session", ANYWAY),
    "degraded, corrupt distribution": close("2026-10-08", "whole", "bad distribution", ANYWAY),
    "degraded, corrupt distribution, session": at("2026-10-08T12:02", "whole", "bad distribution", ANYWAY),
    "degraded, corrupt breach": close("2026-10-08", "whole", "bad breach", ANYWAY),
    "degraded, corrupt breakout and gamma": close("2026-10-08", "whole", "bad breakout and gamma", ANYWAY),
    "degraded, expired": close("2026-10-08", "whole", "expired", ANYWAY),
    "degraded, no models": close("2026-10-08", "whole", "none", ANYWAY),
    "degraded, no models, session, no index": at("2026-10-08T12:02", "no index", "none", ANYWAY),
    "degraded, retrained": now("2026-10-08T18:00", "daily", "retrained", "--retrain-if-unhealthy"),
    "degraded, row rebuilt": at("2026-10-08T12:02", "rebuilt row"),
    "degraded, row contradicted": close("2026-10-08", "contradicted row"),
    "degraded, no row of the session before": at("2026-10-08T12:02", "no row"),
    "degraded, rows ended two sessions ago": now("2026-10-08T12:02", "no rows since"),
}
"""By name, in no order: each is made in a folder of its own."""

RECORDED = (
    now("2026-10-08T12:02"),
    now("2026-10-08T18:00"),
    now("2026-10-09T08:50"),
    live("2026-10-09T10:02"),
    live("2026-10-09T16:30"),
    now("2026-10-12T18:00"),
    now("2026-10-13T18:00", "no index"),
    live("2026-10-14T12:02", "whole", "bad distribution", ANYWAY),
    now("2026-10-28T18:00"),
)
"""One after the other, with a record."""

RESOLVED_AT = "2026-10-28T19:00+05:30"
AFTER_RESOLVING = now("2026-10-28T20:00")
