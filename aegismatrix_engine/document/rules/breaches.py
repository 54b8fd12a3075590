"""What every table of breach probabilities keeps, whatever its columns are called."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from pydantic import BaseModel

from aegismatrix_engine.document.rules.violation import Violation, Violations


class BreachColumns(NamedTuple):
    """Columns of one kind of breach table: the distance, and pairs (rarer event, event that contains it)."""

    distance: str
    contained: tuple[tuple[str, str], ...]

    @property
    def probabilities(self) -> tuple[str, ...]:
        """Every probability column, each once."""
        return tuple(dict.fromkeys(name for pair in self.contained for name in pair))


def _columns(distance: str, touch: str, close: str, *, close_sides: bool) -> BreachColumns:
    contained = [(close, touch), ("touch_up", touch), ("touch_down", touch)]
    if close_sides:
        contained += [("close_up", close), ("close_down", close), ("close_up", "touch_up")]
        contained += [("close_down", "touch_down")]
    return BreachColumns(distance, tuple(contained))


PRIMARY: Final = _columns("distance", "probability", "close_beyond", close_sides=True)
EXPIRY_CURVE: Final = _columns("distance", "touch", "close", close_sides=True)
FORECAST: Final = _columns("distance_pct", "touch", "close_beyond", close_sides=False)


def breach_violations(path: str, points: Sequence[BaseModel], columns: BreachColumns) -> Violations:
    """Distances rise, probabilities do not rise with them, and no event is likelier than one that contains it."""
    for index, point in enumerate(points):
        for part, whole in columns.contained:
            found, bound = getattr(point, part), getattr(point, whole)
            if found > bound:
                yield Violation(f"{path}.{index}.{part}", f"must not be above {whole} {bound}, is {found}")
    for index in range(1, len(points)):
        before, point = points[index - 1], points[index]
        near, far = getattr(before, columns.distance), getattr(point, columns.distance)
        if far <= near:
            yield Violation(f"{path}.{index}.{columns.distance}", f"must be above the one before, {near}, is {far}")
        for name in columns.probabilities:
            nearer, farther = getattr(before, name), getattr(point, name)
            if farther > nearer:
                yield Violation(
                    f"{path}.{index}.{name}", f"must not rise with distance, is {farther} after {nearer} nearer to spot"
                )
