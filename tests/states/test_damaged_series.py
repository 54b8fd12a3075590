"""Series damaged at random, at any minute of eventful days: a right document or a reason, never a bug.

The states of ``series_states`` are the ones that are named; these are what lies between them.
"""

from collections.abc import Callable, Mapping

import pandas as pd
import pytest
from combinations import SOURCES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outcomes import CODES, DEGRADED, DONE, InferFrom, any_document, refusal
from served import STORED_BEFORE, Given
from world import SERIES, seen

DAYS = (
    *("2026-07-31", "2026-08-03"),  # the last averaged close, the first closing auction
    *("2026-10-26", "2026-11-02"),  # forecasts begin to reach past the announced calendar
    *("2026-11-06", "2026-11-07", "2026-11-08", "2026-11-09", "2026-11-10"),  # around the Muhurat session
    *("2026-11-23", "2026-11-24", "2026-11-25"),  # around a holiday
)
CLOSED = ("2026-11-01", "2026-11-07", "2026-11-10")
Damage = Callable[[pd.DataFrame, st.DataObject, pd.Timestamp], pd.DataFrame]


def near_the_end(data: st.DataObject, rows: int) -> int:
    return data.draw(st.one_of(st.integers(0, min(4, rows - 1)), st.integers(0, rows - 1)))


def last_rows(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    return frame.iloc[-data.draw(st.sampled_from([1, 2, 3, 5, 22, 23, 66, 67])) :]


def first_rows(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    return frame.iloc[: max(len(frame) - near_the_end(data, len(frame)), 1)]


def holes(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    gone = data.draw(st.sets(st.integers(0, len(frame) - 1), max_size=min(20, len(frame) - 1)))
    return frame.drop(frame.index[list(gone)])


def other_scale(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    begin, length = near_the_end(data, len(frame)), data.draw(st.sampled_from([1, 2, 24, 1000]))
    at = slice(max(len(frame) - 1 - begin, 0), max(len(frame) - 1 - begin, 0) + length)
    frame.iloc[at] *= data.draw(st.sampled_from([0.1, 0.5, 0.8, 0.94, 0.98, 1.02, 1.06, 1.2, 2.0, 100.0]))
    return frame


def no_price(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    frame.iloc[-1 - near_the_end(data, len(frame))] = data.draw(st.sampled_from([0.0, 1e-9, 1e9]))
    return frame


def stands_still(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    rows = min(data.draw(st.sampled_from([1, 2, 24, 25, 1000])), len(frame))
    frame.iloc[-rows:] = float(frame["close"].iloc[-rows])
    return frame


def a_row_off(frame: pd.DataFrame, _data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    return frame.shift(1).iloc[1:] if len(frame) > 1 else frame


def given_twice(frame: pd.DataFrame, data: st.DataObject, _now: pd.Timestamp) -> pd.DataFrame:
    row = -1 - near_the_end(data, len(frame))
    twice = frame.iloc[[row]] * data.draw(st.sampled_from([1.0, 1.01]))
    return pd.concat([frame, twice]).sort_index(kind="stable")


def on_a_closed_day(frame: pd.DataFrame, data: st.DataObject, now: pd.Timestamp) -> pd.DataFrame:
    day = pd.Timestamp(data.draw(st.sampled_from(CLOSED)))
    if day > now.tz_localize(None):
        return frame
    if frame.index.name == "date":
        added = frame.iloc[[-1]].set_axis([day], axis=0)
    else:
        rows = min(data.draw(st.sampled_from([1, 2, 4, 24])), len(frame))
        opens = data.draw(st.sampled_from(["0h", "9h15min", "18h15min"]))
        starts = pd.date_range(day + pd.Timedelta(opens), periods=rows, freq="15min")
        added = frame.iloc[-rows:].set_axis(starts, axis=0)
    together = pd.concat([frame, added]).sort_index(kind="stable").rename_axis(frame.index.name)
    return together[~together.index.duplicated()]


DAMAGES: Mapping[str, Damage | None] = {
    "none": lambda frame, _data, _now: frame,
    "absent": None,
    "empty": lambda frame, _data, _now: frame.iloc[:0],
    "last rows": last_rows,
    "first rows": first_rows,
    "holes": holes,
    "other scale": other_scale,
    "no price": no_price,
    "stands still": stands_still,
    "a row off": a_row_off,
    "given twice": given_twice,
    "on a closed day": on_a_closed_day,
}


@pytest.mark.parametrize(
    "examples",
    [10, pytest.param(160, marks=pytest.mark.slow), pytest.param(5000, marks=pytest.mark.exhaustive)],
)
def test_whatever_is_wrong_with_the_series(infer_from: InferFrom, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        st.sampled_from(SOURCES[:3]),
        st.sampled_from(DAYS),
        st.integers(0, 24 * 60 - 1),
        st.tuples(*[st.sampled_from(list(DAMAGES))] * len(SERIES)),
        st.data(),
    )
    def run(source: str, day: str, minute: int, damages: tuple[str, ...], data: st.DataObject) -> None:
        now = pd.Timestamp(f"{day}T00:00+05:30") + pd.Timedelta(minutes=minute)
        frames: Given = {}
        for name, damage in zip(SERIES, map(DAMAGES.__getitem__, damages), strict=True):
            frames[name] = None if damage is None else damage(seen(now)[name].copy(), data, now)
        ended = infer_from(source, frames, now)
        assert ended.code in CODES, ended.err
        if ended.code in (DONE, DEGRADED):
            read = [frames] if source in SOURCES[:2] else [frames, dict(seen(now - STORED_BEFORE))]
            assert list(any_document(ended, read, now, live=source != "csv")) == []
        else:
            assert list(refusal(ended)) == []

    run()
