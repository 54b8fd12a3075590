"""Files as people have them into a csv folder, once and whole."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from aegismatrix_engine.errors import ConfigurationError, DataError, OutputUnwritable
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.history.inputs import SERIES
from aegismatrix_engine.jobs.chosen_market import entry_market
from aegismatrix_engine.jobs.settings import ImportSettings
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.recognise import (
    Choices,
    RecognisedFile,
    SeriesRows,
    check_series,
    csv_bytes,
    file_text,
    merged,
    read_back,
    recognise_file,
)


@dataclass(frozen=True)
class ImportedFiles:
    """What each file was found to hold, the rows and the csv file of each series, and notes on the bars."""

    files: tuple[RecognisedFile, ...]
    written: tuple[tuple[SeriesRows, Path], ...]
    notes: tuple[str, ...]


def import_files(paths: Sequence[Path], settings: ImportSettings) -> ImportedFiles:
    """Write the series that files hold into a csv folder, each file whole or not at all.

    Nothing is written unless the folder, with what it held before, reads as a history afterwards.

    Args:
        paths: the files; they are only read.
        settings: where to, and what is chosen for files that have two meanings.

    Raises:
        ConfigurationError: the folder holds other bars of a series, or is a file; a series is chosen for several files;
            there is no such zone.
        DataError: a file cannot be read or used.
        OutputUnwritable: the folder cannot be written.
    """
    if settings.zone is not None and not _is_zone(settings.zone):
        zone = settings.zone[:40]
        raise ConfigurationError(f"invalid --zone {zone!r}: expected an IANA name such as UTC or Asia/Kolkata")
    output, market = settings.output, entry_market(settings.market, settings.markets_dir)
    choices = Choices(settings.series, settings.date_order, settings.zone, settings.bar_stamp)
    if choices.series and len(paths) > 1:
        raise ConfigurationError(f"--series is for one file, and {len(paths)} were given; import each by itself")
    if output.is_file():
        raise ConfigurationError(f"--output {output} is a file; name a folder")
    files = tuple(recognise_file(file_text(path.name, _content(path)), market, choices) for path in paths)
    series = merged(files)
    check_series(market, series)
    contents = {output / f"{name}.csv": csv_bytes(rows.rows) for name, rows in series.items()}
    try:
        for path, content in contents.items():
            _refuse_other_bars(path, content)
        notes = _tried(contents, output, market)
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(
            f"cannot use the folder {output} ({error.strerror}: {error.filename}); name another with --output"
        ) from None
    for path, content in contents.items():
        write_atomically(path, content)
    return ImportedFiles(files, tuple(zip(series.values(), contents, strict=True)), notes)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path} does not exist; name a file to import") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); name a readable file") from None


def _refuse_other_bars(path: Path, content: bytes) -> None:
    if path.exists() and (not path.is_file() or path.read_bytes() != content):
        raise ConfigurationError(
            f"{path} exists with other content, and is not overwritten; name another folder with --output, or move "
            "that file away"
        )


def _tried(contents: dict[Path, bytes], output: Path, market: Market) -> tuple[str, ...]:
    """The notes of a history read from a trial folder that holds what ``output`` will hold; raises ``DataError``."""
    with tempfile.TemporaryDirectory(prefix="aegis-import-") as trial:
        for name in SERIES:
            path = output / f"{name}.csv"
            if path in contents:
                (Path(trial) / path.name).write_bytes(contents[path])
            elif path.is_file():
                shutil.copyfile(path, Path(trial) / path.name)
        return read_back(market, Path(trial))
