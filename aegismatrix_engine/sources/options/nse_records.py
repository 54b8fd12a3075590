"""Where the rows of NSE's option chain are in a JSON file, and the legs in them as they stand."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.state.plain_file import MEBI

LARGEST_JSON: Final = 8 * MEBI
"""Bytes; a chain of every expiry has under one MiB. In memory JSON takes many times its size."""

DEEPEST_WRAPPING: Final = 4
SIDES: Final = (("PE", False), ("CE", True))


@dataclass(frozen=True)
class JsonLegs:
    """The sides of rows as they stand in a file; lists of one length.

    Attributes:
        rows: the row of each leg.
        legs: the legs themselves.
        is_call: False for puts.
    """

    rows: list[dict[str, Any]]
    legs: list[dict[str, Any]]
    is_call: list[bool]

    def __len__(self) -> int:
        return len(self.legs)

    def values(self, key: str, otherwise: object) -> list[Any]:
        """What each leg has under a key, and something else where it has not."""
        return [leg.get(key, otherwise) for leg in self.legs]

    def values_of_rows(self, key: str, otherwise: object) -> list[Any]:
        """The same of the rows that the legs are in."""
        return [row.get(key, otherwise) for row in self.rows]


def chain_records(file: OptionFile) -> dict[str, Any]:
    """The one object of a file that has the rows of a chain in ``data``, inside whatever a collector put around it.

    Raises:
        DataError: not JSON, no chain, several.
    """
    if len(file.text) > LARGEST_JSON:
        raise DataError(f"{file.name} has more than {LARGEST_JSON // MEBI} MiB of JSON: expected one option chain")
    try:
        found = json.loads(file.text)
    except RecursionError:
        raise DataError(f"{file.name}: JSON nested too deeply for an option chain; fetch it again") from None
    except ValueError as error:
        raise DataError(f"{file.name} is not JSON ({error}), perhaps cut off; fetch the chain again") from None
    chains = list(_chains(found, DEEPEST_WRAPPING))
    if len(chains) == 1:
        return chains[0]
    if chains:
        raise DataError(f"{file.name} holds {len(chains)} option chains; write each to a file of its own")
    what = "is empty JSON, which NSE answers when it refuses" if found in ({}, []) else "holds no option chain"
    raise DataError(f"{file.name} {what}: expected `records` with `timestamp` and `data`; fetch the chain again")


def _chains(found: object, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        rows = found.get("data")
        if isinstance(rows, list) and any(map(_has_sides, rows)) and not {"timestamp", "expiryDates"}.isdisjoint(found):
            yield found
            return
        inside: Sequence[object] = list(found.values())
    elif isinstance(found, list):
        inside = found
    else:
        return
    if depth:
        for one in inside:
            yield from _chains(one, depth - 1)


def _has_sides(row: object) -> bool:
    return isinstance(row, dict) and ("CE" in row or "PE" in row)


def json_legs(name: str, rows: list[Any]) -> JsonLegs:
    """The legs of the rows of a chain, of each row the put first; DataError for rows without any, or that are none."""
    wrong = [at for at, row in enumerate(rows) if not isinstance(row, dict)]
    if wrong:
        kind = type(rows[wrong[0]]).__name__
        raise DataError(f"{name}, row {wrong[0] + 1} of `data` is not an object but {kind}; fetch the chain again")
    found = JsonLegs([], [], [])
    for at, row in enumerate(rows):
        for side, is_call in SIDES:
            leg = row.get(side)
            if isinstance(leg, dict):
                found.rows.append(row)
                found.legs.append(leg)
                found.is_call.append(is_call)
            elif leg is not None:
                kind = type(leg).__name__
                raise DataError(f"{name}, row {at + 1} of `data`: {side} is not an object but {kind}; fetch it again")
    if not found:
        raise DataError(f"{name} has an option chain without a single CE or PE; fetch it again in market hours")
    return found
