"""What a document says of series of other markets, the US and the companion index: those not used, and why."""

from collections.abc import Iterator

from aegismatrix_engine.document.schema.health import Degradation
from aegismatrix_engine.forecasting.features import companion_closes
from aegismatrix_engine.forecasting.origin import AfterNight, Origin
from aegismatrix_engine.history import MarketHistory


def night_notes(origin: Origin, history: MarketHistory) -> list[str]:
    """The series of the US that are there and were not used for the night, and why."""
    if not isinstance(origin, AfterNight):
        return []
    notes, night = [], f"{origin.night_date:%Y-%m-%d}"
    frames = {"us_vix_daily": history.us_vix, "us_spot_daily": history.us_spot, "inda_daily": history.inda}
    for series, frame in frames.items():
        if frame is None or series in dict(origin.night_used):
            continue
        known = frame.index[frame.index <= origin.night_date]
        why = (
            "its change is not known, is as large as that of a dividend or a split, or too few nights of it were learnt"
        )
        if not len(known) or known[-1] < origin.night_date:
            why = "it has no row of that session"
        notes.append(f"{series} was not used for the US night of {night}: {why}")
    return notes


def without_companion(origin: Origin) -> Iterator[Degradation]:
    """That the forecast does without the companion index which the market's entry names, and why."""
    companion = origin.market.companion
    if companion is None or origin.forecast.with_companion:
        return
    reason = f"too little history of {companion.index_name} to learn from; it was left out"
    if not origin.latest.has_companion.all():
        name = f"{companion.index_name}, the companion index,"
        reason = f"{name} is not known at the time of the forecast; the scale was learnt without it"
    yield Degradation(signal="forecast", basis="model", reason=reason)


def companion_notes(origin: Origin, history: MarketHistory) -> Iterator[str]:
    """That the newest close of the companion index is older than the one that was due."""
    companion, closes = origin.market.companion, companion_closes(history)
    if companion is None or closes is None or not origin.forecast.with_companion:
        return
    age = int(closes.rows(origin.latest.series.dates)[1][0])
    if age:
        yield f"{companion.index_name} is {age} session(s) older than it should be and was carried forward"
