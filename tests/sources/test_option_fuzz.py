"""Damaged option files: every one is refused in one line, or each of its legs is used or counted as left out."""

import copy
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import option_files
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from option_files import MONTHLY, NEAREST, Row

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.sources.options import read_chain
from aegismatrix_engine.sources.options.file_content import option_file
from aegismatrix_engine.sources.options.files import chain_of_content

MARKET = get_market("nifty50")
SMALL = option_files.contracts((NEAREST, MONTHLY), range(23700, 24350, 50))
DAMAGED = 2000
SEED = 14

NUMBERS: tuple[Any, ...] = (-1, -0.05, 0, 1, 65, 1e9, 1e300, 10**400, float("nan"), float("inf"), True)
TEXTS: tuple[Any, ...] = ("", "x", "17", "23-06-2026", "30-Jun-2026", "31-02-2026", "23-Jun-2062", "NIFTY", "BANKNIFTY")
VALUES: tuple[Any, ...] = (*NUMBERS, *TEXTS, None, [], {}, [1], {"CE": 1}, "19-Jun-2026 09:20:00", "\0", "\ud800")


def places(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside JSON at which a value stands."""
    inside: list[tuple[Any, Any]] = []
    if isinstance(found, dict):
        inside = list(found.items())
    elif isinstance(found, list):
        inside = list(enumerate(found))
    return [path, *(place for key, value in inside for place in places(value, (*path, key)))]


def at(found: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        found = found[key]
    return found


def put(chance: random.Random, chain: Any, path: tuple[Any, ...]) -> None:
    at(chain, path[:-1])[path[-1]] = copy.deepcopy(chance.choice(VALUES))


def remove(chance: random.Random, chain: Any, path: tuple[Any, ...]) -> None:
    del at(chain, path[:-1])[path[-1]]


def scale(chance: random.Random, chain: Any, path: tuple[Any, ...]) -> None:
    value = at(chain, path)
    if type(value) in (int, float):
        at(chain, path[:-1])[path[-1]] = value * chance.choice((-1, 0, 1e-3, 0.5, 2, 100, 1e6))


def repeat(chance: random.Random, chain: Any, path: tuple[Any, ...]) -> None:
    parent = at(chain, path[:-1])
    if isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(parent[path[-1]]))


def exchange(chance: random.Random, chain: Any, path: tuple[Any, ...]) -> None:
    other = chance.choice(places(chain)[1:])
    if other[: len(path)] != path and path[: len(other)] != other:
        one, two = at(chain, path), at(chain, other)
        at(chain, path[:-1])[path[-1]], at(chain, other[:-1])[other[-1]] = two, one


DAMAGES: tuple[Callable[[random.Random, Any, tuple[Any, ...]], None], ...] = (put, put, remove, scale, repeat, exchange)


def damaged_json(chance: random.Random, make: Callable[[Any], Row]) -> str:
    # Rows stand in two places, and become two objects here.
    chain = json.loads(json.dumps(make(SMALL)))
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        known = places(chain)
        # Most places are inside legs; the few above them matter as much.
        upper = [path for path in known if 0 < len(path) <= 4]
        if not upper:
            break
        damage, path = chance.choice(DAMAGES), chance.choice(upper if chance.random() < 0.2 else known[1:])
        damage(chance, chain, path)
    return json.dumps(chain)


def damaged_csv(chance: random.Random, make: Callable[[Any], str]) -> str:
    lines = [line.split(",") for line in make(SMALL).splitlines()]
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        row = chance.choice(lines)
        cell = chance.randrange(len(row))
        kind = chance.randrange(4)
        if kind == 0:
            row[cell] = str(chance.choice(VALUES))
        elif kind == 1:
            lines.append(list(row))
        elif kind == 2:
            row[cell] = "-" + row[cell]
        else:
            other = chance.choice(lines)
            row[cell], other[-2] = other[-2], row[cell]
    return "\n".join(map(",".join, lines))


def damaged_bytes(chance: random.Random, content: bytes) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt[: chance.choice((len(spoilt), len(spoilt), chance.randrange(len(spoilt))))])


def one_damaged(chance: random.Random) -> bytes:
    kind = chance.randrange(5)
    if kind < 2:
        return damaged_json(chance, (option_files.old_json, option_files.v3_json)[kind]).encode(
            "utf-8", "surrogatepass"
        )
    if kind < 4:
        text = damaged_csv(chance, (option_files.legacy_csv, option_files.udiff_csv)[kind - 2])
        return text.encode("utf-8", "surrogatepass")
    made = option_files.old_json(SMALL) if chance.random() < 0.5 else option_files.udiff_csv(SMALL)
    plain = (made if isinstance(made, str) else json.dumps(made)).encode()
    return damaged_bytes(chance, option_files.packed(plain, chance.choice((".gz", ".zip", "")), "inner"))


def legs_of(content: bytes) -> int | None:
    """The legs that a file of JSON holds, however damaged; None for other files."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    rows = found["records"]["data"]
    return sum(isinstance(row.get(side), dict) for row in rows for side in ("CE", "PE"))


def check(chain: OptionChain) -> None:
    """Whatever was damaged, what is used is whole and sane."""
    assert chain.expiries
    assert [legs.expiry for legs in chain.expiries] == sorted({legs.expiry for legs in chain.expiries})
    assert all("\n" not in one.rule for one in chain.left_out)
    for legs in chain.expiries:
        keys = list(zip(legs.strike.tolist(), legs.is_call.tolist(), strict=True))
        assert keys == sorted(set(keys))
        for prices in (legs.bid, legs.ask, legs.last, legs.settlement, legs.published_volatility):
            assert len(prices) == len(keys)
            assert not (prices <= 0).any()
            assert not np.isinf(prices).any()
        assert not (legs.bid > legs.ask).any()
        assert (legs.strike > 0).all()
        assert np.isfinite(legs.open_interest).all()
        assert (legs.open_interest >= 0).all()
        assert (legs.volume >= 0).all()


def read_or_refuse(content: bytes) -> OptionChain | None:
    try:
        return chain_of_content(option_file("chain", content), MARKET)
    except DataError as error:
        message = str(error)
    assert message.startswith("chain")
    assert "\n" not in message
    return None


@pytest.mark.slow
def test_damaged_files_give_named_refusals_or_stated_leftovers() -> None:
    read = 0
    for number in range(DAMAGED):
        content = one_damaged(random.Random(SEED * DAMAGED + number))
        chain = read_or_refuse(content)
        if chain is not None:
            read += 1
            check(chain)
            legs = legs_of(content) if chain.source.startswith("nse") else None
            if legs is not None:
                used = sum(len(legs.strike) for legs in chain.expiries)
                assert used + sum(one.legs for one in chain.left_out) == legs, number
    # Neither is everything refused nor everything read: the damage is of every degree.
    assert 0.2 * DAMAGED < read < 0.9 * DAMAGED


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_refused_in_one_line(content: bytes) -> None:
    assert read_or_refuse(content) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("records", "data", "timestamp", "expiryDates", "CE", "PE", "strikePrice", "underlying")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=200)
