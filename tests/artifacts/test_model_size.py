"""A model file may not cost more than its size: shared parts are refused in time, by a process of its own."""

import io
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from joblib.numpy_pickle import NumpyPickler
from set_folder import vouch_for
from slow_cases import slow_but
from synthetic import trained_whole

from aegismatrix_engine.artifacts.reading import SIZE_LIMIT
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.forecasting.models import MODEL_NAMES

SECONDS = 20.0
"""What an audit may take at most, several times what it does: the process is ended then, and the test with it."""


class SharingPickler(NumpyPickler):
    """joblib's own, but that an array which is met again is named again, not written again."""

    def save(self, obj: Any) -> None:
        if isinstance(obj, np.ndarray) and id(obj) in self.memo:
            self.write(self.get(self.memo[id(obj)][0]))
            return
        super().save(obj)
        if isinstance(obj, np.ndarray):
            self.memoize(obj)


def sharing(state: object) -> bytes:
    buffer = io.BytesIO()
    SharingPickler(buffer).dump(state)
    return buffer.getvalue()


def state_of(name: str) -> dict[str, Any]:
    state: dict[str, Any] = json_like(to_state(getattr(trained_whole()[0], name)))
    return state


def json_like(state: Any) -> Any:
    """A copy in which every dictionary and list is one of its own."""
    if isinstance(state, dict):
        return {key: json_like(value) for key, value in state.items()}
    return [json_like(item) for item in state] if isinstance(state, list) else state


def shared_heads() -> bytes:
    """One head, named 900,000 times: every one of them could be built."""
    state = state_of("trap")
    state["forecaster"]["heads"] = [state["forecaster"]["heads"][0]] * 900_000
    return sharing(state)


def shared_lists(levels: int = 60, width: int = 1000) -> bytes:
    """Lists of one list each time, as many as a file holds: width to the power of levels of numbers."""
    content: list[Any] = [1.0]
    for _ in range(levels):
        content = [content] * width
    state = state_of("trap")
    state["forecaster"]["heads"] = content
    return sharing(state)


def shared_dictionaries(levels: int = 60) -> bytes:
    """A head whose every field is a head of the same kind, and so on."""
    head: dict[str, Any] = state_of("trap")["forecaster"]["heads"][0]
    for _ in range(levels):
        head = dict.fromkeys(head, head)
    state = state_of("trap")
    state["forecaster"]["heads"] = [head, head]
    return sharing(state)


def shared_array() -> bytes:
    """1 MB of numbers that stands for every array of the largest model."""
    state, numbers = state_of("session"), np.ones((25, 5, 1000))

    def everywhere(part: dict[str, Any]) -> None:
        for key, value in part.items():
            if isinstance(value, dict):
                everywhere(value)
            elif isinstance(value, np.ndarray):
                part[key] = numbers

    everywhere(state)
    return sharing(state)


def array_named_often() -> bytes:
    """1 MB of numbers, named 100,000 times in a list where two parts are expected."""
    state, numbers = state_of("trap"), np.ones(131_072)
    state["forecaster"]["heads"] = [numbers] * 100_000
    return sharing(state)


def heads_of_one_array() -> bytes:
    """As many heads as a file holds, each a dictionary of its own, all with the same 1 MB of weights."""
    state, numbers = state_of("trap"), np.ones(131_072)
    head = {**state["forecaster"]["heads"][0], "weights": numbers}
    state["forecaster"]["heads"] = [dict(head) for _ in range(10_000)]
    return sharing(state)


ATTACKS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one head 900,000 times": ("trap", shared_heads, "untrusted"),
    "lists of shared lists": ("trap", shared_lists, "schema-mismatch"),
    "dictionaries of shared ones": ("trap", shared_dictionaries, "schema-mismatch"),
    "an array for every array": ("session", shared_array, "untrusted"),
    "an array 100,000 times": ("trap", array_named_often, "schema-mismatch"),
    "10,000 heads of one array": ("trap", heads_of_one_array, "schema-mismatch"),
}


def audited(folder: Path) -> dict[str, dict[str, Any]]:
    """What ``aegis check-models`` says of each model, within SECONDS."""
    script = (
        "import json, sys; from pathlib import Path; from aegismatrix_engine.forecasting.audit import audit\n"
        "reports = audit(Path(sys.argv[1]), 'nifty50').reports\n"
        "print(json.dumps({name: [one.status, one.reason] for name, one in reports.items()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, check=True, text=True, timeout=SECONDS
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("attack", slow_but(ATTACKS, set(ATTACKS) - {"one head 900,000 times"}))
def test_a_small_file_that_unfolds_without_end_is_refused_in_time(models_dir: Path, attack: str) -> None:
    name, made, status = ATTACKS[attack]
    data = made()
    assert len(data) <= SIZE_LIMIT, "a larger one is refused for its size"
    vouch_for(models_dir, name, data)
    found = audited(models_dir)
    assert found[name][0] == status, found[name]
    assert {found[other][0] for other in MODEL_NAMES if other != name} == {"ok"}


def test_the_reason_is_said_in_plain_words(models_dir: Path) -> None:
    vouch_for(models_dir, "session", shared_array())
    reason = audited(models_dir)["session"][1]
    assert "unfolds to more than 4 times its size" in reason
    assert reason.endswith("it names the same parts many times; do not trust it")


def test_an_attack_shares_its_parts_as_pickle_does() -> None:
    """The pickler of this test writes what joblib's reads: the shared array stands once in the file."""
    numbers = np.arange(1000.0)
    data = sharing({"a": numbers, "b": [numbers] * 50})
    assert len(data) < 2 * numbers.nbytes
    assert pickle.STACK_GLOBAL in data
