"""What one block of the document is said to mean, and numbers as the text writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aegismatrix_engine.document.schema.quantities import Basis

STANDS_IN: tuple[Basis, str] = ("prior", "climatology stands in for a model it declares")


@dataclass(frozen=True)
class Formula:
    """How one field is computed; its meaning and its type are those of the document's own schema.

    name: the field, as its block names it. unit: of the number, '' for text, names and dates. text: the formula or
    rule, '' where the meaning says it all. cut: the levels at which a reader's word for the number changes, '' without
    any.
    """

    name: str
    unit: str
    text: str
    cut: str = ""


@dataclass(frozen=True)
class Entry:
    """One block, or some fields of one.

    path: dotted path of the block, '' for the whole document; ``[]`` stands for every item of a list, ``*`` for every
    block of a kind (the six horizons). about: the event or quantity, and its moment, '' where the schema's own line
    says it. silent: what it does not say. basis: each basis it may carry, with the case. models: every model it may
    declare. fields: its own fields, without basis and models. apart: the fields stand beside other blocks, so that the
    heading names them one by one.
    """

    path: str
    about: str
    silent: str
    fields: tuple[Formula, ...]
    basis: tuple[tuple[Basis, str], ...] = ()
    models: tuple[str, ...] = ()
    apart: bool = False

    def covers(self) -> tuple[str, ...]:
        """Dotted path of every field this entry explains."""
        lead = f"{self.path}." if self.path else ""
        names = [formula.name for formula in self.fields]
        return tuple(lead + name for name in names)

    @property
    def title(self) -> str:
        """The path, or those of the fields where they stand apart."""
        return ", ".join(f"`{path}`" for path in (self.covers() if self.apart or not self.path else (self.path,)))


def percent(share: float) -> str:
    """A fraction as per cent: 0.8 is '80 %'."""
    return f"{100 * share:.6g} %"


def number(value: float) -> str:
    """A number without noise: 0.005 is '0.005', 1250 is '1,250', 0.000001 is '1e-6'."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.10g}".replace("e-0", "e-")


def ratio(value: float) -> str:
    """A simple fraction: 0.6666 is '2/3'."""
    return str(Fraction(value).limit_denominator(12))


def listed(values: Iterable[object], last: str = "and") -> str:
    """'1, 3 and 5'; numbers as ``number`` writes them."""
    words = [number(value) if isinstance(value, int | float) else str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table; a bar in a cell is escaped."""
    lines = [list(head), ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
