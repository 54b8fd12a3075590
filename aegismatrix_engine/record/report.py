"""The record's report as JSON and as a page of its own; nothing is computed here."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from aegismatrix_engine.record.freshness import Freshness
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.scoring import SignalScore
from aegismatrix_engine.record.skill import Skill
from aegismatrix_engine.record.witness import Findings

NOT_ENOUGH = "not enough yet"
HEADINGS = (
    "signal",
    "events (forecasts)",
    "came true",
    "Brier",
    "against climatology",
    "against VIX",
    "against prices",
)
NOT_ASKED = "Rows marked live were not confirmed; --published confirms them by the commits of the published branch."


@dataclass(frozen=True)
class Witness:
    """The published branch, and what its history confirms.

    Attributes:
        branch: remote and branch.
        commit: the commit it is at.
        commits: how many it has, by their first parents.
        rows: which of the rows that are marked live were held in time.
        freshness: of the document in the sessions of the last 30 days.
    """

    branch: str
    commit: str
    commits: int
    rows: Findings
    freshness: Freshness


def report_content(
    market: str,
    ledger: Ledger,
    live: Sequence[SignalScore],
    replay: Sequence[SignalScore],
    witness: Witness | None = None,
) -> dict[str, Any]:
    """Everything the report says, ready for JSON."""
    return {
        "market": market,
        "forecasts": len(ledger.forecasts),
        "resolved": len(ledger.resolutions),
        "faults": [str(fault) for fault in ledger.faults],
        "live": [{**asdict(score), "enough": score.enough} for score in live],
        "replay": [{**asdict(score), "enough": score.enough} for score in replay],
        "witness": {"asked": False} if witness is None else {"asked": True, **asdict(witness)},
    }


def witness_lines(content: dict[str, Any]) -> Iterator[str]:
    """What the branch confirms, a line each, for people."""
    asked = content["witness"]
    if not asked["asked"]:
        yield NOT_ASKED
        return
    claims, fresh = asked["rows"], asked["freshness"]
    yield (
        f"Witness: {asked['branch']} at {asked['commit'][:10]}, {asked['commits']:,} commits. Of {claims['claimed']:,} "
        f"rows marked live it held {claims['confirmed']:,} in time; the others count as replay."
    )
    for refusal in claims["refusals"]:
        seen = ", ".join(f"{count:,} {name}" for name, count in refusal["first_seen"].items())
        first_seen = f"; first seen: {seen}" if seen else ""
        span = f"of {refusal['first']} to {refusal['last']}"
        yield f"Not live, {refusal['rows']:,}: {refusal['reason']} ({span}{first_seen})"
    if fresh["share"] is None:
        yield f"Freshness: there was no session from {fresh['first']} to {fresh['last']}."
        return
    gap = "no gap"
    if fresh["longest_gap"]:
        gap = f"the longest gap {fresh['longest_gap']:,} session minutes from {fresh['gap_begin']}"
    yield (
        f"Freshness: it held a valid document for {fresh['share']:.1%} of {fresh['minutes']:,} session minutes "
        f"from {fresh['first']} to {fresh['last']}; {gap}."
    )


def report_json(content: dict[str, Any]) -> str:
    """As JSON text."""
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def score_table(scores: Sequence[SignalScore]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and lines of a table of scores; the column of prices is there only where some were known."""
    rows = table_rows(scores)
    if all(score.priced is None for score in scores):
        return HEADINGS[:-1], [row[:-1] for row in rows]
    return HEADINGS, rows


def table_rows(scores: Iterable[SignalScore]) -> list[tuple[str, ...]]:
    """A line for each signal, as text for a table; scores of fewer than 30 events are left out."""
    return [
        (
            f"{score.signal} {score.event}",
            f"{score.events:,} ({score.n:,})",
            *(
                (
                    _came_true(score),
                    f"{score.brier:.4f}",
                    skill_text(score.climatology),
                    skill_text(score.vix),
                    skill_text(score.priced),
                )
                if score.enough
                else (NOT_ENOUGH, "", "", "", "")
            ),
        )
        for score in scores
    ]


def _came_true(score: SignalScore) -> str:
    nominal = "" if score.nominal is None else f" of {score.nominal:.0%}"
    return f"{score.frequency:.1%}{nominal} [{score.interval[0]:.1%}, {score.interval[1]:.1%}]"


def skill_text(skill: Skill | None) -> str:
    """Skill with its interval, where it has one."""
    if skill is None:
        return "not known"
    if skill.low is None or skill.high is None:
        return f"{skill.skill:+.1%}"
    return f"{skill.skill:+.1%} [{skill.low:+.1%}, {skill.high:+.1%}]"


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1c2126; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid #d5dade; text-align: right; }
td { font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; }
@media (prefers-color-scheme: dark) { body { background: #14181c; color: #e4e8eb; } th, td { border-color: #39424a; } }
"""


def report_page(
    content: dict[str, Any], live: Sequence[SignalScore], replay: Sequence[SignalScore], made_at: str
) -> str:
    """As one HTML page without scripts or anything from elsewhere."""
    parts = [
        f"<h1>Record of {escape(content['market'])}</h1>",
        f"<p>{content['forecasts']:,} forecasts, {content['resolved']:,} decided; as of {escape(made_at)}.</p>",
        "<p>All forecasts of one event together weigh as one. Brackets hold 95 % intervals of shares and 90 % "
        "intervals of skill; below 30 events nothing is claimed.</p>",
        *(f"<p>{escape(line)}</p>" for line in witness_lines(content)),
        *(f"<p>Fault: {escape(fault)}</p>" for fault in content["faults"]),
        "<h2>Live</h2>",
        html_table(*score_table(live)) if live else "<p>No live forecast has been decided yet.</p>",
        *reliability_parts(live),
    ]
    if replay:
        parts += ["<h2>Replay</h2>", "<p>Made after the fact; never counted with the live ones.</p>"]
        parts.append(html_table(*score_table(replay)))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
    title = f"<title>Record of {escape(content['market'])}</title>"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}{title}</head><body>\n' + "\n".join(parts) + "\n</body></html>\n"
    )


def reliability_parts(scores: Sequence[SignalScore]) -> list[str]:
    """A heading and a table of reliability of every signal that has one."""
    headings = ("probability", "forecasts", "events", "mean probability", "happened", "95 % interval")
    parts = []
    for score in scores:
        if not score.enough or not score.reliability:
            continue
        rows = [
            (
                f"{one.low:.0%} to {one.high:.0%}",
                f"{one.n:,}",
                f"{one.events:.1f}",
                f"{one.mean_probability:.1%}",
                f"{one.frequency:.1%}",
                f"{one.interval[0]:.1%} to {one.interval[1]:.1%}",
            )
            for one in score.reliability
        ]
        parts += [f"<h3>Reliability: {escape(score.signal)}, {escape(score.event)}</h3>", html_table(headings, rows)]
    return parts


def html_table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table as HTML, which scrolls by itself where it is too wide."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
