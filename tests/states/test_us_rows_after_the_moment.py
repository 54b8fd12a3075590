"""Rows of the US that are not known yet change no byte of a document, whatever they hold and whoever serves them."""

from collections.abc import Callable
from itertools import product

import pandas as pd
import pytest
from combinations import SOURCES
from outcomes import DONE, InferFrom
from slow_cases import slow_but
from world import CLOCKS, US_PRICES, Seen, seen

US = ("us_vix_daily", *US_PRICES)
LATER = pd.Timedelta(days=5)

Future = Callable[[pd.DataFrame], pd.DataFrame]
FUTURES: dict[str, Future] = {
    "as it was": lambda rows: rows,
    "a tenth higher": lambda rows: rows * 1.1,
    "absurd": lambda rows: rows * 1000,
    "twice, and unlike": lambda rows: pd.concat([rows, rows * 1.01]),
    "without a price": lambda rows: rows * 0,
}


def with_future(now: pd.Timestamp, name: str, future: Future) -> Seen:
    """What a source shows at ``now``, with rows of one series that are known up to five days later."""
    shown, later = dict(seen(now)), seen(now + LATER)[name]
    known = shown[name]
    shown[name] = pd.concat([known, future(later[later.index > known.index[-1]])])
    assert len(shown[name]) > len(known)
    return shown


@pytest.mark.parametrize(
    ("source", "clock", "name"),
    slow_but(
        product(SOURCES[:3], ("night", "after_close", "in_session"), US),
        [
            ("csv", "night", "us_spot_daily"),
            ("yahoo", "after_close", "us_vix_daily"),
            ("yahoo with a store", "night", "inda_daily"),
        ],
    ),
)
def test_they_change_no_byte(infer_from: InferFrom, source: str, clock: str, name: str) -> None:
    now = CLOCKS[clock]
    expected = infer_from(source, dict(seen(now)), now)
    assert (expected.code, expected.err) == (DONE, "")
    written = expected.written
    for words, future in FUTURES.items():
        ended = infer_from(source, dict(with_future(now, name, future)), now)
        assert (ended.code, ended.err) == (DONE, ""), words
        assert ended.written == written, words
