"""Records that lie beside the documents of ``states``: none, a week's, ten weeks', and one with a spoilt row."""

from collections.abc import Callable
from pathlib import Path

from recording import resolve_all
from states import IN_SESSION, MADE_AFTER, known, market, trained

from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.forecasts import forecast_rows

BEFORE = "2019-05-10"
"""The last session of the set that made the long record."""


def _write(folder: Path, first: str, through: str) -> None:
    """Every close since a session and the first hours of the last one, made by a set that ends before; all decided."""
    models, manifest = trained("nifty50", through)
    sessions = market("nifty50").spot.loc[first : IN_SESSION[:10]].index[:-1]
    for moment in (*(f"{day:%Y-%m-%d}" for day in sessions), f"{IN_SESSION[:10]} 10:30"):
        history = known("nifty50", moment)
        now = find_origin(history, models).as_of + MADE_AFTER
        made = infer(history, models, manifest, "synthetic", now, clock_source="machine")
        append(folder, forecast_rows(made.document, made.origin))
    resolve_all(folder, known("nifty50", f"{sessions[-1]:%Y-%m-%d}"), now)


def young(folder: Path) -> None:
    """The closes of a week, by the set that the documents are made by."""
    _write(folder, "2019-07-15", "2019-07-12")


def old(folder: Path) -> None:
    """The closes of ten weeks, so that some signals have their thirty events."""
    _write(folder, "2019-05-13", BEFORE)


def at_fault(folder: Path) -> None:
    """A week's, one of whose rows was changed by hand."""
    young(folder)
    file = sorted((folder / "nifty50" / "forecasts").rglob("*.csv"))[0]
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[3] = lines[3].replace("nifty50", "nifty51", 1)
    file.write_text("".join(lines), encoding="utf-8")


RECORDS: dict[str, Callable[[Path], object]] = {
    "none": lambda folder: None,
    "young": young,
    "old": old,
    "at fault": at_fault,
}
"""Name -> what writes the record into a folder."""
