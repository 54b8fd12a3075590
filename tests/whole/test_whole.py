"""Whatever a former run left: two due runs later a valid document of now is published, or a person's step is named."""

import math
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from jobs import DUE, World
from mutations import FORMER, KINDS, mutation
from properties import ENDS, severity, wrong
from trees import BRANCH, DOCUMENT, RECENT, RECORD, Tree, commit, tree_of

from aegismatrix_engine.state.known_record import NAME

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FEW, MANY = 60, 1000
SEEDS = os.environ.get("WHOLE_SEEDS", f"0-{MANY}")
"""Which of the thousand cases are run, from-to, so that they can be run in pieces."""


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter[tuple[str, str]]]:
    """Cases by kind and exit codes, printed at the end."""
    counts: Counter[tuple[str, str]] = Counter()
    yield counts
    print()
    for (kind, codes), number in sorted(counts.items()):
        print(f"{number:5}  {codes:7}  {kind}")


def begun_with(good: Tree, former: str) -> Tree:
    """The good tree, or what an engine of before left there: its document, last values and record."""
    if not former:
        return dict(good)
    tree = {path: content for path, content in good.items() if path.startswith("models/")}
    at = FIXTURES / former
    for path in at.rglob("*"):
        if path.is_file():
            tree[path.relative_to(at).as_posix()] = path.read_bytes()
    assert {DOCUMENT, RECENT} <= tree.keys()
    return tree


def heals(world: World, good: Tree, seed: int, counted: Counter[tuple[str, str]]) -> None:
    former, (one, other) = FORMER[seed % len(FORMER)], DUE[seed % len(DUE)]
    tree = begun_with(good, former)
    kind, place = mutation(seed, tree)
    commit(place.tree, world.origin, world.folder / "hand")
    before = tree_of(world.origin)
    known = not former and place.store is None
    if former:
        (world.store / NAME).unlink()
    if place.store is not None:
        place.store(world.store)
    checkout = world.checkout("first")
    if place.checkout is not None:
        place.checkout(checkout)
    world.yahoo.fault |= {place.down: "empty"} if place.down else {}
    first = world.run(checkout, one)
    after_first = tree_of(world.origin)
    world.yahoo.fault.clear()
    # A checkout that is used again is used again; a job begins with a fresh one.
    second = world.run(checkout if place.checkout is not None else world.checkout("second"), other)
    ends = [(first, after_first), (second, tree_of(world.origin))]
    counted[kind, f"{first.code}, {second.code}"] += 1
    if severity(second) > 2:
        print(f"\nseed {seed} ({kind}; {'; '.join(place.what)}) ends with {second.code}: {second.err.strip()[:400]}")
    told = f"seed {seed}, {kind} of {former or 'today'}: {'; '.join(place.what)}\n{first.err}\n{second.err}"
    assert wrong(tree, before, ends, down=bool(place.down), known=known) == [], told
    if second.code in ENDS:
        assert world.origin.read(DOCUMENT, "site") == world.origin.read(DOCUMENT, BRANCH), told


@pytest.mark.slow
def test_the_good_tree_has_all_that_can_be_mutated(good: Tree) -> None:
    assert {DOCUMENT, RECENT, "models/manifest.json"} <= good.keys()
    for folder in ("forecasts", "resolutions"):
        assert any(path.startswith(f"{RECORD}/{folder}/") for path in good)


def test_the_few_cases_are_of_every_kind_and_of_every_beginning() -> None:
    """Numbers of kinds, beginnings and moments have no common divisor, so that a thousand cases pair all of them."""
    assert len(KINDS) <= FEW
    assert math.gcd(len(KINDS), len(FORMER) * len(DUE)) == math.gcd(len(FORMER), len(DUE)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FEW))
def test_sixty_mutations_heal(world: World, good: Tree, seed: int, counted: Counter[tuple[str, str]]) -> None:
    heals(world, good, seed, counted)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(*map(int, SEEDS.split("-"))))
def test_a_thousand_mutations_heal(world: World, good: Tree, seed: int, counted: Counter[tuple[str, str]]) -> None:
    heals(world, good, seed, counted)
