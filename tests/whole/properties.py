"""What must hold of two runs in a row on whatever a former run left."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from jobs import Ended
from trees import DOCUMENT, RECORD, Tree

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.record.ledger import Ledger, ledger_of
from aegismatrix_engine.record.ledger_files import ledger_file
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow

DONE, DEGRADED, CUT = ENDS = 0, 10, 11
"""How a run may end that publishes: the last where the record is shorter than the run before left it."""
REFUSALS = {2: "usage", 65: "data unusable", 73: "output cannot be written", 78: "models missing"}
"""What a person's step may be wanted for."""
PASSING = {69: "source unavailable", 75: "try again later"}
"""What a run may end with where the source was down."""


def wrong(good: Tree, before: Tree, ends: list[tuple[Ended, Tree]], *, down: bool, known: bool) -> list[str]:
    """What may not be, in words; empty where all is well.

    Args:
        good: the tree before the mutation.
        before: the tree after it.
        ends: both runs, with the tree each left.
        down: whether the source lacked a series in the first run.
        known: whether the store has what a former run knew of the record.
    """
    (first, after_first), (second, after_second) = ends
    shorter = known and cut(good, before)
    found = [
        *ended_badly(first, PASSING if down else {}),
        *ended_badly(second, {}),
        *lost_rows(good, before, after_first),
        *lost_rows(after_first, after_first, after_second),
        *lost_rows(good, before, after_second),
    ]
    if severity(second) > severity(first):
        found.append(f"the second run ended with {second.code}, worse than the first with {first.code}")
    for ended, tree in ends:
        if ended.code in ENDS:
            found += not_published(ended, tree)
            # Forecasts that are decided anew may make a file as long again.
            if (ended.code == CUT) != shorter and (shorter is False or ended is first):
                found.append(f"exit code {ended.code}, and the record is {'' if shorter else 'not '}shorter")
    if second.code in ENDS:
        found += unnamed_faults(before, after_second, first.err)
    return found


def severity(ended: Ended) -> int:
    """The greater, the worse."""
    return ENDS.index(ended.code) if ended.code in ENDS else len(ENDS)


def cut(good: Tree, before: Tree) -> bool:
    """Whether a file of the record is shorter than it was, or gone."""

    def size(tree: Tree, path: str) -> int:
        content = tree.get(path)
        return len(content) if isinstance(content, bytes) else -1

    return any(size(before, path) < size(good, path) for path in good if path.startswith("record/"))


def ended_badly(ended: Ended, more: dict[int, str]) -> Iterator[str]:
    """An exit code that is no end of ours, an error that is not one line, or names no step for a person."""
    if "Traceback" in ended.err:
        yield f"a traceback: {ended.err}"
    allowed = {*ENDS, *REFUSALS, *more}
    if ended.code not in allowed:
        yield f"exit code {ended.code}: {ended.err}"
    for line in ended.err.splitlines():
        if not line.startswith(("aegis: warning: ", "aegis: error: ")):
            yield f"standard error has {line!r}"
    if len(ended.errors) != (ended.code not in ENDS):
        yield f"exit code {ended.code} with {len(ended.errors)} errors: {ended.err}"
    told = ended.err.splitlines() if ended.code == CUT else ended.errors
    if ended.code in {CUT, *REFUSALS} and not any("; " in line for line in told):
        yield f"no remedy: {ended.err}"


def not_published(ended: Ended, tree: Tree) -> Iterator[str]:
    """A run that says it went well has published a valid document of its own moment."""
    content = tree.get(DOCUMENT)
    if not isinstance(content, bytes):
        yield "no document is published"
        return
    try:
        check_json(content)
    except AegisError as error:
        yield f"what is published is no document: {error}"
        return
    made = json.loads(content)
    if pd.Timestamp(made["generated_at"]) != ended.now.floor("s"):
        yield f"the published document is of {made['generated_at']}, the run was at {ended.now}"
    if (made["health"]["status"] == "ok") and ended.code == DEGRADED and not ended.err:
        yield "the run is degraded, and neither the document nor a warning says why"


def lost_rows(good: Tree, before: Tree, after: Tree) -> Iterator[str]:
    """Lines of the record that the mutation left alone and that are gone, or can no longer be read."""
    for path, content in good.items():
        kept = before.get(path)
        if not path.startswith(f"{RECORD}/") or not isinstance(content, bytes) or not isinstance(kept, bytes):
            continue
        lines = set(content.split(b"\n")) & set(kept.split(b"\n")) - {b""}
        there = after.get(path)
        gone = lines - set(there.split(b"\n")) if isinstance(there, bytes) else lines
        if gone:
            yield f"{path} lost {len(gone)} of {len(lines)} rows, such as {min(gone)[:60]!r}"
    unread = readable(before) - readable(after)
    if unread:
        yield f"{len(unread)} rows can no longer be read, such as {min(unread)}"


def readable(tree: Tree) -> set[tuple[str, str]]:
    """Kind and key of every row that the record's own reader gets out of a tree."""
    ledger = _ledger(tree)
    return {("forecast", key) for key in ledger.forecasts} | {("resolution", key) for key in ledger.resolutions}


def unnamed_faults(before: Tree, after: Tree, err: str) -> Iterator[str]:
    """Lines at fault that the runs read past without a document having named them; of files, the warnings did."""
    told = after.get(f"{RECORD}/faults.csv", b"")
    assert isinstance(told, bytes)
    left = {(fault.file, fault.digest) for fault in _ledger(after).faults}
    for fault in _ledger(before).faults:
        named = fault.digest.encode() in told or (fault.line == 0 and fault.file in err)
        if (fault.file, fault.digest) in left and not named:
            yield f"no document has named: {fault}"


def _ledger(tree: Tree) -> Ledger:
    kinds = {"forecasts": ForecastRow, "resolutions": ResolutionRow}
    files = [
        ledger_file(path.removeprefix("record/"), kinds[path.split("/")[2]], content)
        for path, content in sorted(tree.items())
        if path.endswith(".csv") and path.split("/")[:2] == RECORD.split("/") and path.count("/") == 4
        if isinstance(content, bytes) and path.split("/")[2] in kinds
    ]
    return ledger_of(files, Path(RECORD).name)
