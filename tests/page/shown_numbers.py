"""What a marked number of the page claims, read back from its text: no line of the package's own formatting is used."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
INDIAN = re.compile(r"\d{1,3}|\d{1,2}(,\d\d)*,\d{3}")
WESTERN = re.compile(r"\d{1,3}(,\d{3})*")

FORMS: dict[str, tuple[float, int, str]] = {
    "level": (1, 2, ""),
    "level_whole": (1, 0, ""),
    "size": (1, 2, "size"),
    "size_whole": (1, 0, "size"),
    "points": (1, 0, ""),
    "points_signed": (1, 0, "signed"),
    "percent": (100, 0, "%"),
    "percent_rest": (100, 0, "rest %"),
    "percent_signed": (100, 0, "signed %"),
    "percent_tenths": (100, 1, "%"),
    "percent_tenths_signed": (100, 1, "signed %"),
    "percent_hundredths": (100, 2, "%"),
    "percent_hundredths_signed": (100, 2, "signed %"),
    "percent_hundredths_size": (100, 2, "size %"),
    "percentage_points": (100, 1, "signed"),
    "percent_tenths_interval": (100, 1, "interval %"),
    "percent_tenths_signed_interval": (100, 1, "interval signed %"),
    "events": (1, 1, "short"),
    "years": (1, 1, "short"),
    "ratio": (1, 2, ""),
    "ratio_tenths": (1, 1, ""),
    "signed": (1, 2, "signed"),
    "signed_tenths": (1, 1, "signed"),
    "vol": (1, 2, ""),
    "vol_signed": (1, 2, "signed"),
    "vol_tenths": (1, 1, ""),
    "vol_tenths_signed": (1, 1, "signed"),
    "score": (1, 4, ""),
    "count": (1, 0, ""),
}
"""Form -> by what a value is multiplied, decimals, and what is shown of it: its sign, its size, what is missing to 1,
the two ends of an interval, or no decimals where they are 0."""


def fault(form: str, shown: str, value: Any, *, indian: bool, zone: str) -> str | None:
    """What is wrong with a shown number.

    Args:
        form: its ``data-form``.
        shown: its text.
        value: what stands in the document or the record.
        indian: whether digits are grouped 1,24,000.
        zone: the exchange's clock as traders write it.

    Returns:
        One line; None for a number that is the value at its rounding.
    """
    if value is None:
        return "there is no such value"
    if form.endswith("_interval"):
        return _interval_fault(form, shown, value, indian=indian)
    if form in FORMS:
        return _number_fault(form, shown, float(value), indian=indian)
    expected = WORDS[form](value, zone) if form in WORDS else None
    return None if shown == expected else "unknown form" if expected is None else f"expected {expected!r}"


def _interval_fault(form: str, shown: str, value: Any, *, indian: bool) -> str | None:
    """Both ends, the first of which has no unit of its own."""
    low, _, high = shown.partition(" to ")
    ends = (value.low, value.high) if hasattr(value, "low") else tuple(value)
    found = [_number_fault(form, one, end, indian=indian) for one, end in zip((f"{low} %", high), ends, strict=True)]
    return next(filter(None, found), None)


def _number_fault(form: str, shown: str, value: float, *, indian: bool) -> str | None:
    scale, decimals, kind = FORMS[form]
    value = 1 - value if "rest" in kind else abs(value) if "size" in kind else value
    if kind in {"%", "rest %"} and shown in {"under 1 %", "over 99 %"}:
        return None if 0 < (value if "under" in shown else 1 - value) <= 0.005 else f"is {value}"
    found = re.fullmatch(r"([-+\N{MINUS SIGN}]?)([\d,]+)(?:\.(\d+))?( %)?", shown)
    if found is None:
        return "is no number"
    sign, whole, rest, unit = found.groups()
    if kind == "short":
        rest = {None: "0", "0": None}.get(rest, rest)
    if (unit is not None) is not ("%" in kind) or len(rest or "") != decimals:
        return f"expected {decimals} decimals{' and %' if '%' in kind else ''}"
    if not (INDIAN if indian else WESTERN).fullmatch(whole) or (len(whole) > 1 and whole[0] == "0"):
        return "its digits are not grouped as the market's are"
    size = float(f"{whole.replace(',', '')}.{rest or 0}")
    if not size and sign in {"-", "\N{MINUS SIGN}"}:
        return "0 has no sign"
    if ("signed" in kind and size and not sign) or (sign == "+" and "signed" not in kind):
        return "expected a sign" if "signed" in kind else "has a sign"
    claimed = -size if sign in {"-", "\N{MINUS SIGN}"} else size
    near = abs(claimed - scale * value) <= 0.5 * 10**-decimals * (1 + 1e-9) + 1e-9
    if near and "%" in kind and decimals == 0 and "signed" not in kind and claimed in {0, 100} and value not in {0, 1}:
        return "reads as certain"
    return None if near else f"expected {scale * value:.{decimals}f}"


def _in_ten(coverage: float) -> str:
    tenths = round(10 * coverage, 9)
    return f"{tenths:.0f} in 10" if tenths == round(tenths) else f"{100 * coverage:.0f} in 100"


def _day(text: str) -> str:
    at = date.fromisoformat(text[:10])
    return f"{at.day} {MONTHS[at.month - 1]}"


WORDS: dict[str, Callable[[Any, str], str]] = {
    "in_ten": lambda value, _: _in_ten(value),
    "plain": lambda value, _: f"{value:g}",
    "text": lambda value, _: f"{value:g}" if isinstance(value, float) else str(value),
    "day": lambda text, _: _day(text),
    "weekday": lambda text, _: f"{WEEKDAYS[date.fromisoformat(text[:10]).weekday()]} {_day(text)}",
    "dated": lambda text, _: f"{_day(text)} {text[:4]}",
    "day_time": lambda text, _: f"{_day(text)} {text[11:16]}",
    "time": lambda text, zone: f"{text[11:16]} {zone}",
    "moment": lambda text, zone: f"{_day(text)} {text[:4]}, {text[11:16]} {zone}",
}
"""Form -> the text of a value that is no rounded number; the second argument is the exchange's clock."""


def value_at(content: Any, path: str) -> Any:
    """What stands at a dotted path of a document, items of lists by their index; None where nothing does."""
    for name in path.split("."):
        try:
            content = content[int(name)] if isinstance(content, list) else content[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return content
