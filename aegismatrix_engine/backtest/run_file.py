"""``run.json`` of a backtest: what the run was asked for, on which bars, and the blocks that are done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from aegismatrix_engine.backtest.block_files import RUN_NAME, BlockFiles, finished_blocks
from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable
from aegismatrix_engine.files import write_atomically

FORMAT: Final = 1


@dataclass(frozen=True)
class RunParameters:
    """All that the files of a run depend on: a run goes on in a folder only where every one is the same.

    Attributes:
        engine: version of the engine.
        commit: of its source; None where it is not known.
        libraries: versions of what it computes and writes with, and the platform.
        market: its id.
        data: SHA-256 of the bars.
        first: date of the first origin.
        last: date of the last one.
        refit: sessions that models are used for.
        refits: dates of the last sessions that the models of each block know.
        suffix: of the tables' files.
        intraday: clock times inside sessions that are forecast from, too.
        seeds: of random numbers; there are none in a forecast.
        format: of run.json.
    """

    engine: str
    commit: str | None
    libraries: Mapping[str, str]
    market: str
    data: str
    first: str
    last: str
    refit: int
    refits: Sequence[str]
    suffix: str
    intraday: Sequence[str] = ()
    seeds: Sequence[int] = ()
    format: int = field(default=FORMAT)


MEANINGS: Final = {
    "engine": "another version of the engine",
    "commit": "another commit of the engine",
    "libraries": "other libraries",
    "market": "another --market",
    "data": "other bars",
    "first": "another --from",
    "last": "another --to",
    "refit": "another --refit",
    "intraday": "other times of --intraday",
    "suffix": "another kind of files (with or without pyarrow)",
}


def begun(folder: Path, parameters: RunParameters) -> tuple[BlockFiles, ...]:
    """The blocks that an earlier run has left in a folder; a new folder is made, with a run.json without blocks.

    Raises:
        ConfigurationError: the folder is that of a run with other parameters or other bars, or has other files.
        DataError: its run.json cannot be read.
        OutputUnwritable: the folder cannot be made or written.
    """
    path = folder / RUN_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"{folder}: cannot make the folder ({reason}); name another --output") from error
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
    for name, value in asked.items():
        if there.get(name) != value:
            shown = "" if isinstance(value, dict) or name == "refits" else f": {there.get(name)!r}, now {value!r}"
            raise ConfigurationError(
                f"{path} is of a run with {MEANINGS.get(name, f'another {name}')}{shown}; name another --output, or "
                "repeat that run"
            )
