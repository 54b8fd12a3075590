"""The folders that the runs read: csv folders cut from one made market, and model sets, whole and damaged."""

import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
BARS = HERE / "bars.tar.xz"
HELD = "2026-10-08"
"""The Thursday whose session the damaged folders damage; the day before lacks a row or an index where they say so."""

Change = Callable[[Path], object]
Row = list[str]


def rows(file: str, change: Callable[[Row], Row | None]) -> Change:
    """A change of a csv file row by row, the header left alone; None drops the row."""

    def apply(folder: Path) -> None:
        header, *lines = (folder / file).read_text().splitlines()
        kept = (change(line.split(",")) for line in lines)
        (folder / file).write_text("\n".join([header, *(",".join(row) for row in kept if row is not None)]) + "\n")

    return apply


def without(*files: str) -> Change:
    return lambda folder: [(folder / f"{file}.csv").unlink() for file in files]


def dropped(file: str, first: str, last: str) -> Change:
    """Without the rows whose stamp lies between the two, as text, both counted in."""
    return rows(file, lambda row: None if first <= row[0] <= last else row)


def times(file: str, first: str, last: str, factor: float) -> Change:
    """With the closes between the two stamps multiplied."""

    def change(row: Row) -> Row:
        if first <= row[0] <= last:
            row[-1] = f"{float(row[-1]) * factor:.2f}"
        return row

    return rows(file, change)


def as_it_is(folder: Path) -> None:
    """No change."""


def all_of(*changes: Change) -> Change:
    def apply(folder: Path) -> None:
        for change in changes:
            change(folder)

    return apply


INTRADAY = ("spot_intraday", "vix_intraday", "us_vix_daily")
END = "9999"
DATA: dict[str, Change] = {
    "whole": as_it_is,
    "daily": without(*INTRADAY),
    "alone": without("vix_daily", *INTRADAY),
    "short": all_of(without(*INTRADAY), *(dropped(f"{name}_daily.csv", "", "2024-01-31") for name in ("spot", "vix"))),
    "young index": all_of(without(*INTRADAY), dropped("vix_daily.csv", "", "2026-09-21")),
    "no us": without("us_vix_daily"),
    "no index": without("vix_daily", "vix_intraday"),
    "index of bars": without("vix_daily"),
    "no index of bars": without("vix_intraday"),
    "stale index": all_of(dropped("vix_daily.csv", "2026-10-07", END), dropped("vix_intraday.csv", "2026-10-07", END)),
    "index gap": dropped("vix_daily.csv", "2026-10-07", "2026-10-07"),
    "missing bars": dropped("spot_intraday.csv", f"{HELD} 10:00", f"{HELD} 10:45"),
    "wild index": times("vix_intraday.csv", f"{HELD} 10:30", END, 1.4),
    "index leaps and returns": times("vix_intraday.csv", f"{HELD} 10:30", f"{HELD} 10:30", 1.7),
    "halted": dropped("spot_intraday.csv", f"{HELD} 11:00", END),
    "no row": all_of(
        dropped("spot_daily.csv", "2026-10-07", "2026-10-07"),
        dropped("spot_intraday.csv", "2026-10-07", "2026-10-07 14:00"),
    ),
    "rebuilt row": dropped("spot_daily.csv", "2026-10-07", "2026-10-07"),
    "contradicted row": rows(
        "spot_daily.csv",
        lambda row: row if row[0] != "2026-10-07" else [row[0], *(f"{float(p) * 1.02:.2f}" for p in row[1:])],
    ),
    "no rows since": dropped("spot_daily.csv", "2026-10-06", END),
}


def model_file(folder: Path, name: str) -> Path:
    return next(folder.glob(f"{name}-*.joblib"))


def lost(name: str) -> Change:
    return lambda folder: model_file(folder, name).unlink()


def flipped(name: str) -> Change:
    def change(folder: Path) -> None:
        content = bytearray(model_file(folder, name).read_bytes())
        content[len(content) // 2] ^= 1
        model_file(folder, name).write_bytes(content)

    return change


def cut_short(folder: Path) -> None:
    path = model_file(folder, "distribution")
    path.write_bytes(path.read_bytes()[:-7])


def manifest_says(pattern: str, replacement: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / "manifest.json"
        text, n = re.subn(pattern, replacement, path.read_text(), count=1)
        assert n == 1
        path.write_text(text)

    return change


def nothing_left(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


MODELS: dict[str, tuple[str, Change]] = {
    "no trap": ("whole", lost("trap")),
    "no night": ("whole", lost("night")),
    "no session": ("whole", lost("session")),
    "bad distribution": ("whole", flipped("distribution")),
    "bad breach": ("whole", flipped("breach")),
    "bad breakout and gamma": ("whole", all_of(flipped("breakout"), flipped("gamma"))),
    "expired": ("whole", manifest_says(r'"trained_at": "2026', '"trained_at": "2025')),
    "none": ("whole", nothing_left),
}
"""Damaged model sets by name: the set each is a copy of, and what was done to it."""


def make_data(folder: Path) -> None:
    """Every csv folder below ``folder``, by name."""
    with tarfile.open(BARS) as archive:
        archive.extractall(folder, filter="data")
    for name, change in DATA.items():
        if name != "whole":
            shutil.copytree(folder / "whole", folder / name)
        change(folder / name)


def damage_models(folder: Path) -> None:
    """Every damaged copy of the sets in ``folder``, by name."""
    for name, (original, change) in MODELS.items():
        shutil.copytree(folder / original, folder / name)
        change(folder / name)
