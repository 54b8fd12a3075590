"""The report of a backtest as tables and as a page; nothing is computed here."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from aegismatrix_engine.backtest.comparison import Comparison, SignalReport
from aegismatrix_engine.backtest.quantile_scores import Share
from aegismatrix_engine.backtest.report import BASELINES, BacktestReport, TimeReport
from aegismatrix_engine.record.report import HEADINGS, STYLE, html_table, reliability_parts, skill_text, table_rows
from aegismatrix_engine.scores import MINIMUM_EVENTS

Row = tuple[str, ...]
Table = tuple[Row, list[Row]]

AGAINST: Final = {
    "climatology": "against climatology (t)",
    "vix": "against VIX (t)",
    "priced": "against prices (t)",
    "garch": "against GARCH (t)",
}
"""Baseline -> the heading of its column."""
YEARLY: Final = "climatology"
YEARS_SHOWN: Final = 8
PIT_SHOWN: Final = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95)
_SCORED: Final = 4
"""Columns that this report shares with the record's: all before the comparisons."""

NOTES: Final = (
    "All forecasts of one event together weigh as one. Events that overlap share their outcome: skill has a 90 % "
    "interval by blocks of events, t allows for autocorrelation (Newey and West), and 95 % intervals of shares count "
    "only the events that do not overlap.",
    "Skill is 1 - Brier score / the baseline's: above 0 the forecasts were better. A t above 2 or below -2 is rarely "
    "chance in one signal; among many signals a few are.",
)
INSIDE_NOTE: Final = (
    "Forecasts from different times of day are of the same events: each time is scored by itself, and times are never "
    "added up."
)


def notes(reports: Iterable[BacktestReport]) -> tuple[str, ...]:
    """What the tables of reports mean, in sentences."""
    return (*NOTES, INSIDE_NOTE) if any(report.by_time for report in reports) else NOTES


def heading(report: BacktestReport) -> str:
    """What was scored, and how often a GJR-GARCH was fitted beside it."""
    refits = f"{report.blocks:,} refit{'s' if report.blocks > 1 else ''}"
    line = (
        f"Backtest of {report.market}, {report.first} to {report.last}, {refits}: {report.forecasts:,} forecasts, "
        f"{report.forecasts - report.open:,} decided, {report.open:,} open"
    )
    if report.inside:
        line += f"; {report.inside:,} of them from inside sessions, in tables of their own"
    if not report.garch.done:
        return line
    return f"{line}; GJR-GARCH fitted {report.garch.done:,} times, {report.garch.unconverged:,} without converging"


def events_table(reports: Sequence[SignalReport]) -> Table:
    """How many events there are of each signal, and how many of them do not overlap."""
    headings = ("signal", "sessions", "forecasts", "events", "not overlapping")
    rows: list[Row] = [
        (one.name, _sessions(one), f"{one.score.n:,}", f"{one.score.events:,}", f"{one.independent:,}")
        for one in reports
    ]
    return headings, rows


def skill_table(baselines: Sequence[str], reports: Sequence[SignalReport]) -> Table:
    """Share that came true, Brier score, and skill against every baseline."""
    headings = (HEADINGS[0], "sessions", *HEADINGS[2:_SCORED], *(AGAINST[name] for name in baselines))
    scored = table_rows(one.score for one in reports)
    rows = [
        (row[0], _sessions(one), *row[2:_SCORED], *_against(one, baselines))
        for row, one in zip(scored, reports, strict=True)
    ]
    return headings, rows


def with_times(table: Table, reports: Sequence[TimeReport]) -> Table:
    """A table of the same reports with their times of day behind the signals."""
    headings, rows = table
    timed = [(row[0], one.time, *row[1:]) for row, one in zip(rows, reports, strict=True)]
    return (headings[0], "at", *headings[1:]), timed


def year_tables(report: BacktestReport, baseline: str = YEARLY) -> Iterator[tuple[str, Table]]:
    """Skill against one baseline by year of the outcome, eight years a table, where a signal has 30 events in one."""
    found = {
        one.name: {year.name: year.skill.get(baseline) for year in one.by_year if year.events >= MINIMUM_EVENTS}
        for one in report.signals
    }
    years = sorted({year for skill in found.values() for year in skill})
    for at in range(0, len(years), YEARS_SHOWN):
        shown = years[at : at + YEARS_SHOWN]
        rows = [
            (name, *(_signed(skill.get(year)) for year in shown))
            for name, skill in found.items()
            if skill.keys() & shown
        ]
        yield f"Skill by year, against {baseline}", (("signal", *shown), rows)


