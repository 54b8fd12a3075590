"""Numbers of the record as figures.

Their paths begin with ``record:``. What follows is

    <signal>/<event>/<field of SignalScore>   a score; lists by index, parts by name: trap.5/trap/by_year/2026/brier
    forecast/<key>/<column>                   a cell of a forecast's row
    resolution/<key>/<column>                 a cell of a resolution's row
    count/<field of Counts>                   a count
    failures/<kind>, failures/judged          signals that a claim does not hold for; those with 30 events
    change/<signal>/<key>                     relative change of a range's width since the row of that key
"""

from datetime import date, datetime

from aegismatrix_engine.dashboard.figures import Figure

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def record_path(*parts: object) -> str:
    """The path of a number of the record."""
    return "record:" + "/".join(str(part) for part in parts)


def count(path: str, value: int) -> Figure:
    """A whole number, 1,234."""
    return Figure(path, "count", f"{value:,}")


def events(path: str, value: float) -> Figure:
    """A number of events, of which a tenth may hold a part: 12.3."""
    return Figure(path, "events", f"{value:,.1f}".removesuffix(".0"))


def share(path: str, value: float) -> Figure:
    """A share or probability, 79.9 %."""
    return Figure(path, "percent_tenths", f"{100 * value:.1f} %")


def whole_share(path: str, value: float) -> Figure:
    """A share or probability as it is forecast, 21 %."""
    return Figure(path, "percent", f"{100 * value:.0f} %")


def gain(path: str, value: float) -> Figure:
    """A skill or a relative change, +5.4 %."""
    return Figure(path, "percent_signed_tenths", f"{_signed(100 * value, 1, indian=False)} %")


def fine_gain(path: str, value: float) -> Figure:
    """A relative change of the index, +0.47 %."""
    return Figure(path, "percent_signed", f"{_signed(100 * value, 2, indian=False)} %")


def signed_points(path: str, value: float, indian: bool) -> Figure:
    """A change in index points, +85.70."""
    return Figure(path, "points_signed", _signed(value, 2, indian=indian))


def signed_vol(path: str, value: float) -> Figure:
    """A change in vol points, +0.05."""
    return Figure(path, "vol_signed", _signed(value, 2, indian=False))


def share_interval(path: str, low: float, high: float) -> Figure:
    """The interval of a share, 73.8 to 84.8 %; the path leads to the pair."""
    return Figure(path, "interval_percent_tenths", f"{100 * low:.1f} to {100 * high:.1f} %")


def gain_interval(path: str, low: float, high: float) -> Figure:
    """The interval of a skill, +0.5 to +0.9 %; the path leads to what has ``low`` and ``high``."""
    low_text, high_text = (_signed(100 * end, 1, indian=False) for end in (low, high))
    return Figure(path, "interval_percent_signed_tenths", f"{low_text} to {high_text} %")


def log_share(path: str, value: float) -> Figure:
    """A size in log points, 1.47 %."""
    return Figure(path, "percent_hundredths", f"{100 * abs(value):.2f} %")


def brier(path: str, value: float) -> Figure:
    """A Brier score, 0.1625."""
    return Figure(path, "score", f"{value:.4f}")


def level(path: str, value: float, indian: bool) -> Figure:
    """An index level, 18,105.30 or 1,18,105.30."""
    return Figure(path, "level", grouped(value, 2, indian))


def whole_level(path: str, value: float, indian: bool) -> Figure:
    """An index level without its decimals, 18,105."""
    return Figure(path, "level_whole", grouped(value, 0, indian))


def points(path: str, value: float, indian: bool) -> Figure:
    """A distance in index points, 424."""
    return Figure(path, "points", grouped(value, 0, indian))


def day(path: str, iso: str, year: str = "") -> Figure:
    """A date, 25 Aug; with its year unless that is the one given."""
    found = date.fromisoformat(iso[:10])
    shown = f"{found.day} {MONTHS[found.month - 1]}"
    return Figure(path, "day", shown if iso[:4] == year else f"{shown} {found.year}")


def moment(path: str, iso: str, year: str = "") -> Figure:
    """A moment in the exchange's zone, 25 Aug 15:30."""
    return Figure(path, "moment", f"{day(path, iso, year).text} {datetime.fromisoformat(iso):%H:%M}")


def grouped(value: float, decimals: int, indian: bool) -> str:
    """Digits in groups, 124,000.00; the Indian way 1,24,000.00."""
    text = f"{value:,.{decimals}f}"
    if not indian or abs(value) < 99_999.5:
        return text
    whole, dot, rest = text.replace(",", "").partition(".")
    head, last = whole[:-3], whole[-3:]
    pairs: list[str] = []
    while len(head.lstrip("-")) > 2:
        head, pair = head[:-2], head[-2:]
        pairs.insert(0, pair)
    return ",".join([head, *pairs, last]) + dot + rest


def _signed(value: float, decimals: int, *, indian: bool) -> str:
    size = grouped(abs(value), decimals, indian)
    sign = "" if not size.strip("0.,") else "\N{MINUS SIGN}" if value < 0 else "+"
    return sign + size
