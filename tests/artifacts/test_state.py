"""Every model class becomes plain numbers and comes back equal; anything else is refused by the field it is in."""

import dataclasses
import typing
from types import UnionType
from typing import Any

import numpy as np
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from set_folder import pickled

from aegismatrix_engine.artifacts.state import from_state, to_state
from aegismatrix_engine.errors import ModelsUnusable, UntrustedModelFile
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.seller.model import StressModel, TrapModel
from aegismatrix_engine.typing import LENGTH
from aegismatrix_engine.volatility.label_cuts import LabelCuts

KINDS = typing.get_type_hints(Models)
PLAIN = (float, int, str, np.ndarray)


def invented(kind: Any, draws: np.random.Generator, length: int = 1) -> Any:
    """A value of the kind, with random contents; a tuple has ``length`` items."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        lengths = {field.name: field.metadata.get(LENGTH, 1) for field in dataclasses.fields(kind)}
        return kind(**{name: invented(hints[name], draws, length) for name, length in lengths.items()})
    if typing.get_origin(kind) is UnionType:
        return invented(typing.get_args(kind)[0], draws) if draws.random() < 0.5 else None
    if typing.get_origin(kind) is tuple:
        return tuple(invented(typing.get_args(kind)[0], draws) for _ in range(length))
    if kind is float:
        return float(draws.choice([draws.normal(), np.inf, -np.inf, 0.0]))
    if kind is int:
        return int(draws.integers(-5, 10**12))
    if kind is str:
        return "".join(chr(code) for code in draws.integers(32, 0x2FF, size=draws.integers(0, 9)))
    shape = tuple(draws.integers(0, 5, size=draws.integers(1, 3)))
    return np.where(draws.uniform(size=shape) < 0.1, np.inf, draws.normal(size=shape))


def parts(state: Any) -> list[Any]:
    if isinstance(state, dict):
        return [leaf for value in state.values() for leaf in parts(value)]
    return [leaf for value in state for leaf in parts(value)] if isinstance(state, list) else [state]


@pytest.mark.parametrize("name", MODEL_NAMES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_any_model_comes_back_as_it_was(name: str, seed: int) -> None:
    model = invented(KINDS[name], np.random.default_rng(seed))
    state = to_state(model)
    assert {type(leaf) for leaf in parts(state)} <= set(PLAIN)
    assert synthetic.equal(from_state(KINDS[name], state, name), model)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_trained_model_is_plain_numbers_and_comes_back(name: str) -> None:
    model = getattr(synthetic.trained_whole()[0], name)
    state = to_state(model)
    assert {type(leaf) for leaf in parts(state)} <= set(PLAIN)
    assert synthetic.equal(from_state(KINDS[name], state, name), model)


def stress_state() -> dict[str, Any]:
    return to_state(synthetic.trained_whole()[0].stress)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda s: s.pop("cuts"), "stress: expected the fields base, cuts"),
        (lambda s: s.update(more=1.0), "stress: expected the fields base, cuts"),
        (lambda s: s.update({3: 1.0}), "stress: expected the fields base, cuts"),
        (lambda s: s.update(cuts=[0.9, 1.1]), "stress.cuts: expected the fields low, high"),
        (lambda s: s["cuts"].update(low=1), "stress.cuts.low: is a int"),
        (lambda s: s["cuts"].update(low=np.float64(0.9)), "stress.cuts.low: is a float64"),
        (lambda s: s["cuts"].update(high=float("nan")), "stress.cuts.high: is NaN"),
        (lambda s: s["base"].update(sessions=900.0), "stress.base.sessions: is a float"),
        (lambda s: s["base"].update(sessions=True), "stress.base.sessions: is a bool"),
        (lambda s: s["base"].update(base_rate=[0.2] * 45), "stress.base.base_rate: is a list"),
        (lambda s: s["base"].update(base_rate=np.ones(45, dtype=np.float32)), "stress.base.base_rate: is a ndarray"),
        (lambda s: s["base"].update(base_rate=np.ones(45, dtype=object)), "stress.base.base_rate: is a ndarray"),
        (lambda s: s["base"]["base_rate"].put(7, np.nan), "stress.base.base_rate: holds NaN"),
    ],
)
def test_a_state_of_another_shape_is_refused_by_name(change: Any, named: str) -> None:
    state = stress_state()
    state["base"]["base_rate"] = state["base"]["base_rate"].copy()
    change(state)
    with pytest.raises(ModelsUnusable) as refusal:
        from_state(StressModel, state, "stress")
    assert str(refusal.value).startswith(named)
    assert "\n" not in str(refusal.value)
    assert "aegis train" in str(refusal.value)


def test_no_state_at_all_is_refused() -> None:
    for nothing in (None, [], 3.0, LabelCuts(0.9, 1.1)):
        with pytest.raises(ModelsUnusable, match="trap: expected the fields forecaster, cuts"):
            from_state(TrapModel, nothing, "trap")


def test_every_tuple_of_a_model_has_a_length() -> None:
    def tuples(kind: Any) -> list[Any]:
        hints = typing.get_type_hints(kind)
        own = [field for field in dataclasses.fields(kind) if typing.get_origin(hints[field.name]) is tuple]
        below = [hint for hint in hints.values() if dataclasses.is_dataclass(hint)]
        return [*own, *(field for hint in below for field in tuples(hint))]

    found = [field for kind in KINDS.values() for field in tuples(kind)]
    assert [field.metadata.get(LENGTH) for field in found] == [2, 5, 5, 5, 7]


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_a_tuple_of_another_length_is_refused_by_name(count: int) -> None:
    state = to_state(synthetic.trained_whole()[0].trap)
    state["forecaster"]["heads"] = state["forecaster"]["heads"][:1] * count
    with pytest.raises(ModelsUnusable, match=rf"trap.forecaster.heads: has {count} items, expected 2; run"):
        from_state(TrapModel, state, "trap")


def test_a_state_may_unfold_to_four_times_its_file_and_no_further() -> None:
    state = stress_state()
    state["base"]["base_rate"] = np.ones(100_000)
    assert from_state(StressModel, state, "stress", file_size=220_000).base.base_rate.nbytes == 800_000
    with pytest.raises(UntrustedModelFile, match=r"more than 4 times its size \(at stress.base.base_rate\)"):
        from_state(StressModel, state, "stress", file_size=199_000)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_trained_model_unfolds_to_about_its_file(name: str) -> None:
    """Half of what is allowed would do, so that a model of another market or of more history is never refused."""
    model = getattr(synthetic.trained_whole()[0], name)
    size = len(pickled(to_state(model))) / 2
    assert synthetic.equal(from_state(KINDS[name], to_state(model), name, file_size=size), model)
