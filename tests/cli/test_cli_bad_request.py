"""Options, models and outputs that cannot be: one line, the exit code of its kind, and nothing overwritten."""

import json
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import CSV, EARLY, Ended, aegis, assert_refused, contents

Call = Callable[..., Ended]

NO_NETWORK = dict.fromkeys(
    ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"), "http://127.0.0.1:9"
)

MOMENTS = {
    "before the history": ("2014-06-02", "is outside the history, expected a date from 2015-01-"),
    "in the future": ("2199-01-04", "as_of 2199-01-04 is outside the history, expected a date from "),
    "timestamp in the future": ("2199-01-04T11:00+05:30", "is outside the history"),
    "not a date": ("yesterday", "invalid --as-of 'yesterday': expected YYYY-MM-DD"),
    "no day of the calendar": ("2017-02-30", "invalid --as-of '2017-02-30': expected YYYY-MM-DD"),
    "empty": ("", "invalid --as-of '': expected YYYY-MM-DD"),
    "a holiday": ("2017-08-15", "has no session in the history; the one before is 2017-08-14"),
    "a Sunday": ("2017-08-20", "has no session in the history; the one before is 2017-08-18"),
}


@pytest.mark.parametrize("command", ["train", "infer"])
@pytest.mark.parametrize(("as_of", "told"), MOMENTS.values(), ids=MOMENTS)
def test_an_as_of_that_cannot_be_is_a_mistake_of_usage(
    call: Call, place: Path, command: str, as_of: str, told: str
) -> None:
    before = contents(place)
    assert_refused(call(command, *CSV, "--as-of", as_of), 2, told)
    assert contents(place) == before


MISUSES = {
    "csv without data": (("--source", "csv"), "the csv source needs a folder of data; name one with --data DIR"),
    "sample of another market": (("--source", "sample"), "the sample source has the market sp500 only, not nifty50"),
    "unknown market": (
        ("--market", "dax"),
        "'dax' is not one of 'banknifty', 'nifty50', 'sensex', 'sp500'; see `aegis {} --help`",
    ),
    "unknown source": (
        ("--source", "bloomberg"),
        "'bloomberg' is not one of 'yahoo', 'csv', 'sample'; see `aegis {} -",
    ),
    "unknown option": (("--frobnicate",), "see `aegis {} --help`"),
    "option without value": (("--data",), "'--data' requires an argument; see `aegis "),
    "stray argument": (("data",), "nexpected extra argument (data); see `aegis {} --help`"),
}


@pytest.mark.parametrize("command", ["train", "infer"])
@pytest.mark.parametrize(("options", "told"), MISUSES.values(), ids=MISUSES)
def test_misuse_is_told_in_one_line_with_the_place_to_look(
    call: Call, place: Path, command: str, options: tuple[str, ...], told: str
) -> None:
    before = contents(place)
    assert_refused(call(command, *options), 2, told.format(command))
    assert contents(place) == before


def test_misuse_comes_before_missing_models(call: Call) -> None:
    assert_refused(call("infer", "--source", "csv", "--models", "none"), 2, "--data DIR")
    assert_refused(call("infer", *CSV, "--as-of", "soon", "--models", "none"), 2, "'soon'")


def test_an_unknown_command_is_misuse(call: Call) -> None:
    assert_refused(call("predict"), 2, "predict", "; see `aegis --help`")


def test_no_command_at_all_shows_what_there_is(call: Call) -> None:
    ended = call()
    assert ended.code == 2
    assert ended.out == b""
    assert "Usage: aegis" in ended.err


def test_a_bad_environment_variable_is_misuse(call: Call) -> None:
    assert_refused(call("infer", env={"AEGIS_MARKET": "dax"}), 2, "--market", "'dax' is not one of")
    assert_refused(call("infer", env={"AEGIS_QUIET": "perhaps"}), 2, "'perhaps' is not a valid boolean")


def block(place: Path) -> None:
    (place / "file").write_text("no folder")
    (place / "folder").mkdir()


OUTPUTS = {
    "folder": ("folder", "'folder': it is a folder; name a file in it"),
    "missing folder": ("missing/document.json", "'missing/document.json': no such file or directory; "),
    "below a file": ("file/document.json", "'file/document.json': not a directory; "),
    "name too long": ("n" * 300, "file name too long; "),
}


