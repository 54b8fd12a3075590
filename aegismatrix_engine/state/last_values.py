"""The last value of every number that should move, and how long each has been unchanged.

``recent.json`` lies beside the document. It holds, for every number that should move, its last value and over how
many of its own periods it was unchanged while spot moved. A session is a period of a number that moves with every
session, a document's moment one of a number that moves with every document. A number that moves with every training
is not expected to move while the model set is the same: its period is a set trained on at least a week of later
sessions. Every field of the file is checked for type and range, or the file is set aside.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from aegismatrix_engine.document.fields import SATURATED, PublishedField, field_at, signal_numbers
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.block import Signal
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.state.json_file import Moment, printable, read_json
from aegismatrix_engine.state.plain_file import FileFault
from aegismatrix_engine.state.time_policy import dated_ahead

FROZEN_AFTER = 8
"""Periods without a move, while spot moved, after which a number counts as frozen."""

TRAINING_DAYS = 7
"""By how many days the last session that a set was trained on must be later than before, for its training to count. A
session or two more may leave a rate over thousands as it was published."""

LAST_VALUES_VERSION = 1

MOST_PERIODS = 10**6
"""More periods than a number can be unchanged: two thousand years of sessions."""


@dataclass(frozen=True)
class LastValue:
    """A number's last value, and over how many of its own periods it was unchanged while spot moved."""

    value: float
    periods: int = 0


@dataclass(frozen=True)
class LastValues:
    """What was published last: market, moment, primary expiry, spot, and every moving number by its path.

    Attributes:
        training_end: last session of the training that was counted last; empty where that is not known, as in files of
            engines before schema 2.2.0.
    """

    market_id: str
    as_of: str
    expiry: str
    spot: float
    numbers: Mapping[str, LastValue]
    training_end: str = ""

    def frozen(self) -> dict[str, LastValue]:
        """The numbers that were unchanged over at least 8 of their own periods, by path."""
        return {path: one for path, one in self.numbers.items() if one.periods >= FROZEN_AFTER}


@dataclass(frozen=True)
class FoundLastValues:
    """The content of a file of last values.

    Attributes:
        known: None where there is no file, or one that is set aside: counting then starts anew, which can only delay
            an alarm by 8 periods.
        fault: why it was set aside, with file, line and field; empty where it was not.
        dated_ahead: whether that was a date later than now.
    """

    known: LastValues | None
    fault: str = ""
    dated_ahead: bool = False


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Periods = Annotated[int, Field(strict=True, ge=0, le=MOST_PERIODS)]


class _LastValuesContent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: int
    market_id: Annotated[str, Field(min_length=1, max_length=40)]
    as_of: Moment
    expiry: Annotated[str, AfterValidator(_day)]
    training_end: Annotated[str, AfterValidator(_day)] | None = None
    spot: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
    numbers: dict[str, _Number | tuple[_Number, _Periods]]


def read_last_values(path: Path, now: pd.Timestamp) -> FoundLastValues:
    """The last values in a file, set aside where it is damaged or dated later than ``now``."""
    try:
        read = read_json(path, _LastValuesContent)
    except FileFault as fault:
        return FoundLastValues(None) if fault.kind == "missing" else _set_aside(path, fault.reason)
    if read.version != LAST_VALUES_VERSION:
        return _set_aside(path, f"version {read.version}: expected {LAST_VALUES_VERSION}")
    ahead = dated_ahead(now, {"as_of": datetime.fromisoformat(read.as_of)})
    if ahead is not None:
        return _set_aside(path, ahead, dated=True)
    numbers = {
        name: LastValue(*value) if isinstance(value, tuple) else LastValue(value)
        for name, value in read.numbers.items()
    }
    return FoundLastValues(
        LastValues(read.market_id, read.as_of, read.expiry, read.spot, numbers, read.training_end or "")
    )


def _set_aside(path: Path, reason: str, *, dated: bool = False) -> FoundLastValues:
    fault = f"the last values in {path.name} were set aside and start anew: {printable(reason)}"
    return FoundLastValues(None, fault, dated)


