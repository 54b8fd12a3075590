"""Several markets of one command: errors as they come, and a table of all at the end."""

import json
from collections.abc import Iterable, Sequence

from rich.text import Text

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.cli.terminal import folding_table, progress_bar, rendered
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.batch import MarketOutcome, batch_code
from aegismatrix_engine.jobs.check_batch import check_batch
from aegismatrix_engine.jobs.infer_batch import infer_batch
from aegismatrix_engine.jobs.settings import BarsSettings, CheckSettings, InferSettings, TrainSettings
from aegismatrix_engine.jobs.train_batch import train_batch

MADE = ("as of", "health")
TRAINED = ("set", "trained on", "models")
CHECKED = ("set", "days old", "models")


def inferred(
    bars: BarsSettings,
    markets: Sequence[str],
    settings: InferSettings,
    *,
    if_due: bool,
    as_json: bool,
    quiet: bool,
) -> ExitCode:
    """``aegis infer`` for several markets."""
    outcomes = infer_batch(bars, markets, settings, current_moment(), show_outcome, if_due=if_due)
    if as_json:
        _print_json([_content(one) for one in outcomes])
    elif not quiet:
        print_output(batch_table(outcomes, MADE))
    return batch_code(outcomes)


def trained(settings: TrainSettings, markets: Sequence[str], *, jobs: int, quiet: bool) -> ExitCode:
    """``aegis train`` for several markets."""
    bar = progress_bar(shown=not quiet)
    outcomes = train_batch(settings, markets, current_moment(), show_outcome, progress=bar, jobs=jobs)
    if not quiet:
        print_output(batch_table(outcomes, TRAINED))
    return batch_code(outcomes)


def checked(settings: CheckSettings, markets: Sequence[str], *, as_json: bool, quiet: bool) -> ExitCode:
    """``aegis check-models`` for several markets."""
    found = check_batch(settings, markets, current_moment(), show_outcome)
    outcomes = [outcome for outcome, _ in found]
    if as_json:
        _print_json([_content(outcome) | ({} if check is None else check.content()) for outcome, check in found])
    elif not quiet:
        print_output(batch_table(outcomes, CHECKED))
    return batch_code(outcomes)


def show_outcome(outcome: MarketOutcome) -> None:
    """Print the error and the warnings of a market as soon as it has ended, the market's id before each."""
    if outcome.error is not None:
        failed(outcome.error, outcome.market)
    print_warnings(*(f"{outcome.market}: {warning}" for warning in outcome.warnings))


def batch_table(outcomes: Iterable[MarketOutcome], headings: Sequence[str]) -> str:
    """A row for each market: how it ended, what is there of it now, and why."""
    rows = (_row(one, headings) for one in outcomes)
    return rendered([folding_table(("market", "exit code", *headings, "why"), rows)])


def _row(outcome: MarketOutcome, headings: Sequence[str]) -> tuple[str | Text, ...]:
    code, facts = outcome.code, outcome.facts or {}
    ended = Text(f"{int(code)} {code.meaning}", style="bold red" if outcome.error is not None else "")
    return (outcome.market, ended, *(facts.get(heading, "") for heading in headings), Text(outcome.why))


def _content(outcome: MarketOutcome) -> dict[str, object]:
    facts = {name.replace(" ", "_"): value for name, value in (outcome.facts or {}).items()}
    return {"market": outcome.market, "exit_code": int(outcome.code), **facts, "why": outcome.why}


def _print_json(content: object) -> None:
    print_output(json.dumps(content, indent=1) + "\n")