@pytest.mark.parametrize(("output", "told"), OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize("loud", ["--quiet", "--json"])
def test_an_output_that_cannot_be_written(call: Call, place: Path, output: str, told: str, loud: str) -> None:
    block(place)
    before = contents(place)
    assert_refused(call("infer", *CSV, "--output", output, loud), 73, "cannot write ", told)
    assert contents(place) == before


@pytest.mark.parametrize("folder", ["file", "file/models"])
def test_a_folder_for_models_that_cannot_be_made(call: Call, place: Path, folder: str) -> None:
    block(place)
    before = contents(place)
    assert_refused(
        call("train", *CSV, "--models", folder, "--as-of", EARLY), 73, f"{folder}: cannot make the folder for models"
    )
    assert contents(place) == before


def full_disk() -> None:
    """No file of this process may grow beyond a kilobyte: a disk that fills up while a file is being written."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


@pytest.mark.parametrize("command", ["train", "infer"])
def test_a_disk_that_fills_up_leaves_what_stood_before(place: Path, command: str) -> None:
    before = contents(place)
    assert_refused(
        # Python itself takes half of a compiled module for the whole of it.
        aegis(command, *CSV, "--as-of", EARLY, at=place, preexec_fn=full_disk, env={"PYTHONDONTWRITEBYTECODE": "1"}),
        73,
        "cannot write ",
        "; make room",
    )
    assert contents(place) == before


def model_file(place: Path, name: str) -> Path:
    manifest = json.loads((place / "models" / "manifest.json").read_text())
    return place / "models" / manifest["files"][name]["file"]


def flip_a_byte(place: Path) -> str:
    path = model_file(place, "trap")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return f"trap is corrupt, {path.name} does not match the SHA-256 in its manifest"


def cut_short(place: Path) -> str:
    path = model_file(place, "distribution")
    path.write_bytes(path.read_bytes()[:-7])
    return f"distribution is corrupt, {path.name} has {path.stat().st_size} bytes, expected"


def delete_a_file(place: Path) -> str:
    path = model_file(place, "gamma")
    path.unlink()
    return f"gamma is missing, {path.name} is not there"


def manifest_of(text: str, told: str) -> Callable[[Path], str]:
    def change(place: Path) -> str:
        (place / "models" / "manifest.json").write_text(text)
        return f"models/manifest.json: {told}"

    return change


def manifest_of_bytes(place: Path) -> str:
    (place / "models" / "manifest.json").write_bytes(b"\xff\x00")
    return "models/manifest.json: cannot be read"


def no_manifest(place: Path) -> str:
    (place / "models" / "manifest.json").unlink()
    return "models: there are no models here"


def no_folder(place: Path) -> str:
    for path in (place / "models").iterdir():
        path.unlink()
    (place / "models").rmdir()
    return "models: there are no models here"


MODELS = {
    "flipped byte": flip_a_byte,
    "file cut short": cut_short,
    "deleted file": delete_a_file,
    "manifest not JSON": manifest_of("{ half", "not a manifest ("),
    "empty manifest": manifest_of("", "not a manifest ("),
    "manifest of another kind": manifest_of("[1, 2]", "format version None, this engine reads"),
    "manifest of later times": manifest_of('{"format_version": 99}', "format version 99, this engine reads"),
    "manifest without fields": manifest_of('{"format_version": 2}', "set_version: field required"),
    "binary manifest": manifest_of_bytes,
    "missing manifest": no_manifest,
    "missing folder": no_folder,
}


@pytest.mark.parametrize("fault", MODELS.values(), ids=MODELS)
def test_models_that_cannot_be_trusted_make_no_document(call: Call, place: Path, fault: Callable[[Path], str]) -> None:
    told = fault(place)
    before = contents(place)
    assert_refused(call("infer", *CSV), 78, told, "; run `aegis train`")
    assert contents(place) == before


@pytest.mark.slow
def test_training_mends_models_that_cannot_be_trusted(place: Path) -> None:
    broken = model_file(place, "trap").name
    flip_a_byte(place)
    assert aegis("train", *CSV, "--quiet", "--as-of", EARLY, at=place) == Ended(0, b"", "")
    assert broken not in contents(place / "models")
    assert aegis("infer", *CSV, "--quiet", at=place) == Ended(10, b"", "")


def test_models_of_another_market_make_no_document(call: Call, place: Path) -> None:
    before = contents(place)
    ended = call("infer", "--market", "sp500", "--source", "sample")
    assert_refused(
        ended, 78, "models: these models were trained for nifty50, not for sp500", "own folder with --models"
    )
    assert contents(place) == before


@pytest.mark.parametrize("arguments", [("infer", "--source", "csv"), ("infer", "--models", "none", *CSV)])
def test_refusals_of_a_process_of_its_own(place: Path, arguments: tuple[str, ...]) -> None:
    before = contents(place)
    assert_refused(aegis(*arguments, at=place), 78 if "none" in arguments else 2)
    assert contents(place) == before


@pytest.mark.parametrize("command", ["train", "infer"])
def test_without_network_the_default_source_makes_nothing(place: Path, command: str) -> None:
    before = contents(place)
    ended = aegis(command, at=place, env={**NO_NETWORK, "NO_PROXY": "", "no_proxy": ""})
    assert_refused(ended, ended.code, "Yahoo did not give ^NSEI", "; ")
    assert ended.code in (69, 75)
    assert contents(place) == before
