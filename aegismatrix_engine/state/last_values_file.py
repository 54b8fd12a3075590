"""Reading ``known.json``, the last published values: every field typed and in its range, or the file is set aside."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from aegismatrix_engine.state.first_fault import Moment, first_fault, plain_line
from aegismatrix_engine.state.last_values import LAST_VALUES_VERSION, LastValue, LastValues
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.time_policy import dated_ahead

MOST_PERIODS = 10**6
"""Periods that no number has stood still over: two thousand years of sessions."""


@dataclass(frozen=True)
class FoundLastValues:
    """What a file of last values holds.

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
    spot: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
    numbers: dict[str, _Number | tuple[_Number, _Periods]]


_READER = TypeAdapter(_LastValuesContent)


def read_last_values(path: Path, now: pd.Timestamp) -> FoundLastValues:
    """The last values in a file, as far as they can be believed at ``now``."""
    try:
        content = read_plain_file(path, DOCUMENT_LIMIT)
    except FileFault as fault:
        return FoundLastValues(None) if fault.kind == "missing" else _set_aside(path, fault.reason)
    try:
        read = _READER.validate_json(content)
    except (ValidationError, ValueError, RecursionError) as error:
        return _set_aside(path, first_fault(content, error))
    if read.version != LAST_VALUES_VERSION:
        return _set_aside(path, f"version {read.version}: expected {LAST_VALUES_VERSION}")
    ahead = dated_ahead(now, {"as_of": datetime.fromisoformat(read.as_of)})
    if ahead is not None:
        return _set_aside(path, ahead, dated=True)
    numbers = {name: _last_value(value) for name, value in read.numbers.items()}
    return FoundLastValues(LastValues(read.market_id, read.as_of, read.expiry, read.spot, numbers))


def _set_aside(path: Path, reason: str, *, dated: bool = False) -> FoundLastValues:
    return FoundLastValues(
        None, f"the last values in {path.name} were set aside and start anew: {plain_line(reason)}", dated
    )


def _last_value(value: float | tuple[float, int]) -> LastValue:
    return LastValue(*value) if isinstance(value, tuple) else LastValue(value)
