"""How several markets of one command ended: errors as they come, and a table of all at the end."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.text import Text

from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.cli.tables import folding_table, rendered
from aegismatrix_engine.jobs.batch import MarketOutcome

MADE: Final = ("as of", "health")


def show_outcome(outcome: MarketOutcome) -> None:
    """Print the error and the warnings of a market as soon as it has ended, the market's id before each."""
    if outcome.error is not None:
        failed(outcome.error, outcome.market)
    print_warnings(*(f"{outcome.market}: {warning}" for warning in outcome.warnings))


def batch_table(outcomes: Iterable[MarketOutcome], headings: Sequence[str]) -> str:
    """A row for each market, how it ended and what is there of it now; below them why, in a line each."""
    ended = list(outcomes)
    table = folding_table(("market", "exit code", *headings), (_row(one, headings) for one in ended))
    return rendered([table, *(Text(f"{one.market}: {one.why}") for one in ended if one.why)])


def _row(outcome: MarketOutcome, headings: Sequence[str]) -> tuple[str | Text, ...]:
    code, facts = outcome.code, outcome.facts or {}
    ended = Text(f"{int(code)} {code.meaning}", style="bold red" if outcome.error is not None else "")
    return (outcome.market, ended, *(facts.get(heading, "") for heading in headings))


def print_json(outcomes: Iterable[tuple[MarketOutcome, Mapping[str, object]]]) -> None:
    """Print each outcome, with what the command says of it besides, as one list."""
    content = [_content(outcome) | dict(more) for outcome, more in outcomes]
    print_output(json.dumps(content, indent=1) + "\n")


def _content(outcome: MarketOutcome) -> dict[str, object]:
    facts = {name.replace(" ", "_"): value for name, value in (outcome.facts or {}).items()}
    return {"market": outcome.market, "exit_code": int(outcome.code), **facts, "why": outcome.why}
