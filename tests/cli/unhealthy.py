"""What can be wrong with a model set: one change for each status, made to a healthy set on disk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]


def manifest_path(place: Path) -> Path:
    return place / "models" / "manifest.json"


def read_manifest(place: Path) -> Manifest:
    content: Manifest = json.loads(manifest_path(place).read_text())
    return content


def edit_manifest(place: Path, change: Callable[[Manifest], object]) -> None:
    content = read_manifest(place)
    change(content)
    manifest_path(place).write_text(json.dumps(content))


def model_file(place: Path, name: str) -> Path:
    return place / "models" / read_manifest(place)["files"][name]["file"]


def missing(place: Path) -> None:
    model_file(place, "trap").unlink()


def corrupt(place: Path) -> None:
    path = model_file(place, "trap")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def untrusted(place: Path) -> None:
    path = model_file(place, "trap")
    path.rename(place / "elsewhere")
    path.symlink_to(place / "elsewhere")


def drifted(place: Path) -> None:
    def change(content: Manifest) -> None:
        content["answers"]["trap"][0] *= 1.001

    edit_manifest(place, change)


def schema_mismatch(place: Path) -> None:
    edit_manifest(place, lambda content: content["features"]["trap"].reverse())


def unskilled(place: Path, *, forced: bool = False) -> None:
    def change(content: Manifest) -> None:
        content["forced"] = forced
        score = next(one for one in content["training"]["skill"] if one["signal"].startswith("seller.trap"))
        score["score"] = score["climatology"] + 3.1 * score["noise"]

    edit_manifest(place, change)


def trained_at(place: Path, moment: str) -> None:
    edit_manifest(place, lambda content: content["training"].update(trained_at=moment))


def expired(place: Path) -> None:
    trained_at(place, "2026-03-21T12:00:00+05:30")


def incompatible(place: Path) -> None:
    edit_manifest(place, lambda content: content.update(format_version=99))


def no_set(place: Path) -> None:
    for path in (place / "models").iterdir():
        path.unlink()


TRAP_ALONE: dict[str, Callable[[Path], None]] = {
    "missing": missing,
    "corrupt": corrupt,
    "untrusted": untrusted,
    "drifted": drifted,
    "schema-mismatch": schema_mismatch,
    "unskilled": unskilled,
}
EVERY_MODEL: dict[str, tuple[str, Callable[[Path], None]]] = {
    "expired": ("expired", expired),
    "incompatible": ("incompatible", incompatible),
    "no set": ("missing", no_set),
    "manifest of no sense": ("corrupt", lambda place: edit_manifest(place, lambda content: content.pop("files"))),
}
