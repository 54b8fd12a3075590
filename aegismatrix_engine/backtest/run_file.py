"""``run.json`` of a backtest: what the run was asked for, on which bars, and the blocks that are done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from aegismatrix_engine.backtest.block_files import RUN_NAME, BlockFiles, finished_blocks
from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable
from aegismatrix_engine.files import WORKING_FILES, write_atomically

FORMAT: Final = 2


@dataclass(frozen=True)
class RunParameters:
    """All that the files of a run depend on: a run goes on in a folder only where every one is the same.

    Attributes:
        engine: version of the engine.
        commit: of its source; None where it is not known.
        libraries: versions of what it computes and writes with, and the platform.
        market: its id.
        entry: of the market, as its TOML file has it; dates and times as text.
        calendar: SHA-256 of the operator's calendar; None where there is none.
        data: SHA-256 of the bars.
        first: date of the first origin.
        last: date of the last one.
        refit: sessions that models are used for.
        refits: dates of the last sessions that the models of each block know.
        suffix: of the tables' files.
        intraday: clock times inside sessions that are forecast from, too, with commas between them.
        seeds: of random numbers; there are none in a forecast.
        format: of run.json.
    """

    engine: str
    commit: str | None
    libraries: Mapping[str, str]
    market: str
    entry: Mapping[str, Any]
    calendar: str | None
    data: str
    first: str
    last: str
    refit: int
    refits: Sequence[str]
    suffix: str
    intraday: str = ""
    seeds: Sequence[int] = ()
    format: int = field(default=FORMAT)


MEANINGS: Final = {
    "format": "another layout of run.json, of another version of the engine",
    "engine": "another version of the engine",
    "commit": "another commit of the engine",
    "libraries": "other libraries",
    "market": "another --market",
    "entry": "another entry of the market",
    "calendar": "another calendar of the operator",
    "data": "other bars",
    "first": "another --from",
    "last": "another --to",
    "refit": "another --refit",
    "intraday": "other times of --intraday",
    "suffix": "another kind of files (with or without pyarrow)",
}


def begun(folder: Path, parameters: RunParameters) -> tuple[BlockFiles, ...]:
    """The blocks that an earlier run has left in a folder; an empty one gets a run.json without blocks.

    Args:
        folder: locked by this process (``run_lock``).
        parameters: of this run.

    Raises:
        ConfigurationError: the folder is that of a run with other parameters or other bars, or has other files.
        DataError: its run.json cannot be read.
        OutputUnwritable: the folder cannot be read or written.
    """
    path = folder / RUN_NAME
    try:
        taken = any(not path.name.startswith(WORKING_FILES) for path in folder.iterdir())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"{folder}: cannot read the folder ({reason}); name another --output") from error
    if path.exists() or path.is_symlink():
        done = finished_blocks(folder)
        _refuse_another(path, parameters)
        return done
    if taken:
        raise ConfigurationError(f"{folder} has files and no {RUN_NAME}; name a new or an empty folder with --output")
    write_run(folder, parameters, ())
    return ()


def write_run(folder: Path, parameters: RunParameters, blocks: Sequence[BlockFiles]) -> None:
    """Write run.json whole or not at all, its blocks in the order of time; raises OutputUnwritable."""
    ordered = sorted(blocks, key=lambda block: (block.market, block.first))
    content = asdict(parameters) | {"blocks": [asdict(block) for block in ordered]}
    write_atomically(folder / RUN_NAME, (json.dumps(content, indent=1) + "\n").encode())


def _refuse_another(path: Path, parameters: RunParameters) -> None:
    there: dict[str, Any] = json.loads(path.read_bytes())
    asked: dict[str, Any] = json.loads(json.dumps(asdict(parameters)))
    # A file of another format may have none of the names that follow.
    for name in ("format", *asked):
        if there.get(name) != asked[name]:
            meaning = MEANINGS.get(name, f"another {name}")
            raise ConfigurationError(
                f"{path} is of a run with {meaning}{_differing(there.get(name), asked[name])}; name another --output, "
                "or repeat that run"
            )


def _differing(there: Any, asked: Any) -> str:
    """': 20, now 21'; of tables the names whose values differ, of lists nothing."""
    if isinstance(asked, list):
        return ""
    if isinstance(there, dict) and isinstance(asked, dict):
        names = [name for name in {**there, **asked} if there.get(name) != asked.get(name)]
        return f": {', '.join(names)}"
    return f": {there!r}, now {asked!r}"
