"""What can befall what a former run left: one mutation of each kind, drawn by a seeded generator."""

import csv
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import store_files
from trees import DOCUMENT, MANIFEST, RECENT, RECORD, Link, Tree

from aegismatrix_engine.record.rows import checksum

JUNK = 3 * 2**20
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
IMPOSSIBLE = ("2026-13-45", "9999-12-31", "0001-01-01", "2026-02-30", "2026-07-14T25:61:00+05:30")
OWN_FOLDERS = ("record", "models", RECORD, f"{RECORD}/forecasts", f"{RECORD}/resolutions", f"{RECORD}/forecasts/2026")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@dataclass
class Place:
    """What a former run left: the branch's tree, a checkout that is used again, and the store of bars.

    Attributes:
        tree: of the branch, to be changed in place.
        checkout: changes the job's fresh checkout, or None.
        store: changes the folder of stored bars, or None.
        down: a series that the source lacks in the first run, so that the store is used.
        what: the mutation in words.
    """

    tree: Tree
    checkout: Callable[[Path], None] | None = None
    store: Callable[[Path], None] | None = None
    down: str = ""
    what: list[str] = field(default_factory=list)


Mutation = Callable[[Place, Random], None]


def files(tree: Tree) -> dict[str, list[str]]:
    """Paths of the tree's plain files by what they are."""
    groups = {
        "document": [DOCUMENT],
        "recent": [RECENT],
        "manifest": [MANIFEST],
        "model": [path for path in tree if path.endswith(".joblib")],
        "forecasts": [path for path in tree if path.startswith(f"{RECORD}/forecasts/")],
        "resolutions": [path for path in tree if path.startswith(f"{RECORD}/resolutions/")],
    }
    return {name: sorted(path for path in paths if path in tree) for name, paths in groups.items()}


def _file(place: Place, draw: Random, *groups: str) -> str:
    """A file of the tree, its group drawn first, so that the many models are not all that is drawn."""
    found = {name: paths for name, paths in files(place.tree).items() if paths and (not groups or name in groups)}
    path = draw.choice(found[draw.choice(sorted(found))])
    place.what.append(path)
    return path


def _bytes(place: Place, path: str) -> bytes:
    content = place.tree[path]
    assert isinstance(content, bytes)
    return content


# ---- values of JSON


