"""What a figure of the record should read: its path followed in the ledger and the document, and written anew."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from aegismatrix_engine.dashboard.figures import Figure
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.record.failures import failures
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores


def figures_in(value: object) -> Iterator[Figure]:
    """Every figure anywhere inside a view."""
    if isinstance(value, Figure):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from figures_in(inner)
    elif is_dataclass(value):
        for field in fields(value):
            yield from figures_in(getattr(value, field.name))


def assert_shown(figures: Iterator[Figure], ledger: Ledger, document: Document) -> int:
    """Every figure reads what its path leads to, at its rounding; how many there were."""
    scored = {f"{one.signal}/{one.event}": one for one in scores(resolved_frame(ledger, "live"))}
    shown = list(figures)
    for figure in shown:
        if figure.path.startswith("record:"):
            value = recorded(figure.path.removeprefix("record:"), ledger, scored, document)
        else:
            value = followed(document, figure.path.split("."))
        assert written(value, figure) == figure.text, repr(figure)
    return len(shown)


def recorded(path: str, ledger: Ledger, scored: dict[str, SignalScore], document: Document) -> Any:
    """What a path of the record leads to."""
    kind, *rest = path.split("/")
    if kind == "count":
        return _counted(rest[0], ledger)
    if kind == "failures":
        found = failures(scored.values())
        judged = [score for score in scored.values() if score.events >= 30]
        return len(judged) if rest[0] == "judged" else sum(one.kind == rest[0] for one in found)
    if kind == "forecast":
        return getattr(ledger.forecasts[rest[0]], rest[1])
    if kind == "resolution":
        return getattr(ledger.resolutions[rest[0]], rest[1])
    if kind == "change":
        row = ledger.forecasts[rest[1]]
        expiry = next(one for one in document.seller.expiries if one.expiry == row.until)
        band = next(one for one in expiry.ranges if (one.kind, one.coverage) == ("close_at_expiry", 0.8))
        return abs((band.upper - band.lower) / (float(row.upper) - float(row.lower)) - 1)
    if f"{kind}/{rest[0]}" not in scored:
        assert rest[1:] == ["events"], path
        return 0
    return followed(scored[f"{kind}/{rest[0]}"], rest[1:])


def _counted(name: str, ledger: Ledger) -> Any:
    live = {key: row for key, row in ledger.forecasts.items() if row.standing == "live"}
    return {
        "live": len(live),
        "decided": len(live.keys() & ledger.resolutions.keys()),
        "replays": len(ledger.forecasts) - len(live),
        "faults": len(ledger.faults),
        "next_decision": min((live[key].until for key in live.keys() - ledger.resolutions.keys()), default=""),
    }[name]


def followed(value: Any, path: list[str]) -> Any:
    """A path of attributes, places in lists and names of parts."""
    for step in path:
        if isinstance(value, list | tuple):
            value = value[int(step)] if step.isdecimal() and len(step) < 4 else _part(value, step)
        else:
            value = getattr(value, step)
    return value


def _part(parts: Any, name: str) -> Any:
    return next(part for part in parts if part.name == name)


def written(value: Any, figure: Figure) -> str:
    """The value as the figure's form writes it, worked out here."""
    form = figure.form
    if form.endswith("_interval"):
        low, high = value if isinstance(value, list | tuple) else (value.low, value.high)
        one = form.removesuffix("_interval")
        return f"{_number(low, one).removesuffix(' %')} to {_number(high, one)}"
    if form in ("day", "dated", "day_time"):
        return _date(str(value), form)
    return _number(float(value), form)


def _number(value: float, form: str) -> str:
    if form == "count":
        return f"{value:,.0f}"
    if form == "events":
        return f"{value:,.1f}".removesuffix(".0")
    if form == "score":
        return f"{value:.4f}"
    if form in ("vol_signed", "points_signed"):
        return _signed(value, 2 if form == "vol_signed" else 0)
    decimals = {"level": 2, "level_whole": 0, "size_whole": 0}
    if form in decimals:
        return f"{value:,.{decimals[form]}f}"
    assert form.startswith("percent"), form
    if form == "percent" and 0 < value < 0.005:
        return "under 1 %"
    if form == "percent" and 0.995 < value < 1:
        return "over 99 %"
    places = 1 if "tenths" in form else 2 if "hundredths" in form else 0
    if form.endswith("signed"):
        return f"{_signed(100 * value, places)} %"
    return f"{100 * (abs(value) if form.endswith('size') else value):.{places}f} %"


def _signed(value: float, places: int) -> str:
    size = f"{abs(value):,.{places}f}"
    if not float(size.replace(",", "")):
        return size
    return ("+" if value > 0 else "\N{MINUS SIGN}") + size


def _date(text: str, form: str) -> str:
    day = date.fromisoformat(text[:10])
    shown = f"{day.day} {day:%b}"
    if form == "dated":
        return f"{shown} {day.year}"
    return shown if form == "day" else f"{shown} {datetime.fromisoformat(text):%H:%M}"
