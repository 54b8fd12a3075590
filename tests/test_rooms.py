"""The rooms of the package, as its sources say: who imports whom, how large things are, and what each room may know."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

PACKAGE: Final = Path(__file__).resolve().parents[1] / "aegismatrix_engine"
NAME: Final = PACKAGE.name

LOOSE_MODULES: Final = 6
LATE_IMPORTS: Final = 40
LONGEST_MODULE, LONGEST_FUNCTION = 260, 45

DOORS: Final = {(f"{room}.loading", "forecasting") for room in ("seller", "buyer", "direction")}
"""The one stated exception: ``load_models`` of these rooms asks for the whole model set."""

PURE_ROOMS: Final = ("volatility", "intraday", "seller", "buyer", "direction", "options", "forecasting", "signals")
IMPURE_LIBRARIES: Final = frozenset(
    {
        "click",
        "glob",
        "http",
        "io",
        "multiprocessing",
        "os",
        "pathlib",
        "requests",
        "rich",
        "shutil",
        "signal",
        "socket",
        "ssl",
        "stamina",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "yfinance",
    }
)
CLOCKS: Final = frozenset({"now", "utcnow", "today"})
ON_FILES: Final = {
    "seller.loading": {"pathlib"},
    "buyer.loading": {"pathlib"},
    "direction.loading": {"pathlib"},
    "forecasting.audit": {"pathlib"},
    "forecasting.model_set": {"pathlib"},
    "intraday.prior": {"pathlib"},
}
"""Modules that are given the folder of a model set and hand it on, and the prior, which is a file of the package."""

# To be emptied: what is still longer than allowed. No other may grow so long.
LONG_FUNCTIONS: Final = frozenset({})


@dataclass(frozen=True)
class Import:
    """One name that a module imports: from where, on which line, and whether inside a function."""

    target: str
    line: int
    late: bool


@cache
def sources() -> dict[str, ast.Module]:
    """Module -> its syntax tree, named from below the package: 'seller.model', '' for the package itself."""
    return {dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, *, late: bool = False) -> Iterator[Import]:
    """Every import of a module, under ``if TYPE_CHECKING`` and inside functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield from (Import(f"{node.module}.{alias.name}", node.lineno, late) for alias in node.names)
        yield from imports(node, late=late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def own(target: str) -> str | None:
    """'seller.model.TrapModel' for a target inside the package; None for any other."""
    return target.removeprefix(f"{NAME}.") if target.startswith(f"{NAME}.") else None


def room(dotted_name: str) -> str:
    return dotted_name.partition(".")[0]


@cache
def graph() -> dict[str, set[str]]:
    """Room -> the rooms it imports, loose modules being rooms of their own; without the doors."""
    names = {room(module) for module in sources()} - {""}
    found: dict[str, set[str]] = {name: set() for name in names}
    for module, tree in sources().items():
        for one in imports(tree):
            target = room(own(one.target) or "")
            # What the package's own ``__init__`` hands on, such as the version, is taken from where it stands.
            if module and target in names and target != room(module) and (module, target) not in DOORS:
                found[room(module)].add(target)
    return found


def functions() -> Iterator[tuple[str, int]]:
    for module, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                yield f"{module}.{node.name}", node.end_lineno - node.lineno + 1


def modules() -> Iterator[tuple[str, int]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield dotted(path), len(path.read_text(encoding="utf-8").splitlines())


def test_the_rooms_form_no_circle() -> None:
    try:
        tuple(TopologicalSorter(graph()).static_order())
    except CycleError as error:
        pytest.fail(f"rooms in a circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize(("module", "target"), sorted(DOORS))
def test_a_door_looks_upwards_late_and_for_the_model_set_alone(module: str, target: str) -> None:
    upwards = [one for one in imports(sources()[module]) if room(own(one.target) or "") == target]
    assert [(one.target, one.late) for one in upwards] == [(f"{NAME}.{target}.model_set.load_models", True)]


def test_few_modules_stand_loose() -> None:
    loose = [path.name for path in PACKAGE.glob("*.py")]
    assert len(loose) <= LOOSE_MODULES, loose


def test_what_is_imported_late_does_not_grow() -> None:
    inside = {
        (module, one.line)
        for module, tree in sources().items()
        for one in imports(tree)
        if one.late and own(one.target)
    }
    assert len(inside) <= LATE_IMPORTS


@pytest.mark.parametrize("name", ["seller", "buyer", "direction"])
def test_what_is_predicted_knows_no_neighbour_and_no_document(name: str) -> None:
    assert not graph()[name] & {"seller", "buyer", "direction", "document", "signals", "artifacts", "forecasting"}


def test_the_artifacts_know_no_model() -> None:
    assert graph()["artifacts"] <= {"errors", "files", "typing", "scores", "state"}


def test_scores_and_array_types_stand_on_next_to_nothing() -> None:
    assert graph()["scores"] <= {"typing", "errors"}
    assert not graph()["typing"]
    assert not graph()["errors"]
    assert graph()["files"] <= {"errors"}


@pytest.mark.parametrize("name", PURE_ROOMS)
def test_a_room_that_computes_knows_no_file_network_terminal_or_clock(name: str) -> None:
    for module, tree in sources().items():
        if room(module) == name:
            used = {room(one.target) for one in imports(tree)} & IMPURE_LIBRARIES
            assert used == ON_FILES.get(module, set()), module
            clocks = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & CLOCKS
            called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
            opened = {name.id for name in called if isinstance(name, ast.Name)} & {"open", "print", "input"}
            assert not clocks | opened, module


def test_modules_are_short() -> None:
    assert {module: lines for module, lines in modules() if lines > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    assert {function for function, lines in functions() if lines > LONGEST_FUNCTION} <= LONG_FUNCTIONS
