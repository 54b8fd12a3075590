"""The option chain that a document is asked to be made with: read for its moment, and used or named in its health."""

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, DataError, SourceUnavailable
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.options import MakeBlocks, OptionsOutcome, PriceBlocks, without_chain
from aegismatrix_engine.inference.options_block import with_chain
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.options.admissible import DocumentMoment
from aegismatrix_engine.sources.options import PATIENCE, read_options_of

DAY_LASTS = pd.Timedelta(days=1) - pd.Timedelta(seconds=1)


def priced_from(
    spec: str, history: MarketHistory, as_of: AsOf | None, now: pd.Timestamp, patience: float | None = None
) -> PriceBlocks:
    """What prices the signals of a document by the chain that was asked for.

    Args:
        spec: a file, a folder, whose newest files count, or the name of a source.
        history: the bars of the document, cut at its moment.
        as_of: what was asked for; None for now.
        now: what the clock says.
        patience: seconds that a source over the network may take in all; None for its own default.
    """

    def price(origin: Origin, models: Models, make: MakeBlocks) -> OptionsOutcome:
        moment = DocumentMoment.of(history, origin.as_of, latest_moment(history, as_of, now))
        try:
            chain = read_options_of(spec, history.market, moment, PATIENCE if patience is None else patience)
        except (ConfigurationError, DataError, SourceUnavailable) as error:
            return without_chain(origin, make(origin), str(error))
        return with_chain(origin, models, make, chain)

    return price


def latest_moment(history: MarketHistory, as_of: AsOf | None, now: pd.Timestamp) -> pd.Timestamp:
    """The moment that no chain may be later than: now, or in a replay that of ``as_of``, of a date its end."""
    if as_of is None:
        return now
    asked = as_of.moment if as_of.is_instant else as_of.moment.tz_localize(history.market.zone) + DAY_LASTS
    return min(asked, now)
