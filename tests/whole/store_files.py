"""What can befall the store of the last good bars, which stands beside the checkout from run to run."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

SERIES_DOWN = ("^NSEI", "^INDIAVIX", "^NSEI 1d", "^NSEI 15m", "^INDIAVIX 1d", "^INDIAVIX 15m")


def _chosen(store: Path, draw: Random) -> Path:
    return draw.choice(sorted(path for path in store.iterdir()))


def no_plain_file(store: Path, draw: Random) -> str:
    at = _chosen(store, draw)
    content = at.read_bytes()
    at.unlink()
    what = draw.choice(("a pipe", "a link to itself", "a link away", "a folder", "a link to /dev/zero", "gone"))
    if what == "a pipe":
        os.mkfifo(at)
    elif what == "a folder":
        at.mkdir()
    elif what == "a link away":
        (store / "elsewhere").write_bytes(content)
        at.symlink_to("elsewhere")
    elif what != "gone":
        at.symlink_to(at.name if what == "a link to itself" else "/dev/zero")
    return f"{at.name}: {what}"


def damaged(store: Path, draw: Random) -> str:
    at = _chosen(store, draw)
    content = at.read_bytes()
    what, changed = draw.choice(
        (
            ("cut", content[: draw.randrange(1, len(content))]),
            ("emptied", b""),
            ("junk", draw.randbytes(100_000)),
            ("nulls", b"\x00" * 1000),
            ("UTF-16", content.decode("latin-1").encode("utf-16")),
            ("CRLF", content.replace(b"\n", b"\r\n")),
            ("deep", b"[" * 100_000),
            ("a huge number", b"9" * 6000),
        )
    )
    at.write_bytes(changed)
    return f"{at.name}: {what}"


def _rewritten(store: Path, draw: Random, change: Callable[[str], str]) -> str:
    """A series of the store with other bars, and the checksum that they have to have."""
    at = draw.choice(sorted(store.glob("*.bars")))
    head, _, body = at.read_bytes().partition(b"\n")
    about, text = json.loads(head), change(body.decode())
    about["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    at.write_bytes(json.dumps(about).encode() + b"\n" + text.encode())
    return at.name


def dates_ahead(store: Path, draw: Random) -> str:
    by = timedelta(days=draw.choice((1, 7, 364, 3640)))

    def later(match: re.Match[str]) -> str:
        return (datetime.fromisoformat(match[0]) + by).isoformat()

    name = _rewritten(store, draw, lambda text: re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", later, text))
    return f"{name}: {by.days} days ahead"


def other_prices(store: Path, draw: Random) -> str:
    new = draw.choice(("nan", "inf", "-1.0", "0.0", "1e300", "24000.0", "text", "", "1e-300"))

    def change(text: str) -> str:
        lines = text.splitlines()
        at = draw.randrange(1, len(lines))
        cells = lines[at].split(",")
        cells[draw.randrange(1, len(cells))] = new
        lines[at] = ",".join(cells)
        return "\n".join(lines) + "\n"

    return f"{_rewritten(store, draw, change)}: a price {new!r}"


def another_head(store: Path, draw: Random) -> str:
    at = draw.choice(sorted(store.glob("*.bars")))
    head, _, body = at.read_bytes().partition(b"\n")
    about = json.loads(head)
    name = draw.choice(sorted(about))
    about[name] = draw.choice(
        (None, 1, "", [], {}, "2026-13-45", "9999-12-31T00:00:00+00:00", "0001-01-01T00:00:00+23:00")
    )
    at.write_bytes(json.dumps(about).encode() + b"\n" + body)
    return f"{at.name}: {name} is {about[name]!r}"


def no_folder(store: Path, draw: Random) -> str:
    what = draw.choice(("gone", "a file", "a link away", "a link to nowhere", "a pipe"))
    if what == "a link away":
        store.rename(store.with_name("elsewhere"))
        store.symlink_to("elsewhere")
        return what
    shutil.rmtree(store)
    if what == "a file":
        store.write_text("text\n")
    elif what == "a link to nowhere":
        store.symlink_to("nowhere")
    elif what == "a pipe":
        os.mkfifo(store)
    return what
