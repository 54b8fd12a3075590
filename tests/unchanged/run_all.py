"""Run the engine that PYTHONPATH leads to, on every moment and every refusal, and write down what it made.

    python run_all.py FOLDER FILE

FOLDER is made and worked in. Only the command line is used, so that nothing depends on where the engine keeps what.
"""

import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import data_folders
import pandas as pd
import time_machine
from moments import AFTER_RESOLVING, LATER, MOMENTS, RECORDED, RESOLVED_AT, SETS, TRAINED_AT, Moment
from refusals import REFUSALS, Refusal

from aegismatrix_engine.cli import main

LAST_VALUE = "seller.trap.score"
CLOSED = ("01-26", "03-10", "03-22", "03-26", "04-14", "04-15", "05-17", "06-16", "10-29", "11-01")


class Ended(NamedTuple):
    code: int
    err: str


@contextmanager
def clock(now: str, *, machine: bool) -> Iterator[None]:
    if machine:
        with time_machine.travel(pd.Timestamp(now).to_pydatetime(), tick=False):
            yield
    else:
        with mock.patch.dict(os.environ, {"AEGIS_NOW": now}):
            yield


def aegis(*arguments: str) -> Ended:
    """A command in this process; its standard output is thrown away."""
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
    err.flush()
    assert isinstance(err.buffer, io.BytesIO)
    return Ended(int(code or 0), err.buffer.getvalue().decode())


def source(data: str) -> tuple[str, ...]:
    if data == "sample":
        return "--market", "sp500", "--source", "sample"
    return "--source", "csv", "--data", f"data/{data}"


def train() -> None:
    for name, one in SETS.items():
        with clock(TRAINED_AT, machine=False):
            ended = aegis("train", *source(one.data), "--as-of", one.as_of, "--models", f"models/{name}", "--quiet")
        assert ended == Ended(0, ""), (name, ended)


def digests(folder: Path, pattern: str) -> dict[str, str]:
    """The SHA-256 of every file below a folder, by path."""
    found = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def infer(moment: Moment, output: Path, *more: str) -> dict[str, Any]:
    """How it ended, and the document, None where none was made."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with clock(moment.now, machine=moment.machine):
        ended = aegis(
            "infer", *source(moment.data), "--models", f"models/{moment.models}", "--output", str(output),
            "--quiet", *moment.options, *more,
        )  # fmt: skip
    return {"code": ended.code, "told": told(ended.err), "document": read(output)}


def read(path: Path) -> Any:
    """The JSON of a file; None where an engine that fails has made none, which is then seen as a difference."""
    return json.loads(path.read_text()) if path.is_file() else None


def documents() -> dict[str, Any]:
    made = {name: infer(one, Path("made", f"{n}", "aegismatrix.json")) for n, (name, one) in enumerate(MOMENTS.items())}
    return {**made, **frozen()}


def frozen() -> dict[str, Any]:
    """A number that has stood still for eight periods: the document of the second of two sessions, prepared so."""
    first, second = MOMENTS["close, day before the monthly expiry"], MOMENTS["close, monthly expiry"]
    coming = infer(second, Path("made/peek/aegismatrix.json"))["document"]
    place = Path("made/frozen/aegismatrix.json")
    infer(first, place)
    values = place.with_name("recent.json")
    content = read(values)
    if coming and content:
        content["numbers"][LAST_VALUE] = [coming["seller"]["trap"]["score"], 7]
        values.write_text(json.dumps(content))
    return {"degraded, frozen": infer(second, place)}


def calendar() -> dict[str, Any]:
    """A document under an operator's calendar, which carries the announced one on."""
    rows = "".join(f'    {{ date = 2027-{day}, name = "closed" }},\n' for day in CLOSED)
    text = f'[nifty50]\nsource = "made for this"\nvalid_through = 2027-12-31\nclosures = [\n{rows}]\n'
    Path("operator.toml").write_text(text)
    moment = MOMENTS["close, provisional calendar"]
    return {
        "close, operator's calendar": infer(moment, Path("made/cal/aegismatrix.json"), "--calendar", "operator.toml")
    }


def recorded() -> dict[str, Any]:
    """The documents made one after the other with a record, and every row of it once it has been resolved twice."""
    place, record = Path("made/recorded/aegismatrix.json"), Path("made/recorded/record")
    with_record = ("--record", str(record))
    made = {f"recorded {n}": infer(one, place, *with_record) for n, one in enumerate(RECORDED)}
    resolved = [resolve(RESOLVED_AT, *with_record)]
    made["recorded, resolved"] = infer(AFTER_RESOLVING, place, *with_record)
    resolved.append(resolve(LATER, *with_record))
    with clock(LATER, machine=False):
        reported = aegis("record", "report", *with_record, "--quiet")
    files = {str(path.relative_to(record)): path.read_text() for path in sorted(record.rglob("*.csv"))}
    last_values = read(place.with_name("recent.json"))
    return {
        "documents": made,
        "files": files,
        "last_values": last_values,
        "ended": [[one.code, told(one.err)] for one in (*resolved, reported)],
    }


def resolve(now: str, *with_record: str) -> Ended:
    with clock(now, machine=False):
        return aegis("record", "resolve", *source("whole"), *with_record, "--quiet")


def refused(number: int, one: Refusal) -> dict[str, Any]:
    """How a command ends in a folder of its own, and which files are others afterwards."""
    place = Path("refused", f"{number}")
    shutil.copytree("models/daily", place / "models")
    shutil.copytree("data/daily", place / "data")
    (place / "aegismatrix.json").write_text("what stood here before\n")
    one.prepare(place)
    before = digests(place, "*")
    with ExitStack() as around:
        around.enter_context(clock(one.now, machine=one.machine))
        around.enter_context(one.around())
        home = Path.cwd()
        os.chdir(place)
        around.callback(os.chdir, home)
        ended = aegis(*one.arguments)
    after = digests(place, "*")
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return {"code": ended.code, "told": told(ended.err), "changed": changed}


def told(err: str) -> list[str]:
    """What each line of ours on standard error is, such as ``error``; its words are the engine's own matter."""
    return [line.split(": ")[1] for line in err.splitlines() if line.startswith("aegis: ")]


def everything() -> dict[str, Any]:
    data_folders.make_data(Path("data"))
    train()
    data_folders.damage_models(Path("models"))
    shutil.copytree("models/daily", "models/retrained")
    data_folders.lost("trap")(Path("models/retrained"))
    models = {name: digests(Path("models", name), "*.joblib") for name in SETS}
    record = recorded()
    made = {**documents(), **calendar(), **record.pop("documents")}
    runs = {name: refused(n, one) for n, (name, one) in enumerate(REFUSALS.items())}
    return {"models": models, "documents": made, "record": record, "runs": runs}


if __name__ == "__main__":
    work, out = Path(sys.argv[1]), Path(sys.argv[2]).absolute()
    work.mkdir(parents=True)
    os.chdir(work)
    out.write_text(json.dumps(everything(), indent=1))