def basis_table(report: BacktestReport) -> Table:
    """Skill by what made the forecasts, of signals that several bases made, where one has 30 events."""
    rows = [
        (one.name, part.name, f"{part.events:,}", *(_signed(part.skill.get(name)) for name in report.baselines))
        for one in report.signals
        if len(one.by_basis) > 1
        for part in one.by_basis
        if part.events >= MINIMUM_EVENTS
    ]
    return ("signal", "basis", "events", *(AGAINST[name].removesuffix(" (t)") for name in report.baselines)), rows


def coverage_table(report: BacktestReport) -> Table:
    """Of each horizon's distributions: how often the central ranges held, and CRPS."""
    models = sorted({name for one in report.quantiles for name in one.against})
    meant = sorted({share.meant for one in report.quantiles for share in one.coverage if share.meant >= 0.5})
    headings = ("sessions", "forecasts", "not overlapping", *(f"{level:.0%} range held" for level in meant), "CRPS")
    rows = []
    for one in report.quantiles:
        found = {share.meant: _share(share) for share in one.coverage}
        against = (one.against.get(name) for name in models)
        compared = ("" if it is None else f"{it.skill:+.1%}{_t(it.t)}" for it in against)
        held = (found.get(level, "") for level in meant)
        rows.append((str(one.horizon), f"{one.n:,}", f"{one.independent:,}", *held, f"{one.crps:.3%}", *compared))
    return (*headings, *(f"CRPS against {name} (t)" for name in models)), rows


def pit_table(report: BacktestReport) -> Table:
    """Of each horizon the share of closes at or below some quantiles; a good one is near the quantile's level."""
    rows = []
    for one in report.quantiles:
        found = {round(share.meant, 6): share for share in one.pit}
        rows.append((str(one.horizon), *(_share(found[at]) if at in found else "" for at in PIT_SHOWN)))
    return ("sessions", *(f"{level:.0%}" for level in PIT_SHOWN)), rows


def tables(report: BacktestReport) -> Iterator[tuple[str, Table]]:
    """Every table with its title, the numbers of events first; those without rows are left out."""
    inside = [one.report for one in report.by_time]
    yield "Events", events_table(report.signals)
    if report.by_horizon:
        yield "Events by sessions to the end", events_table(report.by_horizon)
    if report.by_time:
        yield "Events, forecast inside sessions", with_times(events_table(inside), report.by_time)
    yield "Skill", skill_table(report.baselines, report.signals)
    if report.by_horizon:
        yield "Skill by sessions to the end", skill_table(report.baselines, report.by_horizon)
    if report.by_time:
        yield "Skill inside sessions, by time of day", with_times(skill_table(BASELINES, inside), report.by_time)
    by_basis = basis_table(report)
    if by_basis[1]:
        yield "Skill by basis", by_basis
    yield from year_tables(report)
    if report.quantiles:
        yield "Distributions of the close", coverage_table(report)
        yield "Share of closes at or below each quantile", pit_table(report)


def page(reports: Sequence[BacktestReport]) -> str:
    """Reports, of a market each, as one HTML page without scripts or anything from elsewhere."""
    title = f"Backtest of {escape(', '.join(report.market for report in reports))}"
    parts = [part for report in reports for part in _page_parts(report)]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{title}</title></head><body>\n{body}\n</body></html>\n'


def _page_parts(report: BacktestReport) -> list[str]:
    parts = [f"<h1>Backtest of {escape(report.market)}</h1>", f"<p>{escape(heading(report))}.</p>"]
    parts += [part for name, table in tables(report) for part in (f"<h2>{escape(name)}</h2>", html_table(*table))]
    parts += [f"<p>{escape(note)}</p>" for note in notes([report])]
    return parts + reliability_parts([one.score for one in report.signals])


def _sessions(one: SignalReport) -> str:
    low, high = one.sessions
    return str(low) if low == high else f"{low} to {high}"


def _against(one: SignalReport, baselines: Iterable[str]) -> Iterator[str]:
    for name in baselines:
        yield _compared(one.against.get(name)) if one.score.enough else ""


def _compared(one: Comparison | None) -> str:
    return "not known" if one is None else f"{skill_text(one.skill)}{_t(one.t)}"


def _t(t: float | None) -> str:
    return "" if t is None else f" ({t:+.1f})"


def _signed(skill: float | None) -> str:
    return "" if skill is None else f"{skill:+.0%}"


def _share(share: Share) -> str:
    return f"{share.found:.1%} [{share.interval[0]:.1%}, {share.interval[1]:.1%}]"