def test_any_json_is_refused_in_one_line(found: Any) -> None:
    assert read_or_refuse(json.dumps(found).encode()) is None


@given(st.sampled_from(("openInterest", "lastPrice", "bidprice", "askPrice", "totalTradedVolume", "strikePrice")), JSON)
@settings(max_examples=100)
def test_any_value_in_one_leg_leaves_the_other_legs_as_they_are(key: str, value: Any) -> None:
    chain = option_files.old_json(option_files.contracts((MONTHLY,)))
    whole = read_or_refuse(json.dumps(chain).encode())
    option_files.leg_of(chain, 24000, "CE", MONTHLY)[key] = value
    spoilt = read_or_refuse(json.dumps(chain).encode())
    assert whole is not None
    assert spoilt is not None
    (before,), (after,) = whole.expiries, spoilt.expiries
    others = ~((before.strike == 24000) & before.is_call)
    left = ~((after.strike == 24000) & after.is_call)
    np.testing.assert_array_equal(before.open_interest[others], after.open_interest[left])
    np.testing.assert_array_equal(before.price[others], after.price[left])
    assert left.all() == bool(spoilt.left_out)


def test_a_pipe_in_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "chain.json")
    with pytest.raises(DataError, match="is a pipe, not a plain file"):
        read_chain(tmp_path / "chain.json", MARKET)
