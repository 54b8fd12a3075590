"""What every table of breach probabilities keeps, whatever its columns are called."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from pydantic import BaseModel

from aegismatrix_engine.document.rules.violation import Violations, related


class BreachColumns(NamedTuple):
    """Names of the columns of one kind of breach table; ``sides`` are those of a close, where it has them."""

    distance: str
    touch: str
    close: str
    sides: tuple[str, ...] = ("close_up", "close_down")

    @property
    def probabilities(self) -> tuple[str, ...]:
        """Every probability column."""
        return (self.close, self.touch, "touch_up", "touch_down", *self.sides)

    @property
    def contained(self) -> list[tuple[str, str]]:
        """Pairs of an event and an event that contains it."""
        pairs = [(self.close, self.touch), ("touch_up", self.touch), ("touch_down", self.touch)]
        return pairs + [(side, whole) for side in self.sides for whole in (self.close, side.replace("close", "touch"))]


PRIMARY: Final = BreachColumns("distance", "probability", "close_beyond")
EXPIRY_CURVE: Final = BreachColumns("distance", "touch", "close")
FORECAST: Final = BreachColumns("distance_pct", "touch", "close_beyond", sides=())


def breach_violations(path: str, points: Sequence[BaseModel], columns: BreachColumns) -> Violations:
    """Distances rise, probabilities do not rise with them, and no event is likelier than one that contains it."""
    for index, point in enumerate(points):
        for part, whole in columns.contained:
            yield from related(f"{path}.{index}.{part}", getattr(point, part), "<=", getattr(point, whole), whole)
    for index, (nearer, point) in enumerate(pairwise(points), start=1):
        for name in (columns.distance, *columns.probabilities):
            relation = ">" if name == columns.distance else "<="
            found, before = getattr(point, name), getattr(nearer, name)
            yield from related(f"{path}.{index}.{name}", found, relation, before, "that of the distance before,")


def touch_over_time(tables: Iterable[tuple[str, Sequence[BaseModel]]], distance: str) -> Violations:
    """At equal distance a touch is not less likely by a later session; tables with their paths, soonest first."""
    shorter: dict[float, BaseModel] = {}
    for path, points in tables:
        for row, point in enumerate(points):
            before = shorter.get(getattr(point, distance), point)
            for name in ("touch", "touch_up", "touch_down"):
                found, bound = getattr(point, name), getattr(before, name)
                yield from related(f"{path}.{row}.{name}", found, ">=", bound, "that of fewer sessions,")
            shorter[getattr(point, distance)] = point
