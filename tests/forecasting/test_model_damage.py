"""Damage of any kind: each ends in a named status or in an error of ours, and never in another number."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import synthetic
from set_folder import file_of, manifest_of, vouch_for, write_manifest

from aegismatrix_engine.artifacts.reading import Status
from aegismatrix_engine.errors import ModelsOfAnotherMarket, ModelsUnusable
from aegismatrix_engine.forecasting.audit import SetReport, audit
from aegismatrix_engine.forecasting.model_set import healthy_set
from aegismatrix_engine.forecasting.models import MODEL_NAMES
from aegismatrix_engine.forecasting.probes import TOLERANCE, answers, probe_error

FLIPS, CUTS = 500, 100
PARTS = 4
LONG = 2
KINDS = (None, True, -1, 1.5, "", "x", [], {}, [None], 10**400, "\ud800")


def standing(folder: Path) -> SetReport:
    """The audit, after the promises that hold for every one."""
    report = audit(folder, "nifty50", synthetic.TRAINED_AT)
    for name, one in report.reports.items():
        assert one.status in get_args(Status)
        assert (one.status == "ok") == (not one.reason) == (name in report.models)
        assert "\n" not in one.reason
    if report.unhealthy:
        with pytest.raises(ModelsUnusable) as refusal:
            healthy_set(report)
        assert int(refusal.value.exit_code) == 78
        assert "\n" not in str(refusal.value)
    return report


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))])
def test_a_flipped_bit_is_told_or_changes_nothing(models_dir: Path, part: int) -> None:
    draws = np.random.default_rng([20, part])
    good = {name: file_of(models_dir, name).read_bytes() for name in MODEL_NAMES}
    manifest = manifest_of(models_dir)
    trained, training = synthetic.trained_whole()
    asked = {name: answers(name, getattr(trained, name), training.probes) for name in MODEL_NAMES}
    told = set()
    for flip in range(FLIPS // PARTS):
        # Every other flip lies in the largest file, the rest in all of them alike: else the small ones are never hit.
        name = "distribution" if flip % 4 < 2 else MODEL_NAMES[draws.integers(len(MODEL_NAMES))]
        data = bytearray(good[name])
        data[draws.integers(len(data))] ^= 1 << draws.integers(8)
        path = file_of(models_dir, name)
        if flip % 2:
            vouch_for(models_dir, name, bytes(data))
        else:
            path.write_bytes(data)
        report = standing(models_dir)
        told.add(report.reports[name].status)
        assert report.unhealthy.keys() <= {name}
        if flip % 2 == 0:
            assert report.reports[name].status == "corrupt"
        elif name in report.models:
            found = answers(name, report.models[name], training.probes)
            assert probe_error(asked[name], found) <= TOLERANCE
            assert synthetic.equal(report.models[name], getattr(trained, name))
        path.write_bytes(good[name])
        write_manifest(models_dir, manifest)
    assert told >= {"corrupt", "untrusted", "drifted"}


@pytest.mark.parametrize("fitting", [False, True])
def test_a_file_cut_short_is_corrupt(models_dir: Path, fitting: bool) -> None:
    draws = np.random.default_rng(21)
    manifest = manifest_of(models_dir)
    for cut in range(CUTS // 2):
        name = MODEL_NAMES[cut % len(MODEL_NAMES)]
        path = file_of(models_dir, name)
        good = path.read_bytes()
        short = good[: draws.integers(len(good))]
        if fitting:
            vouch_for(models_dir, name, short)
        else:
            path.write_bytes(short)
        report = standing(models_dir)
        assert report.unhealthy.keys() == {name}
        assert report.reports[name].status in ({"corrupt", "untrusted"} if fitting else {"corrupt"})
        path.write_bytes(good)
        write_manifest(models_dir, manifest)


def test_a_manifest_cut_short_is_corrupt(models_dir: Path) -> None:
    path = models_dir / "manifest.json"
    good = path.read_bytes().rstrip()
    for length in np.random.default_rng(22).integers(len(good), size=CUTS):
        path.write_bytes(good[:length])
        assert {one.status for one in standing(models_dir).reports.values()} == {"corrupt"}


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field of a manifest; of long lists the first few."""
    if isinstance(content, dict | list):
        for key in list(content) if isinstance(content, dict) else range(min(len(content), LONG)):
            yield (*path, key)
            yield from places(content[key], (*path, key))


def spoilt(content: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The manifest with one field taken away, and with one field of another type, in turn."""
    draws = np.random.default_rng(23)
    for path in places(content):
        for kind in ("removed", KINDS[draws.integers(len(KINDS))]):
            copy = json.loads(json.dumps(content))
            inner = copy
            for key in path[:-1]:
                inner = inner[key]
            if kind == "removed":
                del inner[path[-1]]
            elif type(kind) is type(inner[path[-1]]):
                inner[path[-1]] = {"not": ["this"]}
            else:
                inner[path[-1]] = kind
            yield path, copy


# Empty for a market without a companion index, as it is for a set of an engine that knew none.
COMPANION = ("training", "probes", "companion_block")

# What a set's readers print and nothing is computed from: another text, name or number of them changes no answer.
TOLD_ONLY = {"environment", "label_cuts", "training"}


@pytest.mark.slow
def test_a_manifest_with_any_field_removed_or_of_another_type_is_told(models_dir: Path) -> None:
    content, seen = manifest_of(models_dir), 0
    for path, copy in spoilt(content):
        seen += 1
        write_manifest(models_dir, copy)
        with contextlib.suppress(ModelsOfAnotherMarket):
            report = standing(models_dir)
            if not report.unhealthy:
                assert path[0] in TOLD_ONLY or copy == content, path
                left_out = path == COMPANION and path[-1] not in copy["training"]["probes"]
                assert path[:2] != ("training", "probes") or len(path) > 3 or left_out, path
    assert seen > 250


IMPOSSIBLE: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "rows below 0": (("training", "rows"), -1),
    "rows without end": (("training", "rows"), 10**400),
    "a size below 0": (("files", "trap", "size"), -1),
    "a number that no float holds": (("training", "probes", "vix"), [10**400]),
    "a month that is none": (("training", "last"), "2026-13-45"),
    "three cuts": (("label_cuts", "seller.trap"), [0.9, 1.0, 1.1]),
    "a climatology of 0, by which skill is divided": (("training", "skill"), [{"climatology": 0.0}]),
    "a score beyond 2": (("training", "skill"), [{"score": 2.1}]),
    "a noise below 0": (("training", "skill"), [{"noise": -0.1}]),
    "forecasts below 0": (("training", "skill"), [{"n": -5}]),
}
SCORED = {"signal": "seller.trap.5", "score": 0.2, "climatology": 0.2, "noise": 0.1, "n": 9, "first": "2020-01-01"}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_is_well_formed_and_impossible_makes_every_model_corrupt(models_dir: Path, name: str) -> None:
    (*path, last), value = IMPOSSIBLE[name]
    manifest = manifest_of(models_dir)
    place: Any = manifest
    for key in path:
        place = place[key]
    if last == "skill":
        sound = SCORED | {"last": "2021-01-01"}
        place[last] = [sound]
        write_manifest(models_dir, manifest)
        assert not audit(models_dir, "nifty50", synthetic.TRAINED_AT).unhealthy
        value = [sound | value[0]]
    place[last] = value
    write_manifest(models_dir, manifest)
    report = audit(models_dir, "nifty50", synthetic.TRAINED_AT)
    assert {one.status for one in report.reports.values()} == {"corrupt"}
    assert "run `aegis train`" not in next(iter(report.reports.values())).reason
