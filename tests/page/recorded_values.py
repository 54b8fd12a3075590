"""What the numbers of the record should be, found by their paths in the files of the record.

The paths are those of `record:` marks: `forecast/KEY/COLUMN`, `resolution/KEY/COLUMN`, `count/NAME`, `failures/KIND`,
`change/SIGNAL/KEY`, and `SIGNAL/EVENT/FIELD` of a score, items of lists by index and parts by name.
"""

import csv
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from aegismatrix_engine.record.ledger import Ledger, read_ledger
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores

Cells = dict[str, str]
FAILED: dict[str, Callable[[SignalScore], bool]] = {
    "coverage": lambda one: one.nominal is not None and not one.interval[0] <= one.nominal <= one.interval[1],
    "climatology": lambda one: one.climatology is not None and (one.climatology.high or 0) < 0,
    "index": lambda one: one.vix is not None and (one.vix.high or 0) < 0,
    "judged": lambda _: True,
}
"""Kind of failure -> whether a score with 30 events shows it."""


class RecordedValues:
    """The record of one market in a folder, beside a document."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        self.folder, self.document, self.market = folder, document, str(document["market_id"])
        self._rows = cache(self._read_rows)

    def value(self, path: str) -> Any:
        """What stands behind a path of the record; None where nothing does."""
        kind, *rest = path.split("/")
        if kind in {"forecast", "resolution"}:
            return _number(self._rows(f"{kind}s").get(rest[0], {}).get(rest[1]))
        if kind == "count":
            return self._count(rest[0])
        if kind == "failures":
            return sum(one.enough and FAILED[rest[0]](one) for one in self._scores.values())
        if kind == "change":
            return abs(self._width_now(rest[1]) / self._width(rest[1]) - 1)
        score = self._scores.get((kind, rest[0]))
        return 0 if score is None and rest[1:] == ["events"] else _inside(score, rest[1:])

    @cached_property
    def _ledger(self) -> Ledger:
        return read_ledger(self.folder, self.market)

    @cached_property
    def _scores(self) -> dict[tuple[str, str], SignalScore]:
        return {(one.signal, one.event): one for one in scores(resolved_frame(self._ledger, "live"))}

    def _read_rows(self, kind: str) -> dict[str, Cells]:
        key = "key" if kind == "forecasts" else "forecast"
        files = (self.folder / self.market / kind).rglob("*.csv")
        rows = (row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        return {row[key]: row for row in rows}

    def _count(self, name: str) -> Any:
        forecasts, decided = self._ledger.forecasts, self._ledger.resolutions
        live = {key: row for key, row in forecasts.items() if row.standing == "live"}
        counted = {
            "live": len(live),
            "replays": len(forecasts) - len(live),
            "decided": len(live.keys() & decided.keys()),
            "faults": len(self._ledger.faults),
        }
        if name == "next_decision":
            return min(row.until for key, row in live.items() if key not in decided)
        return counted.get(name)

    def _width(self, key: str) -> float:
        row = self._rows("forecasts")[key]
        return float(row["upper"]) - float(row["lower"])

    def _width_now(self, key: str) -> float:
        until = self._rows("forecasts")[key]["until"]
        ranges = next(one["ranges"] for one in self.document["seller"]["expiries"] if one["expiry"] == until)
        close = next(one for one in ranges if (one["kind"], one["coverage"]) == ("close_at_expiry", 0.8))
        return float(close["upper"] - close["lower"])


def _inside(value: Any, names: list[str]) -> Any:
    for name in names:
        if value is None:
            return None
        if isinstance(value, tuple):
            named = [one for one in value if getattr(one, "name", None) == name]
            value = named[0] if named else value[int(name)]
        else:
            value = getattr(value, name)
    return value


def _number(cell: str | None) -> Any:
    try:
        return None if cell is None else float(cell)
    except ValueError:
        return cell
