"""Rows of a record, made by hand."""

from dataclasses import replace

from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow

FORECAST = ForecastRow(
    as_of="2022-06-15T10:00:00+05:30",
    generated_at="2022-06-15T10:04:00+05:30",
    standing="live",
    market="nifty50",
    signal="seller.breach_probabilities.0",
    event="touch",
    origin="2022-06-14",
    until="2022-06-30",
    sessions="12",
    spot="15730.1",
    threshold="300",
    lower="",
    upper="",
    probability="0.9845",
    climatology="0.8711",
    vix="",
    model_set="0123456789ab",
    training_end="2022-05-31",
    basis="model",
    schema_version="1.0",
)


def forecast(**changes: str) -> ForecastRow:
    """A forecast like FORECAST but for what is named."""
    return replace(FORECAST, **changes)


def resolution(row: ForecastRow, outcome: str = "1", observed: str = "0", **changes: str) -> ResolutionRow:
    """What came of a forecast, known at the close of its last session."""
    told = ResolutionRow(
        forecast=row.key,
        as_of=row.as_of,
        resolved_at=f"{row.until}T16:10:00+05:30",
        known_at=f"{row.until}T15:30:00+05:30",
        market=row.market,
        signal=row.signal,
        event=row.event,
        until=row.until,
        outcome=outcome,
        observed=observed,
    )
    return replace(told, **changes)
