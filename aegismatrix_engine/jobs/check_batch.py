"""The findings on the model sets of several markets."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.batch import MarketFiles, MarketOutcome, Observer, market_files
from aegismatrix_engine.jobs.check_models import ModelCheck, check_set
from aegismatrix_engine.jobs.settings import CheckSettings


def check_batch(
    settings: CheckSettings, markets: Sequence[str], now: pd.Timestamp, observer: Observer
) -> tuple[tuple[MarketOutcome, ModelCheck | None], ...]:
    """Judge the set of each market; one that cannot be judged stops no other.

    Args:
        settings: of the first market, which has its files where one market alone has them.
        markets: ids.
        now: what the clock says, with a zone.
        observer: is informed of each outcome.

    Returns:
        Each outcome with its findings; None where the market failed.

    Raises:
        ConfigurationError: the files of two markets, or of other things, would lie in one place.
    """
    found = []
    for one in market_files(markets, settings.output, settings.models):
        found.append(_checked(one, settings, now))
        observer(found[-1][0])
    return tuple(found)


def _checked(files: MarketFiles, settings: CheckSettings, now: pd.Timestamp) -> tuple[MarketOutcome, ModelCheck | None]:
    try:
        found = check_set(replace(settings, market=files.market, output=files.output, models=files.models), now)
    except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
        return MarketOutcome.failed(files.market, error), None
    manifest = found.report.manifest
    facts = {
        "set": "" if manifest is None else manifest.set_version,
        "days old": "" if found.age_days is None else f"{found.age_days:.0f}",
        "models": str(files.models),
    }
    code = ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY
    why = files.with_options("; ".join(found.steps))
    return MarketOutcome(files.market, code, why, facts), found
