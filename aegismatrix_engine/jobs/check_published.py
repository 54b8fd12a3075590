"""Whether the document that readers get is whole, and no older than it allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.errors import DataError, SourceBusy, SourceUnavailable
from aegismatrix_engine.jobs.chosen_market import chosen_market, own_ids
from aegismatrix_engine.markets import VALIDITY, Market, known_markets, longest_closure, night_missing
from aegismatrix_engine.network.retries import repeated
from aegismatrix_engine.network.web import ask
from aegismatrix_engine.state.lateness import span
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.published_state import PublishedState, published_state
from aegismatrix_engine.state.time_policy import dated_ahead

REMEDY = "check the clock of the machine that made it; the next `aegis run` replaces it"


@dataclass(frozen=True)
class Verdict:
    """The state of a published document.

    Attributes:
        late: whether it is older than it allows, or was withdrawn.
        line: its state, and what to do, in one line.
        state: what must differ for another comment in the issue about it; empty where it is in time.
        generated_at: when it was made; None of a document of another major version.
    """

    late: bool
    line: str
    state: str
    generated_at: str | None


def check_published(
    place: str | Path,
    max_age: timedelta,
    now: pd.Timestamp,
    calendar: Path | None,
    markets_dir: Path | None = None,
) -> Verdict:
    """Judge a published document by its own validity, the exchange's closures and the morning's first document.

    Args:
        place: its address, or its file.
        max_age: how far beyond its own valid_until it may be.
        now: what the clock says, with a zone.
        calendar: the operator's own calendar; None for calendar.toml in the working directory, if it is there.
        markets_dir: folder of entries of markets that do not ship with the engine.

    Raises:
        DataError: it is not a valid document, or its dates are impossible.
        SourceUnavailable: it is not there.
        SourceBusy: it cannot be reached; the same call may succeed later.
    """
    found = _published(place)
    market_id, known = found.market_id, (*known_markets(), *own_ids(markets_dir))
    market = chosen_market(market_id, calendar, markets_dir) if market_id in known else None
    _refuse_impossible_dates(found, now, market)
    return _judged(found, now, max_age, market)


def _published(place: str | Path) -> PublishedState:
    if isinstance(place, str):
        answer = repeated(lambda: ask(place), SourceBusy)
        if answer.status != 200:
            raise SourceUnavailable(
                f"there is no document at --url (status {answer.status}); publish one, or check the address"
            )
        return published_state(answer.body, "the document at --url")
    try:
        return published_state(read_plain_file(place, DOCUMENT_LIMIT, follow_links=True), str(place))
    except FileFault as fault:
        raise SourceUnavailable(f"{place} {fault.reason}; publish one, or name another") from fault


def _refuse_impossible_dates(found: PublishedState, now: pd.Timestamp, market: Market | None) -> None:
    """Raise DataError for a document that is dated later than now, or claims to hold longer than any closure lasts."""
    moments = {"as_of": found.as_of, "generated_at": found.generated_at}
    ahead = dated_ahead(now, {name: datetime.fromisoformat(text) for name, text in moments.items() if text is not None})
    if ahead is not None:
        raise DataError(f"the published document has an impossible date: {ahead}; {REMEDY}")
    if market is None:
        return
    longest = longest_closure(market) + VALIDITY
    if pd.Timestamp(found.valid_until) - pd.Timestamp(found.as_of) > longest:
        raise DataError(
            f"the published document has an impossible date: valid_until {found.valid_until} is further from as_of "
            f"{found.as_of} than the longest closure of the calendar, {span(longest)}; {REMEDY}"
        )


def _judged(found: PublishedState, now: pd.Timestamp, max_age: timedelta, market: Market | None) -> Verdict:
    late = now - pd.Timestamp(found.valid_until)
    state = f"as of {found.as_of}, health {found.health}, valid until {found.valid_until}"
    if found.other_version:
        state += (
            f"; its schema_version is {found.other_version} and this engine's {SCHEMA_VERSION}, so that only its age "
            "was checked; the next `aegis run` publishes one of this version"
        )
    see = "see the runs of the workflow that publishes it"
    if found.withdrawn:
        line = f"withdrawn at {found.valid_until}: {found.withdrawn}; a document later than {found.as_of} replaces it"
        return Verdict(True, line, f"withdrawn {found.valid_until}", found.generated_at)
    if late > max_age:
        line = f"too old by {span(late)}: {state}; {see}"
        return Verdict(True, line, pd.Timestamp(found.as_of).isoformat(), found.generated_at)
    generated_at = None if found.generated_at is None else pd.Timestamp(found.generated_at)
    if market is not None and generated_at is not None and night_missing(market, now, generated_at):
        line = f"too old: the document of the night is missing, this one was made at {found.generated_at}, {state}"
        return Verdict(True, f"{line}; {see}", f"night {now.date()}", found.generated_at)
    return Verdict(False, f"in time: {state}", "", found.generated_at)
