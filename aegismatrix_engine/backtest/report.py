"""The report of a backtest: how many events there are, then what the forecasts of them were worth; nothing is read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Final

import pandas as pd

from aegismatrix_engine.backtest.block_files import BlockFiles
from aegismatrix_engine.backtest.comparison import Comparison, SignalReport, signal_reports
from aegismatrix_engine.backtest.quantile_scores import HorizonReport, Share, horizon_reports
from aegismatrix_engine.backtest.scored_forecasts import by_horizon, scored_frame
from aegismatrix_engine.record.report import HEADINGS, STYLE, html_table, reliability_parts, skill_text, table_rows

Row = tuple[str, ...]
Table = tuple[Row, list[Row]]

AGAINST: Final = {
    "climatology": "against climatology (t)",
    "vix": "against the index (t)",
    "priced": "against prices (t)",
    "garch": "against GARCH (t)",
}
"""Baseline -> the heading of its column."""
YEARLY: Final = "climatology"
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


@dataclass(frozen=True)
class BacktestReport:
    """What was found, and of how many forecasts.

    Attributes:
        market: its id.
        blocks: how many are done.
        first: date of the first origin.
        last: date of the last one.
        forecasts: rows of the table ``forecasts``.
        open: those that the bars do not decide.
        baselines: that were compared with.
        signals: a report of each.
        by_horizon: of signals whose horizon changes, the same apart by sessions to the end.
        quantiles: of the distributions of the close.
    """

    market: str
    blocks: int
    first: str
    last: str
    forecasts: int
    open: int
    baselines: tuple[str, ...]
    signals: list[SignalReport]
    by_horizon: list[SignalReport]
    quantiles: list[HorizonReport]

    def content(self) -> dict[str, Any]:
        """All of it, ready for JSON; the numbers of events come first."""
        events = [
            {"signal": one.score.signal, "event": one.score.event, "forecasts": one.score.n}
            | {"events": one.score.events, "independent": one.independent, "enough": one.score.enough}
            for one in self.signals
        ]
        whole = asdict(self)
        counts = {name: whole.pop(name) for name in ("market", "blocks", "first", "last", "forecasts", "open")}
        return counts | {"events": events} | whole


def backtest_report(
    blocks: Sequence[BlockFiles],
    forecasts: pd.DataFrame,
    quantiles: pd.DataFrame,
    oracle: pd.DataFrame,
    further: Sequence[str] = (),
) -> BacktestReport:
    """Score the tables of a backtest.

    Args:
        blocks: whose tables these are, one at least.
        forecasts: the table, with a column of probabilities for each further baseline.
        quantiles: the table; other models' distributions may be among them.
        oracle: the table.
        further: names of the further baselines.
    """
    frame = scored_frame(forecasts)
    known = [name for name in ("priced", *further) if frame[name].notna().any()]
    baselines = ("climatology", "vix", *known)
    return BacktestReport(
        market=blocks[0].market,
        blocks=len(blocks),
        first=blocks[0].first,
        last=blocks[-1].last,
        forecasts=len(forecasts),
        open=len(forecasts) - len(frame),
        baselines=baselines,
        signals=signal_reports(frame, baselines),
        by_horizon=[one for part in by_horizon(frame) for one in signal_reports(part, baselines)],
        quantiles=horizon_reports(quantiles, oracle),
    )


def heading(report: BacktestReport) -> str:
    """One line of what was scored."""
    return (
        f"Backtest of {report.market}, {report.first} to {report.last}, {report.blocks:,} refits: "
        f"{report.forecasts:,} forecasts, {report.forecasts - report.open:,} decided, {report.open:,} open"
    )


def events_table(report: BacktestReport) -> Table:
    """How many events there are of each signal, and how many of them do not overlap."""
    headings = ("signal", "sessions", "forecasts", "events", "not overlapping")
    rows: list[Row] = [
        (_name(one), _sessions(one), f"{one.score.n:,}", f"{one.score.events:,}", f"{one.independent:,}")
        for one in report.signals
    ]
    return headings, rows


def skill_table(report: BacktestReport, reports: Sequence[SignalReport]) -> Table:
    """Share that came true, Brier score, and skill against every baseline."""
    headings = (HEADINGS[0], "sessions", *HEADINGS[1:_SCORED], *(AGAINST[name] for name in report.baselines))
    scored = table_rows(one.score for one in reports)
    rows = [
        (row[0], _sessions(one), *row[1:_SCORED], *_against(one, report.baselines))
        for row, one in zip(scored, reports, strict=True)
    ]
    return headings, rows


def year_table(report: BacktestReport, baseline: str = YEARLY) -> Table:
    """Skill against one baseline by the year in which the forecasts were decided, of signals with enough events."""
    shown = [one for one in report.signals if one.score.enough]
    years = sorted({year.year for one in shown for year in one.by_year})
    rows = []
    for one in shown:
        skill = {year.year: year.skill.get(baseline) for year in one.by_year}
        rows.append((_name(one), *(_signed(skill.get(year)) for year in years)))
    return ("signal", *years), rows


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
    yield "Events", events_table(report)
    yield "Skill", skill_table(report, report.signals)
    if report.by_horizon:
        yield "Skill by sessions to the end", skill_table(report, report.by_horizon)
    yield f"Skill by year, against {YEARLY}", year_table(report)
    if report.quantiles:
        yield "Distributions of the close", coverage_table(report)
        yield "Share of closes at or below each quantile", pit_table(report)


def page(report: BacktestReport) -> str:
    """The report as one HTML page without scripts or anything from elsewhere."""
    title = f"Backtest of {escape(report.market)}"
    parts = [f"<h1>{title}</h1>", f"<p>{escape(heading(report))}.</p>"]
    parts += [part for name, table in tables(report) for part in (f"<h2>{escape(name)}</h2>", html_table(*table))]
    parts += [f"<p>{escape(note)}</p>" for note in NOTES]
    parts += reliability_parts([one.score for one in report.signals])
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{title}</title></head><body>\n{body}\n</body></html>\n'


def _name(one: SignalReport) -> str:
    return f"{one.score.signal} {one.score.event}"


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
