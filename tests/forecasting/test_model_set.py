"""A set on disk: whole or not at all, read with suspicion, refused in one line that names the file."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from set_folder import edited, file_of, manifest_of, pickled, report_of, vouch_for, write_manifest

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, Manifest
from aegismatrix_engine.artifacts.reading import SIZE_LIMIT
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.errors import ModelsMissing, ModelsOfAnotherMarket, ModelsUnusable, OutputUnwritable
from aegismatrix_engine.forecasting.audit import read_manifest
from aegismatrix_engine.forecasting.model_set import load_models, save_models
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.training.train import train

Change = Callable[[Path], object]


def refused(folder: Path, market: str = "nifty50", kind: type[ModelsUnusable] = ModelsUnusable) -> str:
    """The one line that loading the set is refused with."""
    with pytest.raises(kind) as refusal:
        load_models(folder, market)
    assert type(refusal.value) is kind
    assert int(refusal.value.exit_code) == 78
    message = str(refusal.value)
    assert "\n" not in message
    assert "aegis train" in message
    return message


def test_what_is_saved_comes_back_exactly(saved: Path) -> None:
    models, training = synthetic.trained_whole()
    found, manifest = load_models(saved, "nifty50")
    assert all(synthetic.equal(getattr(found, name), getattr(models, name)) for name in MODEL_NAMES)
    assert manifest.training == training
    assert manifest == read_manifest(saved)


def test_models_read_back_make_the_same_document(saved: Path) -> None:
    models, training = synthetic.trained_whole()
    found, manifest = load_models(saved, "nifty50")
    assert synthetic.document(found, manifest.training) == synthetic.document(models, training)


def test_saving_twice_gives_the_same_files(saved: Path, tmp_path: Path) -> None:
    again = save_models(*synthetic.trained_whole(), tmp_path)
    assert again == read_manifest(saved)
    for name in MODEL_NAMES:
        assert file_of(tmp_path, name).read_bytes() == file_of(saved, name).read_bytes()


def test_a_set_is_small(saved: Path) -> None:
    assert sum(path.stat().st_size for path in saved.iterdir()) < 2 * 2**20


def test_the_manifest_says_what_made_the_set(saved: Path) -> None:
    manifest = read_manifest(saved)
    assert isinstance(manifest, Manifest)
    versions = {"python", "numpy", "scikit-learn", "joblib", "pandas", "scipy", "platform"}
    assert set(manifest.environment) == versions
    assert manifest.environment["numpy"] == np.__version__
    for name, entry in manifest.files.items():
        data = (saved / entry.file).read_bytes()
        assert entry.file.startswith(f"{name}-")
        assert (entry.sha256, entry.size) == (hashlib.sha256(data).hexdigest(), len(data))


def test_no_models_are_missing_models(tmp_path: Path) -> None:
    assert "there are no models here" in refused(tmp_path, kind=ModelsMissing)
    assert str(tmp_path / "nowhere") in refused(tmp_path / "nowhere", kind=ModelsMissing)


def test_models_of_another_market_are_told_apart(saved: Path) -> None:
    message = refused(saved, "sp500", ModelsOfAnotherMarket)
    assert "trained for nifty50, not for sp500" in message
    assert "aegis train --market sp500" in message


SPOILT_MANIFESTS: dict[str, tuple[Change, str]] = {
    "empty": (lambda d: (d / MANIFEST_NAME).write_text(""), "not a manifest"),
    "half": (lambda d: (d / MANIFEST_NAME).write_text((d / MANIFEST_NAME).read_text()[:300]), "not a manifest"),
    "binary": (lambda d: (d / MANIFEST_NAME).write_bytes(b"\xff\xfe\x00"), "cannot be read"),
    "deep": (lambda d: (d / MANIFEST_NAME).write_text("[" * 100_000), "not a manifest"),
    "a list": (lambda d: write_manifest(d, []), "format version None"),
    "newer": (lambda d: write_manifest(d, {**manifest_of(d), "format_version": 3}), "format version 3"),
    "no version": (
        lambda d: write_manifest(d, {k: v for k, v in manifest_of(d).items() if k != "format_version"}),
        "format version None",
    ),
    "a field more": (lambda d: write_manifest(d, {**manifest_of(d), "extra": 1}), "extra"),
    "a field less": (
        lambda d: write_manifest(d, {k: v for k, v in manifest_of(d).items() if k != "set_version"}),
        "set_version",
    ),
    "text for a number": (lambda d: edited(d, lambda m: m["training"].update(rows="1150")), "training.rows"),
    "true for a version": (
        lambda d: write_manifest(d, {**manifest_of(d), "format_version": True}),
        "format version True",
    ),
    "a head without a proof": (lambda d: edited(d, lambda m: m["training"]["heads"].pop()), "training.heads"),
    "a head twice": (
        lambda d: edited(d, lambda m: m["training"]["heads"].append(m["training"]["heads"][0])),
        "training.heads",
    ),
    "a head of no model": (lambda d: edited(d, lambda m: m["training"]["heads"][0].update(signal="x")), "signal"),
    "a model less": (lambda d: edited(d, lambda m: m["files"].pop("trap")), "names the models"),
    "a model more": (
        lambda d: edited(d, lambda m: m["files"].update({"a": m["files"]["trap"]})),
        "names the models",
    ),
    "a line break": (
        lambda d: edited(d, lambda m: m["environment"].update({"a\nb": "1"})),
        "is not one line of at most 200 printable characters",
    ),
    "a foreign signal": (
        lambda d: edited(d, lambda m: m["training"]["skill"][0].update(signal="seller.luck")),
        "is not a signal of any model",
    ),
    "no zone": (
        lambda d: edited(d, lambda m: m["training"].update(trained_at="2030-01-01T12:00:00")),
        "has no zone",
    ),
}


@pytest.mark.parametrize("case", SPOILT_MANIFESTS)
def test_a_spoilt_manifest_is_refused_by_name(models_dir: Path, case: str) -> None:
    spoil, why = SPOILT_MANIFESTS[case]
    spoil(models_dir)
    message = refused(models_dir)
    assert str(models_dir / MANIFEST_NAME) in message
    assert why in message


SPOILT_FILES: dict[str, tuple[Change, str]] = {
    "missing": (lambda p: p.unlink(), "is missing"),
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:-1]), "by its manifest"),
    "longer": (lambda p: p.write_bytes(p.read_bytes() + b"\0"), "by its manifest"),
    "changed": (lambda p: p.write_bytes(p.read_bytes()[:-1] + bytes([p.read_bytes()[-1] ^ 1])), "SHA-256"),
    "a folder": (lambda p: (p.unlink(), p.mkdir()), "not a plain file"),
}


@pytest.mark.parametrize("name", ["distribution", "gamma"])
@pytest.mark.parametrize("case", SPOILT_FILES)
def test_a_spoilt_file_is_refused_by_name(models_dir: Path, case: str, name: str) -> None:
    spoil, why = SPOILT_FILES[case]
    path = file_of(models_dir, name)
    spoil(path)
    message = refused(models_dir)
    assert message.startswith(f"{models_dir}: {name} is ")
    assert path.name in message
    assert why in message


def test_a_link_in_a_files_place_is_refused(models_dir: Path) -> None:
    path = file_of(models_dir, "trap")
    elsewhere = models_dir.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert f"trap is untrusted, {path.name} is a link" in refused(models_dir)


@pytest.mark.parametrize("leads", ["../{}", "/etc/passwd", "sub/{}", "..\\{}", "{}\0", "..", ""])
def test_a_file_outside_the_folder_is_refused(models_dir: Path, leads: str) -> None:
    path = file_of(models_dir, "trap")
    shutil.copy(path, models_dir.parent / path.name)
    edited(models_dir, lambda m: m["files"]["trap"].update(file=leads.format(path.name)))
    assert "files.trap" in refused(models_dir)
    assert report_of(models_dir, "trap").status == "untrusted"


def test_a_file_too_large_is_not_even_read(models_dir: Path) -> None:
    vouch_for(models_dir, "trap", b"\0" * (SIZE_LIMIT + 1))
    assert "trap is untrusted" in refused(models_dir)
    assert "bytes, at most 2097152 are allowed" in refused(models_dir)


def test_nan_in_an_array_is_refused_by_file_and_field(models_dir: Path) -> None:
    state = to_state(synthetic.trained_whole()[0].stress)
    state["base"]["base_rate"] = np.full(45, np.nan)
    vouch_for(models_dir, "stress", pickled(state))
    assert "stress is schema-mismatch, stress.base.base_rate: holds NaN" in refused(models_dir)


def other_set() -> tuple[Models, Any]:
    return train(synthetic.history(synthetic.daily_frame(520)), synthetic.TRAINED_AT)


def test_a_new_set_takes_the_place_of_the_old_and_leaves_no_file_of_it(models_dir: Path) -> None:
    (models_dir / "README.md").write_text("kept")
    models, training = other_set()
    manifest = save_models(models, training, models_dir)
    assert load_models(models_dir, "nifty50")[1] == manifest
    named = {entry.file for entry in manifest.files.values()}
    assert {path.name for path in models_dir.iterdir()} == named | {MANIFEST_NAME, "README.md"}


@pytest.mark.parametrize("name", ["distribution", "theta"])
def test_a_write_that_fails_leaves_the_old_set_loadable(models_dir: Path, tmp_path: Path, name: str) -> None:
    old = read_manifest(models_dir)
    models, training = other_set()
    wanted = save_models(models, training, tmp_path / "elsewhere")
    # A folder stands where one of the new set's files must go.
    (models_dir / wanted.files[name].file).mkdir()
    with pytest.raises(OutputUnwritable) as refusal:
        save_models(models, training, models_dir)
    assert wanted.files[name].file in str(refusal.value)
    found, manifest = load_models(models_dir, "nifty50")
    assert manifest == old
    assert synthetic.equal(found.distribution, synthetic.trained_whole()[0].distribution)


def test_a_crash_before_the_manifest_leaves_the_old_set(models_dir: Path, tmp_path: Path) -> None:
    old = read_manifest(models_dir)
    models, training = other_set()
    save_models(models, training, tmp_path / "elsewhere")
    for path in (tmp_path / "elsewhere").glob("*.joblib"):
        shutil.copy(path, models_dir)
    assert load_models(models_dir, "nifty50")[1] == old


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(OutputUnwritable, match="cannot make the folder"):
        save_models(*synthetic.trained_whole(), tmp_path / "models")
