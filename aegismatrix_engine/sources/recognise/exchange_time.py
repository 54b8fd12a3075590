"""From times as written to the exchange's own time: by their offset, by the zone that is chosen, or as they are."""

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.recognise.table import Table
from aegismatrix_engine.sources.recognise.written_dates import WrittenMoments


def in_exchange_time(
    table: Table, written: WrittenMoments, market_zone: str, zone: str | None
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Written moments as naive exchange time, and how that is known.

    Args:
        table: where they stand.
        written: dates, times and offsets as the file has them.
        market_zone: the exchange's zone.
        zone: the zone that the user chooses for stamps without one.

    Raises:
        DataError: offsets of more than one zone; a local time that the zone chosen skips or repeats.
    """
    local = pd.DatetimeIndex(written.days if written.times is None else written.days + written.times)
    if written.offsets.isna().all():
        return _by_choice(table, local, market_zone, zone)
    instants = pd.DatetimeIndex(local - written.offsets).tz_localize("UTC")
    exchange = naive(instants, market_zone)
    offsets = written.offsets
    own = offsets == pd.TimedeltaIndex(exchange - instants.tz_localize(None))
    other = np.asarray((offsets != offsets[0]) & ~(own & own[0]))
    if other.any():
        row = int(other.argmax())
        raise DataError(
            f"{table.place(table.cells.index[row])}: its zone is UTC{_signed(offsets[row])}, that of line "
            f"{table.cells.index[0]} UTC{_signed(offsets[0])}; give bars of one zone"
        )
    converted = f"; converted to {market_zone}" if not own.all() else f", that of {market_zone}"
    ignored = "; --zone is for times without one" if zone else ""
    finding = f"times are of UTC{_signed(offsets[0])}: line {table.cells.index[0]} says so{converted}{ignored}"
    return exchange, (finding,)


def _by_choice(
    table: Table, local: pd.DatetimeIndex, market_zone: str, zone: str | None
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Times without an offset, of the zone that was chosen; else as they are."""
    if zone is None:
        return local, ()
    chosen = f"times are of {zone}, as chosen with --zone"
    if zone == market_zone:
        return local, (chosen,)
    try:
        instants = local.tz_localize(zone)
    except ValueError as error:
        raise DataError(f"{table.name}: not all times exist once in {zone} ({error}); name their own zone") from None
    return naive(instants, market_zone), (f"{chosen}; converted to {market_zone}",)


def naive(instants: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Instants as the clocks of a zone show them, without the zone."""
    return instants.tz_convert(zone).tz_localize(None).as_unit("ns")


def _signed(offset: pd.Timedelta) -> str:
    minutes = int(offset / pd.Timedelta(minutes=1))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
