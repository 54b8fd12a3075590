"""Numbers as the page writes them: each keeps the path it was read from, so that a test can compare the two.

Text is rounded here and nowhere else. A number of the document has a dotted path, items of lists by their index; one of
the record begins with ``record:``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from aegismatrix_engine.document.schema.document import Document

Grouping = Literal["indian", "western"]

NEARLY_CERTAIN: Final = 0.005
"""Chances as near to 0 or 1 as this are not written as 0 % or 100 %, which would read as certain."""


@dataclass(frozen=True)
class Figure:
    """One published number, or date, as text.

    Attributes:
        path: where it was read.
        form: how it is written, a name of ``FORMS``.
        text: what is shown.
    """

    path: str
    form: str
    text: str

    def __str__(self) -> str:
        return self.text


Sentence: TypeAlias = tuple[str | Figure, ...]
"""A sentence whose numbers are figures."""


@dataclass(frozen=True)
class Style:
    """How a market's numbers and times are written.

    Attributes:
        grouping: of digits: 1,24,000 in India, 124,000 elsewhere.
        zone_name: of the exchange's clock, as traders write it: IST.
    """

    grouping: Grouping
    zone_name: str


def grouped(value: float, decimals: int, grouping: Grouping) -> str:
    """A number of any sign with its digits grouped."""
    western = f"{value:,.{decimals}f}"
    if grouping == "western":
        return western
    sign, whole, rest = re.fullmatch(r"(-?)([\d,]+)(.*)", western).groups()  # type: ignore[union-attr]
    digits = whole.replace(",", "")
    head, tail = digits[:-3], digits[-3:]
    head = re.sub(r"(?<=\d)(?=(\d\d)+$)", ",", head)
    return f"{sign}{head},{tail}{rest}" if head else f"{sign}{tail}{rest}"


def signed(value: float, decimals: int, grouping: Grouping = "western") -> str:
    """A change with its sign; one that rounds to 0 has none."""
    size = grouped(abs(value), decimals, grouping)
    sign = "" if not size.strip("0.,") else "\N{MINUS SIGN}" if value < 0 else "+"
    return sign + size


def percent(share: float) -> str:
    """A chance in whole per cent; never 0 % or 100 % for one that is neither."""
    if 0 < share <= NEARLY_CERTAIN:
        return "under 1 %"
    if 1 - NEARLY_CERTAIN <= share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def in_ten(share: float) -> str:
    """A coverage as people count: 8 in 10, 95 in 100."""
    tenths = 10 * share
    return f"{tenths:.0f} in 10" if abs(tenths - round(tenths)) < 1e-9 else f"{100 * share:.0f} in 100"


def _day(text: str) -> str:
    found = date.fromisoformat(text[:10])
    return f"{found.day} {found:%b}"


def _weekday(text: str) -> str:
    found = date.fromisoformat(text[:10])
    return f"{found:%a} {found.day} {found:%b}"


def _dated(text: str) -> str:
    found = date.fromisoformat(text[:10])
    return f"{found.day} {found:%b} {found.year}"


def _between(ends: tuple[float, float], written: Callable[[float], str]) -> str:
    low, high = map(written, ends)
    return f"{low.removesuffix(' %')} to {high}"


def _time(text: str, style: Style) -> str:
    return f"{datetime.fromisoformat(text):%H:%M} {style.zone_name}"


FORMS: Final[dict[str, Callable[[Any, Style], str]]] = {
    "level": lambda value, style: grouped(value, 2, style.grouping),
    "level_whole": lambda value, style: grouped(value, 0, style.grouping),
    "size": lambda value, style: grouped(abs(value), 2, style.grouping),
    "size_whole": lambda value, style: grouped(abs(value), 0, style.grouping),
    "points_signed": lambda value, style: signed(value, 0, style.grouping),
    "percent": lambda value, _: percent(value),
    "percent_rest": lambda value, _: percent(1 - value),
    "percent_signed": lambda value, _: f"{signed(100 * value, 0)} %",
    "percent_tenths": lambda value, _: f"{100 * value:.1f} %",
    "percent_tenths_signed": lambda value, _: f"{signed(100 * value, 1)} %",
    "percent_hundredths_signed": lambda value, _: f"{signed(100 * value, 2)} %",
    "percent_hundredths": lambda value, _: f"{100 * value:.2f} %",
    "percent_hundredths_size": lambda value, _: f"{100 * abs(value):.2f} %",
    "percentage_points": lambda value, _: signed(100 * value, 1),
    "percent_tenths_interval": lambda pair, _: _between(pair, lambda end: f"{100 * end:.1f} %"),
    "percent_tenths_signed_interval": lambda pair, _: _between(pair, lambda end: f"{signed(100 * end, 1)} %"),
    "in_ten": lambda value, _: in_ten(value),
    "ratio": lambda value, _: f"{value:.2f}",
    "ratio_tenths": lambda value, _: f"{value:.1f}",
    "signed": lambda value, _: signed(value, 2),
    "signed_tenths": lambda value, _: signed(value, 1),
    "vol": lambda value, _: f"{value:.2f}",
    "vol_signed": lambda value, _: signed(value, 2),
    "vol_tenths": lambda value, _: f"{value:.1f}",
    "vol_tenths_signed": lambda value, _: signed(value, 1),
    "count": lambda value, style: grouped(value, 0, style.grouping),
    "events": lambda value, style: grouped(value, 1, style.grouping).removesuffix(".0"),
    "score": lambda value, _: f"{value:.4f}",
    "years": lambda value, _: f"{value:.1f}".removesuffix(".0"),
    "plain": lambda value, _: f"{value:g}",
    "day": lambda value, _: _day(value),
    "weekday": lambda value, _: _weekday(value),
    "dated": lambda value, _: _dated(value),
    "day_time": lambda value, _: f"{_day(value)} {datetime.fromisoformat(value):%H:%M}",
    "time": _time,
    "moment": lambda value, style: f"{_dated(value)}, {_time(value, style)}",
    "text": lambda value, _: value,
}
"""Name of a form -> the text of a value in a market's style."""


def figure(path: str, value: Any, form: str, style: Style) -> Figure:
    """A value as the page shows it."""
    return Figure(path, form, FORMS[form](value, style))


@dataclass(frozen=True)
class Figures:
    """The numbers of one document as figures: ``figures.percent("seller.trap.score")``."""

    document: Document
    style: Style

    def value(self, path: str) -> Any:
        """What stands at a dotted path of the document; None where nothing does."""
        found: Any = self.document
        for name in path.split("."):
            if found is None:
                return None
            found = found[int(name)] if name.isdigit() else getattr(found, name)
        return found

    def __call__(self, form: str, path: str) -> Figure:
        """The number at ``path`` in ``form``."""
        return figure(path, self.value(path), form, self.style)