def _leaves(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = list(part.items()) if isinstance(part, dict) else list(enumerate(part)) if isinstance(part, list) else []
    below = [leaf for key, value in items for leaf in _leaves(value, (*path, key))]
    return [path, *below] if path else below


def _json(change: Callable[[Any, Random], Any], *, numbers: bool = False) -> Mutation:
    """One value of a JSON file put in another's place; ``numbers``: a number's."""

    def mutate(place: Place, draw: Random) -> None:
        path = _file(place, draw, "document", "recent", "manifest")
        content = json.loads(_bytes(place, path))
        leaves = _leaves(content)
        if numbers:
            leaves = [leaf for leaf in leaves if type(_at(content, leaf)) in (int, float)]
        # By name first: a document has a thousand values deep down and a few on top, which matter most.
        first = draw.choice(sorted({str(leaf[0]) for leaf in leaves}))
        chosen = draw.choice([leaf for leaf in leaves if str(leaf[0]) == first])
        parent, key = _at(content, chosen[:-1]), chosen[-1]
        new = change(parent[key], draw)
        place.what.append(f"{'.'.join(map(str, chosen))}: {str(parent[key])[:40]} -> {str(new)[:40]}")
        if new is GONE:
            del parent[key]
        elif isinstance(new, Raw):
            parent[key] = MARK
        else:
            parent[key] = new
        text = json.dumps(content, indent=1, ensure_ascii=False)
        if isinstance(new, Raw):
            text = text.replace(json.dumps(MARK), new.text)
        place.tree[path] = text.encode() + b"\n"

    return mutate


def _at(content: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


@dataclass(frozen=True)
class Raw:
    """Text that stands in the file as it is."""

    text: str

    def __str__(self) -> str:
        return self.text


GONE = object()
MARK = "@@"


def _other_type(value: Any, draw: Random) -> Any:
    others: list[Any] = [0, 1.5, "text", True, [], {}, ["text"], {"a": 1}, [[]]]
    return draw.choice([one for one in others if type(one) is not type(value)])


def _scaled(value: Any, draw: Random) -> Any:
    return value * draw.choice((0.5, 0.99, 1.0001, 1.01, 2, 1000)) + (draw.choice((0, 0, 1)) if value == 0 else 0)


JSON: dict[str, Mutation] = {
    "JSON: another type": _json(_other_type),
    "JSON: NaN, Infinity": _json(lambda _, draw: draw.choice((Raw("NaN"), Raw("Infinity"), Raw("-Infinity"), "nan"))),
    "JSON: a huge number": _json(
        lambda _, draw: Raw(draw.choice(("1e308", "-1e308", "1e999", "1" + "0" * 400, "1" + "0" * 5000, "9" * 25)))
    ),
    "JSON: negative": _json(lambda value, _: -value or -1, numbers=True),
    "JSON: null": _json(lambda *_: None),
    "JSON: empty": _json(lambda _, draw: draw.choice(("", [], {}, " "))),
    "JSON: very long": _json(lambda _, draw: draw.choice(("x" * 100_000, ["x"] * 50_000, "\x00\x1b[31m\n" * 9000))),
    "JSON: deep": _json(lambda _, draw: Raw("[" * (n := draw.choice((200, 5000, 100_000))) + "]" * n)),
    "JSON: a number scaled": _json(_scaled, numbers=True),
    "JSON: a field gone": _json(lambda *_: GONE),
    "JSON: an impossible date": _json(lambda _, draw: draw.choice(IMPOSSIBLE)),
}


def _strange_field(place: Place, draw: Random) -> None:
    path = _file(place, draw, "document", "recent", "manifest")
    name = draw.choice(("extra", "", "__class__", "\\ud800", "as_of", "version", "health"))
    place.what.append(f"a field {name!r} more")
    place.tree[path] = _bytes(place, path).rstrip().removesuffix(b"}") + f', "{name}": 1}}\n'.encode()


def _one_moment(place: Place, draw: Random) -> None:
    """One of the moments that decide, set to one that cannot be."""
    path, names = draw.choice(
        (
            (DOCUMENT, ("as_of", "generated_at", "valid_until", "next_due")),
            (RECENT, ("as_of", "expiry")),
            (MANIFEST, ("training", "trained_at")),
        )
    )
    content = json.loads(_bytes(place, path))
    parent = content["training"] if path == MANIFEST else content
    name = "trained_at" if path == MANIFEST else draw.choice([name for name in names if name in content])
    suffix = draw.choice(("", "T16:09:30+05:30", "T16:09:30", "T00:00:00+23:59", "T23:59:59-12:00"))
    parent[name] = draw.choice(("2026-13-45", "9999-12-31", "0001-01-01", "2026-07-15")) + suffix
    place.what.append(f"{path} {name}: {parent[name]}")
    place.tree[path] = json.dumps(content, indent=1).encode() + b"\n"


def _trained_at(place: Place, draw: Random) -> None:
    content = json.loads(_bytes(place, MANIFEST))
    moment = datetime.fromisoformat(content["training"]["trained_at"])
    moved = moment + draw.choice((-99, -101, -400, -40_000, 1, 2, 3, 40, 364, 40_000)) * DAY
    content["training"]["trained_at"] = moved.isoformat()
    place.what.append(f"trained at {moved.isoformat()}")
    place.tree[MANIFEST] = json.dumps(content, indent=1).encode() + b"\n"


# ---- rows and cells of csv files


def _table(place: Place, draw: Random) -> tuple[str, list[str]]:
    path = _file(place, draw, "forecasts", "resolutions")
    return path, _bytes(place, path).decode().splitlines()


def _rows(change: Callable[[list[str], Random], list[str]]) -> Mutation:
    def mutate(place: Place, draw: Random) -> None:
        path, lines = _table(place, draw)
        place.tree[path] = ("\n".join(change(lines, draw)) + "\n").encode()

    return mutate


def _cell(values: Callable[[str, Random], str], *, checksummed: bool) -> Mutation:
    """One cell of a row; ``checksummed``: with the checksum that such a row has to have."""

    def mutate(place: Place, draw: Random) -> None:
        path, lines = _table(place, draw)
        header = lines[0].split(",")
        at = draw.randrange(1, len(lines))
        row = next(csv.reader([lines[at]]))
        column = draw.randrange(0, len(row) - 1)
        was, row[column] = row[column], values(row[column], draw)
        place.what.append(f"line {at + 1} {header[column]}: {was[:30]} -> {row[column][:30]!r}")
        if checksummed:
            row[-1] = checksum(row[:-1])
        lines[at] = ",".join(row)
        place.tree[path] = ("\n".join(lines) + "\n").encode()

    return mutate


def _impossible_cell(_: str, draw: Random) -> str:
    odd = ("", "nan", "inf", "-1", "1e400", "9" * 30, "x" * 5000, "\x00", "a b", "replay ", "\N{SNOWMAN}", "2", "0.5")
    return draw.choice((*odd, *IMPOSSIBLE))


def _possible_cell(cell: str, draw: Random) -> str:
    """Another value of the same sort."""
    try:
        return repr(round(float(cell) * draw.choice((0.5, 0.9, 1.1, 2)), 6))
    except ValueError:
        pass
    try:
        moved = datetime.fromisoformat(cell) + draw.choice((-364, -7, -1, 1, 7, 364)) * DAY
        return moved.isoformat()[: len(cell)]
    except ValueError:
        return {"live": "replay", "replay": "live", "0": "1", "1": "0"}.get(cell, cell[:-1] or "up")


def _swapped(lines: list[str], draw: Random) -> list[str]:
    one, other = draw.randrange(1, len(lines)), draw.randrange(1, len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def _headed(lines: list[str], draw: Random) -> list[str]:
    return [
        draw.choice(("", "row,value", "key,checksum", lines[0].upper(), lines[0] + ",more", "key", lines[1])),
        *lines[1:],
    ]


def _strange_line(lines: list[str], draw: Random) -> list[str]:
    odd = draw.choice(("<<<<<<< HEAD", '"', "key,a,checksum", "x" * 100_000, "\x00" * 10, ",,,", "é" * 30))
    lines.insert(draw.randrange(0, len(lines) + 1), odd)
    return lines


CSV: dict[str, Mutation] = {
    "csv: a cell": _cell(_impossible_cell, checksummed=False),
    "csv: an impossible cell, right checksum": _cell(_impossible_cell, checksummed=True),
    "csv: another cell, right checksum": _cell(_possible_cell, checksummed=True),
    "csv: a row dropped": _rows(lambda lines, draw: [*lines[: (n := draw.randrange(1, len(lines)))], *lines[n + 1 :]]),
    "csv: a row doubled": _rows(lambda lines, draw: [*lines, lines[draw.randrange(1, len(lines))]]),
    "csv: rows swapped": _rows(_swapped),
    "csv: another header": _rows(_headed),
    "csv: a strange line": _rows(_strange_line),
    "csv: a row cut": _rows(lambda lines, draw: [*lines[:-1], lines[-1][: draw.randrange(1, len(lines[-1]))]]),
}


# ---- whole files


def _content(change: Callable[[bytes, Random], bytes]) -> Mutation:
    def mutate(place: Place, draw: Random) -> None:
        path = _file(place, draw)
        place.tree[path] = change(_bytes(place, path), draw)

    return mutate


def _flipped(content: bytes, draw: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 20))):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _recoded(encoding: str) -> Callable[[bytes, Random], bytes]:
    def recoded(content: bytes, _: Random) -> bytes:
        text = content.decode("latin-1")
        at = len(text) // 2
        return (text[:at] + "é" + text[at:] if encoding == "latin-1" else text).encode(encoding, "replace")

    return recoded


def _with_another(place: Place, draw: Random) -> None:
    one, other = _file(place, draw), _file(place, draw)
    place.tree[one], place.tree[other] = place.tree[other], place.tree[one]


def _copied(place: Place, draw: Random) -> None:
    one, other = _file(place, draw), _file(place, draw)
    place.tree[one] = place.tree[other]


def _folder_for_file(place: Place, draw: Random) -> None:
    path = _file(place, draw)
    content = place.tree.pop(path)
    inside = draw.choice(("inside", "manifest.json", "2026-07-15.csv", "a/b/c.csv"))
    place.what.append(f"a folder with {inside}")
    place.tree[f"{path}/{inside}"] = draw.choice((content, b"", b"text\n"))


def _link_for_file(place: Place, draw: Random) -> None:
    path = _file(place, draw)
    up = "../" * path.count("/")
    to = draw.choice(
        (up + _file(place, draw), "nowhere", "/etc/hostname", up + "record", path.rpartition("/")[2], "/dev/zero")
    )
    place.what.append(f"a link to {to}")
    place.tree[path] = Link(to)


def _removed(place: Place, draw: Random) -> None:
    del place.tree[_file(place, draw)]


def _folder(place: Place, draw: Random) -> str:
    present = [name for name in OWN_FOLDERS if any(path.startswith(f"{name}/") for path in place.tree)]
    folder = draw.choice(present)
    place.what.append(folder)
    for path in [path for path in place.tree if path.startswith(f"{folder}/")]:
        del place.tree[path]
    return folder


def _file_for_folder(place: Place, draw: Random) -> None:
    place.tree[_folder(place, draw)] = draw.choice((b"", b"text\n", b"\x00\xff"))


def _link_for_folder(place: Place, draw: Random) -> None:
    place.tree[_folder(place, draw)] = Link(draw.choice(("..", "/etc", "nowhere", "models", ".git")))


def _foreign(place: Place, draw: Random) -> None:
    path = draw.choice(
        (
            "README.md",
            "Record/nifty50/forecasts/2026/2026-07-15.csv",
            "record/nifty50/forecasts/2026/2026-07-15.CSV",
            "record/nifty50/forecasts/2026/line\nbreak.csv",
            "record/nifty50/forecasts/1999/1999-01-01.csv",
            "record/nifty50/forecasts/year/x.csv",
            "record/notes.txt",
            "record/nifty50/faults.csv",
            "models/deep/er/manifest.json",
            "models/stranger.joblib",
            "models/\x1b[31m.joblib",
            "models/README.md",
            "models/.aegis-0123456789abcdef.tmp",
            ".gitattributes",
            ".gitignore",
            "aegismatrix.json.bak",
        )
    )
    contents = (b"", b"text\n", b"\xff\x00", b"* text eol=crlf filter=lfs\n", b"*\n", b"key,checksum\n1,2\n")
    place.what.append(repr(path))
    place.tree[path] = draw.choice(contents)


def _of_the_day(place: Place, draw: Random) -> None:
    """Something that stands already where the next runs append their rows."""
    path = f"{RECORD}/{draw.choice(('forecasts', 'resolutions'))}/2026/{draw.choice(('2026-07-16', '2026-07-17'))}.csv"
    other = _bytes(place, draw.choice(files(place.tree)["forecasts"]))
    contents: tuple[tuple[str, bytes | Link], ...] = (
        ("a pointer", POINTER),
        ("nothing", b""),
        ("nulls", b"\x00" * 1000),
        ("junk", draw.randbytes(JUNK)),
        ("one long line", b"x" * JUNK),
        ("text", b"text\n"),
        ("another day's rows", other),
        ("UTF-16", other.decode().encode("utf-16")),
        ("Latin-1", b"caf\xe9\n"),
        ("another header", b"row,value\n1,2\n"),
        ("a header of other columns", b"key,as_of,more,checksum\n"),
        ("a merge", b"<<<<<<< HEAD\n" + other + b"=======\n>>>>>>> other\n"),
        ("a link", Link("/etc/hostname")),
    )
    name, content = draw.choice((*contents, ("a folder", b"")))
    place.what.append(f"{path}: {name}")
    place.tree[f"{path}/inside.csv" if name == "a folder" else path] = content


FILES: dict[str, Mutation] = {
    "file: of the runs themselves": _of_the_day,
    "file: cut": _content(lambda content, draw: content[: draw.randrange(1, len(content))]),
    "file: emptied": _content(lambda content, draw: draw.choice((b"", b"\n", b"\x00" * len(content)))),
    "file: bytes changed": _content(_flipped),
    "file: UTF-16": _content(_recoded("utf-16")),
    "file: Latin-1": _content(_recoded("latin-1")),
    "file: byte order mark": _content(lambda content, _: b"\xef\xbb\xbf" + content),
    "file: CRLF": _content(lambda content, _: content.replace(b"\n", b"\r\n")),
    "file: junk of 3 MB": _content(
        lambda _, draw: draw.choice((draw.randbytes(JUNK), b"x" * JUNK, b"x,\n" * (JUNK // 3), b"[" * JUNK))
    ),
    "file: a pointer": _content(lambda *_: POINTER),
    "file: swapped with another": _with_another,
    "file: another in its place": _copied,
    "file: a folder in its place": _folder_for_file,
    "file: a link in its place": _link_for_file,
    "file: removed": _removed,
    "folder: a file in its place": _file_for_folder,
    "folder: a link in its place": _link_for_folder,
    "folder: removed": lambda place, draw: (_folder(place, draw), None)[1],
    "tree: a foreign file": _foreign,
}


# ---- dates


def moved(content: bytes, by: timedelta) -> bytes:
    """A text with every date moved; one of minutes moves only what has a time."""

    def later(match: re.Match[bytes]) -> bytes:
        text = match[0].decode()
        if by < DAY and "T" not in text and by > -DAY:
            return match[0]
        try:
            return (datetime.fromisoformat(text) + by).isoformat()[: len(text)].encode()
        except (ValueError, OverflowError):
            return match[0]

    return MOMENT.sub(later, content)


def _checksummed(content: bytes) -> bytes:
    """Rows of a ledger with the checksums their cells have to have."""
    head, *lines = content.decode().splitlines()
    rows = [line.split(",") for line in lines]
    return "\n".join([head, *(",".join([*row[:-1], checksum(row[:-1])]) for row in rows), ""]).encode()


def _dates(by: timedelta, *, whole: bool) -> Mutation:
    def mutate(place: Place, draw: Random) -> None:
        paths = [path for path in place.tree if path.endswith((".json", ".csv"))]
        if not whole:
            paths = [_file(place, draw, "document", "recent", "manifest", "forecasts", "resolutions")]
        right = draw.random() < 0.5
        place.what.append("with right checksums" if right else "checksums left")
        for path in paths:
            content = moved(_bytes(place, path), by)
            place.tree[path] = _checksummed(content) if right and path.endswith(".csv") else content

    return mutate


DATES: dict[str, Mutation] = {
    f"dates: {name}{' of all files' if whole else ''}": _dates(by, whole=whole)
    for whole in (False, True)
    for name, by in (("+364 days", 364 * DAY), ("-364 days", -364 * DAY), ("+1 minute", MINUTE))
} | {"dates: one moment": _one_moment, "dates: trained at": _trained_at}


# ---- a checkout that is used again


def _in_checkout(make: Callable[[Path, Random], str], *folders: str) -> Mutation:
    """Something in the checkout, in the place of a file of ours; in that of one of ``folders`` as well."""

    def mutate(place: Place, draw: Random) -> None:
        path = draw.choice((_file(place, draw), *folders))
        seed = draw.random()
        place.what.append(path)

        def change(checkout: Path) -> None:
            at = checkout / path
            at.parent.mkdir(parents=True, exist_ok=True)
            place.what.append(make(at, Random(seed)))

        place.checkout = change

    return mutate


def _pipe(at: Path, _: Random) -> str:
    os.mkfifo(at)
    return "a pipe"


def _link(at: Path, draw: Random) -> str:
    to = draw.choice(("nowhere", "/etc/hostname", "/dev/zero", "..", at.name))
    at.symlink_to(to)
    return f"a link to {to}"


def _directory(at: Path, draw: Random) -> str:
    at.mkdir()
    if draw.random() < 0.5:
        (at / "inside").write_text("text\n")
    return "a folder"


def _plain(at: Path, draw: Random) -> str:
    at.write_bytes(draw.choice((b"", b"text\n", b"\x00\xff" * 100, b"[" * 100_000, POINTER)))
    return "a plain file"


def _leftovers(place: Place, draw: Random) -> None:
    """The tree of a former run, one of its files changed, stands in the checkout."""
    left = Place(dict(place.tree))
    kind = draw.choice(sorted({**JSON, **CSV, **FILES, **DATES}))
    {**JSON, **CSV, **FILES, **DATES}[kind](left, draw)
    place.what += [kind, *left.what]

    def change(checkout: Path) -> None:
        from trees import put

        put({path: content for path, content in left.tree.items() if path != "README"}, checkout)

    place.checkout = change


CHECKOUT: dict[str, Mutation] = {
    "checkout: a pipe": _in_checkout(_pipe, "record", "models"),
    "checkout: a link": _in_checkout(_link, "record", "models", RECORD),
    "checkout: a folder": _in_checkout(_directory),
    "checkout: a plain file": _in_checkout(_plain, "record", "models", RECORD),
    "checkout: what a run left": _leftovers,
}


# ---- the store of bars


def _in_store(change: Callable[[Path, Random], str]) -> Mutation:
    def mutate(place: Place, draw: Random) -> None:
        seed = draw.random()
        place.down = draw.choice(("", *store_files.SERIES_DOWN))
        place.what.append(f"down at first: {place.down or 'nothing'}")
        place.store = lambda store: place.what.append(change(store, Random(seed)))

    return mutate


STORE: dict[str, Mutation] = {
    name: _in_store(change)
    for name, change in {
        "store: no plain file": store_files.no_plain_file,
        "store: damaged": store_files.damaged,
        "store: dates ahead": store_files.dates_ahead,
        "store: other prices": store_files.other_prices,
        "store: another head": store_files.another_head,
        "store: no folder": store_files.no_folder,
    }.items()
}

MUTATIONS: dict[str, Mutation] = {"none": lambda *_: None, **JSON, **CSV, **FILES, **DATES, **CHECKOUT, **STORE}
"""Every kind by its name."""

KINDS = tuple(MUTATIONS)
FORMER = ("", "", "", "", "published-1.0.0", "", "", "", "published-2.0.0", "", "")
"""What engine's tree a case begins with, by its seed; '' is today's."""


def mutation(seed: int, tree: Tree) -> tuple[str, Place]:
    """The case of a seed: its kind, and what a former run left, changed. ``tree`` is left as it is."""
    kind = KINDS[seed % len(KINDS)]
    place = Place(dict(tree))
    MUTATIONS[kind](place, Random(seed))
    return kind, place
