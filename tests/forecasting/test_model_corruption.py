"""Each model reaches the signals that declare it, all of them, and no other."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.artifacts.state import from_state, to_state
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets.as_of import AsOf

# Fields that no block with ``models`` encloses, and the block that speaks for them.
SPOKEN_FOR = {
    "seller.breach_probabilities": "seller.breach",
    "buyer.gamma_windows": "buyer.gamma",
    "direction.risk_score": "direction.risk",
    "seller.regime": "seller.seller_flag",
    "seller.daily_flag": "seller.seller_flag",
    "buyer.environment_state": "buyer.buyer_environment",
    "buyer.regime": "buyer.regime_evidence",
}
# Measured when the models were trained, and kept with the model they measure.
RECORDS = {
    "seller.historical_hit_rate": "breach",
    "track_record.safe_range": "breach",
    "track_record.nearest_range": "breach",
    "buyer.historical_spike_rate": "breakout",
    "track_record.breakout_calls": "breakout",
}


# A close, one without a volatility index, the morning after a US night, and three moments of sessions: in the middle of
# one, at its first bar, and in one without a volatility index.
MOMENTS = ("close", "no index", "night", "inside", "first bar", "inside, no index")


@cache
def bars(moment: str) -> MarketHistory:
    whole = synthetic.whole_history()
    if "no index" in moment:
        assert whole.bars is not None
        whole = replace(whole, vix=None, bars=whole.bars.assign(vix=np.nan))
    if moment in ("close", "no index"):
        return whole.until(AsOf.of(whole.spot.index[-1]))
    time = {"night": "08:40", "first bar": "09:31"}.get(moment, "12:05")
    day = whole.spot.index[-28]
    return whole.until(AsOf.of(pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize("Asia/Kolkata")))


@cache
def healthy(moment: str) -> dict[str, Any]:
    return synthetic.document(*synthetic.trained_whole(), bars(moment))


def shifted(state: Any) -> Any:
    """Every number a tenth and a bit larger, which keeps order, bounds and equalities.

    The bit differs from number to number: a shape that is only moved and stretched weighs the same in its tails.
    """
    if isinstance(state, dict):
        return {name: shifted(value) for name, value in state.items()}
    if isinstance(state, list):
        return [shifted(value) for value in state]
    if isinstance(state, np.ndarray):
        return state * 1.1 + 0.01 + 0.02 * np.tanh(state)
    return state * 1.1 + 0.01 if isinstance(state, float) else state


def corrupted(name: str, moment: str) -> Models:
    models = synthetic.trained_whole()[0]
    state = shifted(to_state(getattr(models, name)))
    if name == "gamma":  # shares of a whole: turned round, they are still that
        state["shares"] = models.gamma.shares[::-1].copy()
    if name == "stress":  # inside a session its cuts alone speak, and those only where a label changes
        calm = healthy(moment)["seller"]["expiry_stress"]["label"] == "CALM"
        state["cuts"] = dict.fromkeys(state["cuts"], 0.0 if calm else 99.0)
    return replace(models, **{name: from_state(type(getattr(models, name)), state, name)})


def blocks(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every block that declares its models, by its path."""
    if isinstance(content, dict):
        if "models" in content:
            yield path, content
        for name, value in content.items():
            yield from blocks(value, f"{path}.{name}" if path else name)
    elif isinstance(content, list):
        for i, value in enumerate(content):
            yield from blocks(value, f"{path}.{i}")


def leaves(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict | list):
        for name, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield from leaves(value, f"{path}.{name}" if path else str(name))
    else:
        yield path, content


def owner(path: str, declaring: set[str]) -> str:
    """The block that answers for a number: the one it lies in, or the one that speaks for it."""
    for field, block in SPOKEN_FOR.items():
        if re.match(rf"{re.escape(field)}(\.|$)", path):
            return block
    inside = [block for block in declaring if path.startswith(f"{block}.")]
    return max(inside, key=len) if inside else path


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_corrupted_model_changes_exactly_the_signals_that_declare_it(name: str, moment: str) -> None:
    before = healthy(moment)
    after = synthetic.document(corrupted(name, moment), synthetic.trained_whole()[1], bars(moment))
    declared = dict(blocks(before))
    assert {path: block["models"] for path, block in blocks(after)} == {p: b["models"] for p, b in declared.items()}
    old, new = dict(leaves(before)), dict(leaves(after))
    differing = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    records = {path for path, model in RECORDS.items() if model == name}
    differing = {path for path in differing if not any(path.startswith(record) for record in records)}
    changed = {owner(path, set(declared)) for path in differing}
    assert changed == {path for path, block in declared.items() if name in block["models"]}


def test_every_model_is_declared_and_every_declared_model_exists() -> None:
    declared = {name for moment in MOMENTS for _, block in blocks(healthy(moment)) for name in block["models"]}
    assert declared == set(MODEL_NAMES)


@pytest.mark.parametrize(("name", "moments"), [("session", MOMENTS[3:]), ("night", ("night",))])
def test_what_speaks_at_one_time_of_day_is_declared_then_and_only_then(name: str, moments: tuple[str, ...]) -> None:
    found = {moment for moment in MOMENTS for _, block in blocks(healthy(moment)) if name in block["models"]}
    assert found == set(moments)


@pytest.mark.parametrize("field", SPOKEN_FOR)
def test_what_speaks_for_a_field_stands_in_the_document(field: str) -> None:
    content: Any = healthy("close")
    for part in field.split("."):
        content = content[part]
    assert SPOKEN_FOR[field] in dict(blocks(healthy("close")))
