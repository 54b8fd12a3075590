"""Runs whose ending is compared: one for each kind of refusal and each exit code, and some that go well."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from data_folders import Change, all_of, as_it_is, cut_short, dropped, flipped, lost, manifest_says, nothing_left, rows

NOW = "2026-10-08T18:00+05:30"
CSV = ("--source", "csv", "--data", "data")
DEAD = "http://127.0.0.1:9/published"
"""An address of this machine at which nobody listens."""

Around = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Refusal:
    """A command in a folder with data/, models/ and a document of former times.

    prepare: what is done to that folder first. around: what holds while the command runs. machine: whether ``now`` is
    what the machine's own clock says, rather than AEGIS_NOW.
    """

    arguments: tuple[str, ...]
    prepare: Change = as_it_is
    around: Around = nullcontext
    now: str = NOW
    machine: bool = False


def infer(*more: str, prepare: Change = as_it_is, around: Around = nullcontext, now: str = NOW) -> Refusal:
    return Refusal(("infer", *CSV, "--quiet", *more), prepare, around, now)


def train(*more: str, prepare: Change = as_it_is, around: Around = nullcontext) -> Refusal:
    return Refusal(("train", *CSV, "--quiet", "--as-of", "2023-01-31", *more), prepare, around)


def below(folder: str, change: Change) -> Change:
    return lambda place: change(place / folder)


def spot(*changes: Change) -> Change:
    return below("data", all_of(*changes))


def line_of(day: str, column: int, value: str) -> Change:
    """The daily spot row of that day with another value."""

    def change(row: list[str]) -> list[str]:
        return [*row[:column], value, *row[column + 1 :]] if row[0] == day else row

    return rows("spot_daily.csv", change)


def twice(folder: Path) -> None:
    """A row once more, with another close."""
    path = folder / "spot_daily.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:500], lines[499].rpartition(",")[0] + ",99999.00", *lines[500:]]) + "\n")


def foretelling_the_opposite(folder: Path) -> None:
    """From a day on the index is high where it was low."""
    rows("vix_daily.csv", lambda row: row if row[0] < "2024-03-01" else [row[0], f"{230 / float(row[1]):.2f}"])(folder)


def written(name: str, text: str) -> Change:
    return lambda place: (place / name).write_text(text)


def of_bytes(name: str, content: bytes) -> Change:
    return lambda place: (place / name).write_bytes(content)


def repository(remote: str) -> Change:
    """A git work tree whose remote stands at that address."""

    def change(place: Path) -> None:
        for arguments in (("init", "--quiet"), ("remote", "add", "origin", remote)):
            subprocess.run(["git", *arguments], cwd=place, check=True)

    return change


def environment(**variables: str) -> Around:
    return lambda: mock.patch.dict(os.environ, variables)


def raised_while_saving(error: BaseException) -> Around:
    return lambda: mock.patch.object(os, "fsync", side_effect=error)


def signalled_while_saving(number: signal.Signals) -> Around:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        signal.raise_signal(number)
        real(descriptor)

    return lambda: mock.patch.object(os, "fsync", fsync)


HALF_A_DOCUMENT = written("aegismatrix.json", '{"schema_version": "2.1.0"')
OF_THE_LAST_CLOSE = written(
    "aegismatrix.json",
    '{"as_of": "2026-10-09T15:35:00+05:30", "generated_at": "2026-10-09T16:00:00+05:30", "market_id": "nifty50", '
    '"health": {"status": "ok"}, "provenance": {"mode": "live", "close": "official"}}',
)
REFUSALS: dict[str, Refusal] = {
    # 0
    "train": train(),
    "infer": infer(),
    "infer, json": Refusal(("infer", *CSV, "--json")),
    "infer, nothing due": infer("--if-due", prepare=OF_THE_LAST_CLOSE, now="2026-10-11T12:00+05:30"),
    "models checked": Refusal(("check-models", "--quiet")),
    "imported": Refusal(("import", "data/spot_daily.csv", "--output", "imported", "--quiet")),
    "nothing to resolve": Refusal(("record", "resolve", *CSV, "--quiet")),
    "version": Refusal(("--version",)),
    "help": Refusal(("--help",)),
    # 2
    "no command": Refusal(()),
    "unknown command": Refusal(("predict",)),
    "unknown option": infer("--frobnicate"),
    "unknown market": infer("--market", "dax"),
    "unknown source": Refusal(("infer", "--source", "bloomberg")),
    "no folder named": Refusal(("infer", "--source", "csv")),
    "sample of another market": Refusal(("train", "--source", "sample")),
    "bad variable": Refusal(("infer", *CSV), around=environment(AEGIS_QUIET="perhaps")),
    "bad clock": infer(now="yesterday"),
    "as of no date": infer("--as-of", "yesterday"),
    "as of before the history": infer("--as-of", "2014-06-02"),
    "as of the future": infer("--as-of", "2199-01-04"),
    "as of an instant of the future": infer("--as-of", "2199-01-04T11:00+05:30"),
    "as of a holiday": infer("--as-of", "2026-10-02"),
    "if due in the past": infer("--if-due", "--as-of", "2026-10-01"),
    "last values in the document's place": infer("--output", "recent.json"),
    "rollback in the document's place": infer("--output", "rollback.json"),
    "restore outside of git": Refusal(("restore",), machine=True),
    "publish by a set clock": Refusal(("publish", "--message", "x")),
    "publish outside of git": Refusal(("publish",), machine=True),
    "rollback outside of git": Refusal(("rollback", "--to", "abc"), machine=True),
    # 10
    "degraded": infer("--allow-degraded", prepare=below("models", lost("trap"))),
    "no index": infer(prepare=lambda place: (place / "data" / "vix_daily.csv").unlink()),
    "record at fault": Refusal(
        ("record", "report", "--quiet"),
        lambda place: (
            (place / "record/nifty50/forecasts/2026").mkdir(parents=True),
            (place / "record/nifty50/forecasts/2026/2026-10-01.csv").write_text("key\nhalf a row,\n"),
        ),
    ),
    # 11
    "models checked, one missing": Refusal(("check-models", "--quiet"), below("models", lost("trap"))),
    "models checked, expired": Refusal(("check-models", "--quiet"), now="2027-03-01T18:00+05:30"),
    "models checked, none": Refusal(("check-models", "--quiet"), below("models", nothing_left)),
    "unskilled": Refusal(("train", *CSV, "--quiet"), below("data", foretelling_the_opposite)),
    "unskilled, forced": Refusal(("train", *CSV, "--quiet", "--force"), below("data", foretelling_the_opposite)),
    # 65
    "no data folder": infer(prepare=lambda place: shutil.rmtree(place / "data")),
    "no spot": infer(prepare=lambda place: (place / "data" / "spot_daily.csv").unlink()),
    "no column": infer(prepare=spot(written("spot_daily.csv", "date,open\n2026-10-01,1\n"))),
    "no number": infer(prepare=spot(line_of("2026-09-30", 4, "n/a"))),
    "no price": infer(prepare=spot(line_of("2026-09-30", 3, "-1"))),
    "high below low": infer(prepare=spot(line_of("2026-09-30", 2, "100"))),
    "price a hundredfold": train(prepare=spot(line_of("2022-09-30", 4, "1600000"))),
    "row twice": infer(prepare=spot(twice)),
    "hole": train(prepare=spot(dropped("spot_daily.csv", "2022-06-01", "2022-06-20"))),
    "binary file": infer(prepare=spot(of_bytes("spot_daily.csv", bytes(4096)))),
    "history too short to infer": infer("--as-of", "2020-11-02"),
    "history too short to train": train("--as-of", "2021-06-01"),
    "calendar of no sense": infer(prepare=written("calendar.toml", "[nifty50]\nclosing = 3\n")),
    "calendar not there": infer("--calendar", "none.toml"),
    "document cut short": Refusal(("check-published", "--file", "aegismatrix.json"), HALF_A_DOCUMENT, machine=True),
    "import of nothing": Refusal(("import", "aegismatrix.json", "--output", "imported")),
    # 69
    "sample not installed": Refusal(
        ("train", "--market", "sp500", "--source", "sample"),
        around=lambda: mock.patch.dict(sys.modules, {"arch": None}),
    ),
    "published nowhere": Refusal(("check-published", "--url", DEAD), machine=True),
    # 70, 71
    "bug while training": train(around=raised_while_saving(FloatingPointError("nobody foresaw"))),
    "bug while inferring": infer(around=raised_while_saving(FloatingPointError("nobody foresaw"))),
    "out of memory": infer(around=raised_while_saving(MemoryError())),
    # 73
    "output in no folder": infer("--output", "missing/aegismatrix.json"),
    "output is a folder": infer("--output", "data"),
    "disk full": infer(around=raised_while_saving(OSError(28, "No space left on device"))),
    "models below a file": train("--models", "aegismatrix.json/models"),
    "record below a file": infer("--record", "aegismatrix.json/record"),
    "repository not there": Refusal(("restore",), repository("nowhere.git"), machine=True),
    # 75
    "repository does not answer": Refusal(("restore",), repository(DEAD), machine=True),
    # 78
    "no models": infer(prepare=below("models", nothing_left)),
    "model missing": infer(prepare=below("models", lost("gamma"))),
    "model corrupt": infer(prepare=below("models", flipped("trap"))),
    "model cut short": infer(prepare=below("models", cut_short)),
    "manifest cut short": infer(prepare=written("models/manifest.json", "{ half")),
    "manifest of later times": infer(
        prepare=below("models", manifest_says(r'"format_version": \d+', '"format_version": 99'))
    ),
    "models expired": infer(now="2027-03-01T18:00+05:30"),
    "models of another market": Refusal(("infer", "--market", "sp500", "--source", "sample")),
    # 130, 143
    "interrupted": infer(around=signalled_while_saving(signal.SIGINT)),
    "training interrupted": train(around=signalled_while_saving(signal.SIGINT)),
    "terminated": infer(around=signalled_while_saving(signal.SIGTERM)),
}
