"""The markets that ``--all`` takes: those whose entry is marked."""

import tomllib
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import ConfigurationError, DataError
from aegismatrix_engine.jobs.chosen_market import entry_content, own_ids
from aegismatrix_engine.markets import known_markets
from aegismatrix_engine.markets.shipped_markets import SUFFIX, shipped_entry

MARK: Final = "publish = true"


def marked_markets(markets_dir: Path | None) -> tuple[str, ...]:
    """The markets whose entry is marked, in alphabetical order.

    An own entry that cannot be parsed is among them: whether it is marked cannot be known, and it fails by itself.

    Args:
        markets_dir: folder of entries of markets that do not ship with the engine; None for none.

    Raises:
        ConfigurationError: there are none.
        DataError: there is no such folder.
    """
    shipped = {name for name in known_markets() if shipped_entry(name).get("publish", False)}
    own = {name for name in own_ids(markets_dir) if markets_dir is not None and _is_marked(markets_dir, name)}
    if not shipped | own:
        where = "there is no --markets-dir" if markets_dir is None else f"none in {markets_dir} does"
        raise ConfigurationError(
            f"--all takes the markets whose entry says {MARK}, and {where}; add that line to an entry of your own, or "
            "name each market with --market"
        )
    return tuple(sorted(shipped | own))


def _is_marked(folder: Path, name: str) -> bool:
    try:
        entry = tomllib.loads(entry_content(folder / f"{name}{SUFFIX}").decode("utf-8-sig"))
    except (DataError, ValueError, RecursionError):
        return True
    return entry.get("publish", False) is not False
