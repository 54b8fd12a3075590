"""Each status a model can have, what brings it about, and what may never be put in place."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from set_folder import edited, file_of, pickled, vouch_for

from aegismatrix_engine import buyer, direction, seller
from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.artifacts.state import from_state, to_state
from aegismatrix_engine.errors import (
    DeadModels,
    ModelsMissing,
    ModelsOfAnotherMarket,
    ModelsUnskilled,
    ModelsUnusable,
)
from aegismatrix_engine.forecasting.acceptance import NOISE_BEYOND, refuse_dead, refuse_unskilled, unskilled_models
from aegismatrix_engine.forecasting.audit import EXPIRED_AFTER_DAYS, audit
from aegismatrix_engine.forecasting.model_set import load_models, save_models
from aegismatrix_engine.forecasting.models import MODEL_NAMES
from aegismatrix_engine.scores import BrierSkill

NOW = synthetic.TRAINED_AT
# By the specification of Git LFS: the whole file that stands for one of 12,345 bytes.
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 63 + b"1\nsize 12345\n"


def scaled(state: Any, factor: float) -> Any:
    """The same state with every number otherwise by that factor."""
    if isinstance(state, dict):
        return {name: scaled(value, factor) for name, value in state.items()}
    if isinstance(state, list):
        return [scaled(value, factor) for value in state]
    return state * factor if isinstance(state, float | np.ndarray) else state


def renamed(folder: Path) -> None:
    state = to_state(synthetic.trained_whole()[0].stress)
    state["cut_offs"] = state.pop("cuts")
    vouch_for(folder, "stress", pickled(state))


def odd_shape(folder: Path) -> None:
    state = to_state(synthetic.trained_whole()[0].distribution)
    vouch_for(folder, "distribution", pickled(scaled_shapes(state)))


def scaled_shapes(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: scaled_shapes(value) for name, value in state.items()}
    if isinstance(state, list):
        return [scaled_shapes(value) for value in state]
    return state.ravel()[:1] if isinstance(state, np.ndarray) else state


def other_features(folder: Path) -> None:
    edited(folder, lambda m: m["features"]["trap"].reverse())


CASES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "a file gone": ("missing", "stress", lambda d: file_of(d, "stress").unlink()),
    "a byte more": (
        "corrupt",
        "stress",
        lambda d: file_of(d, "stress").write_bytes(file_of(d, "stress").read_bytes() + b"."),
    ),
    "a Git LFS pointer": ("missing", "stress", lambda d: file_of(d, "stress").write_bytes(POINTER)),
    "a function": ("untrusted", "stress", lambda d: vouch_for(d, "stress", pickled(print))),
    "arrays it cannot compute with": ("incompatible", "distribution", odd_shape),
    "probes it cannot be asked": (
        "incompatible",
        "trap",
        lambda d: edited(d, lambda m: m["training"]["probes"]["range_block"].pop()),
    ),
    "other features": ("schema-mismatch", "trap", other_features),
    "a field renamed": ("schema-mismatch", "stress", renamed),
}


@pytest.mark.parametrize("case", CASES)
def test_what_brings_a_status_about(models_dir: Path, case: str) -> None:
    status, name, spoil = CASES[case]
    spoil(models_dir)
    report = audit(models_dir, "nifty50", NOW)
    assert report.reports[name].status == status
    assert name not in report.models
    if "probes" not in case:
        assert report.unhealthy.keys() == {name}
    with pytest.raises(ModelsUnusable, match=f"{name} is {status}, "):
        load_models(models_dir, "nifty50", NOW)


def test_a_pointer_in_place_of_a_model_is_named_with_its_remedy_alone(models_dir: Path) -> None:
    for name in ("trap", "stress"):
        file_of(models_dir, name).write_bytes(POINTER)
    report = audit(models_dir, "nifty50", NOW)
    expected = f"{file_of(models_dir, 'trap').name} is a Git LFS pointer, its content is not here"
    assert report.reports["trap"].reason == expected
    assert report.reports["trap"].finding == f"{expected}; run `git lfs pull`"
    with pytest.raises(ModelsUnusable) as refusal:
        load_models(models_dir, "nifty50", NOW)
    assert str(refusal.value).endswith("; run `git lfs pull`, or publish without them with --allow-degraded")
    assert "aegis train" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (POINTER, "missing", "is a Git LFS pointer, its content is not here; run `git lfs pull`"),
        (b"/annex/objects/SHA256E-s12--ab.json\n", "missing", "is a git-annex pointer"),
        (b"<html><body>Sign in</body></html>", "corrupt", "is a web page (HTML); download the file itself"),
        (b"{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n}\n", "corrupt", "holds both sides of a git merge"),
    ],
    ids=["Git LFS", "git-annex", "HTML", "merge"],
)
def test_what_stands_in_for_a_manifest_is_named(models_dir: Path, content: bytes, status: str, told: str) -> None:
    (models_dir / "manifest.json").write_bytes(content)
    reports = audit(models_dir, "nifty50", NOW).reports
    assert {one.status for one in reports.values()} == {status}
    kind = ModelsMissing if status == "missing" else ModelsUnusable
    with pytest.raises(kind) as refusal:
        load_models(models_dir, "nifty50", NOW)
    assert f"manifest.json {told}" in str(refusal.value)
    assert refusal.value.status == status


@contextmanager
def ordinary_user() -> Iterator[None]:
    """The superuser may read anything, so it is somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def reachable(saved: Path) -> Iterator[Path]:
    """A copy of a good set in a place that every user may look into, read once so that nothing is left to import."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        copy = Path(shutil.copytree(saved, Path(place) / "models"))
        for path in (copy, *copy.iterdir()):
            path.chmod(0o755)
        assert not audit(copy, "nifty50", NOW).unhealthy
        yield copy
        copy.chmod(0o755)


def test_a_model_that_may_not_be_read_is_unreadable(reachable: Path) -> None:
    path = file_of(reachable, "stress")
    path.chmod(0)
    with ordinary_user():
        report = audit(reachable, "nifty50", NOW)
        with pytest.raises(
            ModelsUnusable, match=r"stress is unreadable, .*permission denied.*; give that user the right"
        ):
            load_models(reachable, "nifty50", NOW)
    assert report.unhealthy.keys() == {"stress"}
    assert report.reports["stress"].status == "unreadable"
    assert report.reports["stress"].finding.endswith(f"; give that user the right to read {reachable} and its files")
    path.chmod(0o644)
    with ordinary_user():
        assert not audit(reachable, "nifty50", NOW).unhealthy


@pytest.mark.parametrize("closed", ["manifest.json", "."])
def test_a_manifest_or_a_folder_that_may_not_be_read_makes_every_model_unreadable(reachable: Path, closed: str) -> None:
    (reachable / closed).chmod(0)
    with ordinary_user():
        report = audit(reachable, "nifty50", NOW)
        with pytest.raises(ModelsUnusable, match=r"manifest\.json may not be read by user") as refusal:
            load_models(reachable, "nifty50", NOW)
    assert {one.status for one in report.reports.values()} == {"unreadable"}
    assert refusal.value.status == "unreadable"
    assert not isinstance(refusal.value, ModelsMissing)


def test_a_set_just_trained_is_ok(saved: Path) -> None:
    report = audit(saved, "nifty50", NOW)
    assert {one.status for one in report.reports.values()} == {"ok"}
    assert {one.probe_error for one in report.reports.values()} == {0.0}
    assert report.models.keys() == set(MODEL_NAMES)
    assert report.changes == ()


def test_no_set_is_missing(tmp_path: Path) -> None:
    assert {one.status for one in audit(tmp_path, "nifty50").reports.values()} == {"missing"}


@pytest.mark.parametrize("factor", [1.001, 1 + 1e-12])
@pytest.mark.parametrize("name", MODEL_NAMES)
def test_other_numbers_under_fitting_hashes_are_drift(models_dir: Path, name: str, factor: float) -> None:
    state = scaled(to_state(getattr(synthetic.trained_whole()[0], name)), factor)
    vouch_for(models_dir, name, pickled(state))
    report = audit(models_dir, "nifty50", NOW)
    assert report.reports[name].status == "drifted"
    assert report.unhealthy.keys() == {name}
    assert report.reports[name].probe_error is not None


def test_answers_that_are_another_count_are_drift(models_dir: Path) -> None:
    edited(models_dir, lambda m: m["answers"]["gamma"].append(1.0))
    report = audit(models_dir, "nifty50", NOW).reports["gamma"]
    assert (report.status, report.probe_error) == ("drifted", None)


@pytest.mark.parametrize(("days", "status"), [(EXPIRED_AFTER_DAYS, "ok"), (EXPIRED_AFTER_DAYS + 1, "expired")])
def test_a_set_expires(saved: Path, days: int, status: str) -> None:
    report = audit(saved, "nifty50", NOW + pd.Timedelta(days=days))
    assert {one.status for one in report.reports.values()} == {status}
    assert {one.status for one in audit(saved, "nifty50").reports.values()} == {"ok"}


def scored(noises: float) -> Training:
    """The synthetic training with one score that many standard errors worse than climatology."""
    training = synthetic.trained_whole()[1]
    poor = BrierSkill("seller.trap.5", 0.25 + 0.01 * noises, 0.25, 0.01, 900, "2019-01-01", "2020-01-01")
    return replace(training, skill=(poor,))


def test_a_set_worse_than_climatology_beyond_noise_is_unskilled(tmp_path: Path) -> None:
    models = synthetic.trained_whole()[0]
    save_models(models, scored(NOISE_BEYOND + 0.1), tmp_path)
    report = audit(tmp_path, "nifty50", NOW)
    assert {name: one.status for name, one in report.unhealthy.items()} == {"trap": "unskilled"}
    assert "seller.trap.5" in report.reports["trap"].reason
    save_models(models, scored(NOISE_BEYOND + 0.1), tmp_path, forced=True)
    assert load_models(tmp_path, "nifty50", NOW)[1].forced
    save_models(models, scored(NOISE_BEYOND - 0.1), tmp_path)
    assert not load_models(tmp_path, "nifty50", NOW)[1].forced


def test_training_that_is_unskilled_is_refused() -> None:
    refuse_unskilled(scored(NOISE_BEYOND - 0.1))
    with pytest.raises(ModelsUnskilled, match=r"seller\.trap\.5 .*--force") as refusal:
        refuse_unskilled(scored(NOISE_BEYOND + 0.1))
    assert int(refusal.value.exit_code) == 11


@pytest.mark.parametrize(
    ("signal", "n", "judged"),
    [
        ("buyer.breakout.3", 249, False),
        ("buyer.breakout.3", 250, True),
        ("seller.trap.10", 299, False),
        ("seller.trap.10", 300, True),
        ("seller.expiry_stress", 250, True),
        ("direction.t40.up", 1199, False),
        ("direction.t40.up", 1200, True),
    ],
)
def test_a_score_on_few_forecasts_or_few_spans_of_its_horizon_is_not_judged(signal: str, n: int, judged: bool) -> None:
    worse = BrierSkill(signal, 0.30, 0.20, 0.01, n, "2020-01-01", "2022-01-01")
    assert bool(unskilled_models([worse])) is judged


def poisoned(part: Any) -> Any:
    """The same model with NaN in place of every number."""
    if isinstance(part, tuple):
        return tuple(poisoned(item) for item in part)
    if isinstance(part, float | np.ndarray):
        return part * np.nan
    if hasattr(part, "__dataclass_fields__"):
        return replace(part, **{field.name: poisoned(getattr(part, field.name)) for field in fields(part)})
    return part


def test_living_models_are_accepted() -> None:
    refuse_dead(*synthetic.trained_whole())


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_model_of_nan_is_refused(name: str) -> None:
    models = synthetic.trained_whole()[0]
    with pytest.raises(DeadModels, match=f"the {name} model holds NaN"):
        refuse_dead(replace(models, **{name: poisoned(getattr(models, name))}), synthetic.trained_whole()[1])


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # no model that was fitted has a base rate of 0
@pytest.mark.parametrize("name", ["trap", "breakout", "theta"])
def test_a_model_that_answers_one_number_is_refused(name: str) -> None:
    models = synthetic.trained_whole()[0]
    still = scaled(to_state(getattr(models, name)), 0.0)
    constant = replace(models, **{name: from_state(type(getattr(models, name)), still, name)})
    with pytest.raises(DeadModels, match=f"the {name} model answers .* to all"):
        refuse_dead(constant, synthetic.trained_whole()[1])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_infinite_answers_are_refused() -> None:
    models, training = synthetic.trained_whole()
    gap = [[float("inf")] * len(row) for row in training.probes.range_block]
    with pytest.raises(DeadModels, match="model answers NaN or infinity"):
        refuse_dead(models, replace(training, probes=replace(training.probes, range_block=gap)))


ROOMS: dict[Any, tuple[str, ...]] = {
    seller: ("trap", "stress", "breach"),
    buyer: ("breakout", "spike", "theta", "gamma"),
    direction: ("direction", "distribution"),
}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__.rpartition(".")[2])
def test_each_room_gives_its_models_by_name_or_an_error_of_ours(room: Any, models_dir: Path, tmp_path: Path) -> None:
    found = room.load_models(models_dir, "nifty50")
    assert found._fields == ROOMS[room]
    assert all(
        synthetic.equal(getattr(found, name), getattr(synthetic.trained_whole()[0], name)) for name in found._fields
    )
    assert room.load_models(str(models_dir))._fields == found._fields
    with pytest.raises(ModelsMissing):
        room.load_models(tmp_path / "nowhere")
    with pytest.raises(ModelsOfAnotherMarket):
        room.load_models(models_dir, "sp500")
    file_of(models_dir, found._fields[0]).write_bytes(b"")
    with pytest.raises(ModelsUnusable, match=f"{found._fields[0]} is corrupt"):
        room.load_models(models_dir)
