"""The covering array covers, and is the same array everywhere."""

from itertools import combinations, product

from combinations import FACTORS, STRENGTH, covering


def test_every_triple_of_values_occurs() -> None:
    rows = [(one.source, one.clock, *one.states) for one in covering(STRENGTH)]
    for columns in combinations(range(len(FACTORS)), STRENGTH):
        wanted = set(product(*(FACTORS[column] for column in columns)))
        assert {tuple(row[column] for column in columns) for row in rows} == wanted


def test_no_combination_is_run_twice_and_far_fewer_than_all() -> None:
    rows = covering(STRENGTH)
    assert len(set(rows)) == len(rows) < 800