_MOVING: Final = frozenset(("document", "session", "expiry", "training"))


def updated(before: LastValues | None, document: Document) -> LastValues:
    """The last values after a document.

    No period counts within one moment, so that the same document twice changes nothing; a number that has changed, as
    after a training, starts anew. A document of an earlier moment, a replay of the past, leaves ``before`` as it is;
    one of another market starts anew.
    """
    known = before if before is not None and before.market_id == document.market_id else None
    if known is not None and document.as_of < known.as_of:
        return known
    excused = _may_be_unchanged(document)
    numbers = {}
    for path, value in signal_numbers(document):
        entry = field_at(path)
        if entry is not None and entry.updates in _MOVING:
            if known is None or path.startswith(excused):
                numbers[path] = LastValue(value)
            else:
                numbers[path] = _after(known, path, value, entry, document)
    counted = known is None or not known.training_end or _new_training(known, document)
    return LastValues(
        document.market_id,
        document.as_of,
        document.seller.safe_range.expiry,
        document.market.spot,
        numbers,
        document.provenance.training_end if counted or known is None else known.training_end,
    )


_BASE_RATES = ("score", "expected_payoff_ratio", "up_prob", "down_prob")
"""What a head without proven skill publishes of the past instead of a forecast."""


def _may_be_unchanged(document: Document) -> tuple[str, ...]:
    """Beginnings of paths of numbers that need not move: of a prior, a base rate, an index not known or not live."""
    signals = [(path, block) for path, block in walk(document) if isinstance(block, Signal)]
    found = [f"{path}." for path, block in signals if block.basis == "prior"]
    found += [f"{path}.{name}" for path, block in signals if block.basis == "base_rate" for name in _BASE_RATES]
    if document.seller.trap.basis_10 == "base_rate":
        found.append("seller.trap.score_10")
    if document.direction.risk.basis == "prior":
        found.append("direction.risk_score")
    if document.market.vix_basis == "estimator":
        found.append("market.vix_change")
    elif document.market.vix_as_of != document.as_of:
        found.append("market.vix")
    return tuple(found)


def _after(known: LastValues, path: str, value: float, entry: PublishedField, document: Document) -> LastValue:
    was = known.numbers.get(path)
    if was is None or value != was.value:
        return LastValue(value)
    saturated = entry.saturates and not SATURATED < value < 1 - SATURATED
    counts = _new_period(known, entry, document) and document.market.spot != known.spot and not saturated
    return LastValue(value, was.periods + counts)


def _new_period(known: LastValues, entry: PublishedField, document: Document) -> bool:
    """Whether a period of the number's own has begun since the last document."""
    if document.as_of == known.as_of:
        return False
    if entry.updates == "session":
        return document.as_of[:10] != known.as_of[:10]
    if entry.updates == "training":
        return _new_training(known, document)
    return entry.updates == "document" or document.seller.safe_range.expiry != known.expiry


def _new_training(known: LastValues, document: Document) -> bool:
    """Whether the models of a later moment have seen at least a week of sessions since the last training counted."""
    if document.as_of == known.as_of or not known.training_end:
        return False
    begins = date.fromisoformat(known.training_end) + timedelta(days=TRAINING_DAYS)
    return date.fromisoformat(document.provenance.training_end) >= begins


def render(last_values: LastValues) -> str:
    """As JSON, one number a line, so that git shows what moved: its value, or [value, periods] of an unchanged one."""
    lines = [
        f" {json.dumps(path)}: {json.dumps([one.value, one.periods] if one.periods else one.value)}"
        for path, one in sorted(last_values.numbers.items())
    ]
    head = {
        "version": LAST_VALUES_VERSION,
        "market_id": last_values.market_id,
        "as_of": last_values.as_of,
        "expiry": last_values.expiry,
        "spot": last_values.spot,
        **({"training_end": last_values.training_end} if last_values.training_end else {}),
    }
    return json.dumps(head)[:-1] + ', "numbers": {\n' + ",\n".join(lines) + "\n}}\n"
