"""Parameters of a test of which some cases are in every run of the suite, and the others with the slow tests."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def slow_but(cases: Iterable[Any], at_once: Collection[Any]) -> list[Any]:
    """The cases for ``pytest.mark.parametrize``, those marked slow that are not among ``at_once``.

    A tuple is a case of several arguments. Cases in ``at_once`` that do not exist are a mistake.
    """
    listed = list(cases)
    assert all(case in listed for case in at_once), f"no such case among {listed}"
    return [case if case in at_once else _slow(case) for case in listed]


def _slow(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
