"""Numbers of the record as figures.

Their paths begin with ``record:``. What follows is

    <signal>/<event>/<field of SignalScore>  a score; lists by index, parts by name: forecast.1.80/range/by_year/2026/n
    forecast/<key>/<column>                  a cell of a forecast's row
    resolution/<key>/<column>                a cell of a resolution's row
    count/<field of Counts>                  a count
    failures/<kind>, failures/judged         signals that a claim does not hold for; those with 30 events
    change/<signal>/<key>                    relative change of a range's width since the row of that key
"""

from dataclasses import dataclass

from aegismatrix_engine.dashboard.figures import Figure, Style, figure


def record_path(*parts: object) -> str:
    """The path of a number of the record."""
    return "record:" + "/".join(str(part) for part in parts)


@dataclass(frozen=True)
class RecordFigures:
    """Numbers and dates in a market's style.

    Attributes:
        year: dates in it are written without it.
    """

    style: Style
    year: str

    def count(self, path: str, value: int) -> Figure:
        """A whole number, 1,234."""
        return figure(path, value, "count", self.style)

    def events(self, path: str, value: float) -> Figure:
        """A number of events, of which a tenth may hold a part: 12.3."""
        return figure(path, value, "events", self.style)

    def share(self, path: str, value: float) -> Figure:
        """A share that was counted, 79.9 %."""
        return figure(path, value, "percent_tenths", self.style)

    def share_interval(self, path: str, low: float, high: float) -> Figure:
        """Its interval, 73.8 to 84.8 %; the path leads to the pair."""
        return figure(path, (low, high), "percent_tenths_interval", self.style)

    def chance(self, path: str, value: float) -> Figure:
        """A probability as it was forecast, 21 %."""
        return figure(path, value, "percent", self.style)

    def gain(self, path: str, value: float) -> Figure:
        """A skill, +5.4 %."""
        return figure(path, value, "percent_tenths_signed", self.style)

    def gain_interval(self, path: str, low: float, high: float) -> Figure:
        """The interval of a skill, +0.5 to +0.9 %; the path leads to what has ``low`` and ``high``."""
        return figure(path, (low, high), "percent_tenths_signed_interval", self.style)

    def size(self, path: str, value: float) -> Figure:
        """A size in log points, 1.47 %."""
        return figure(path, value, "percent_hundredths_size", self.style)

    def brier(self, path: str, value: float) -> Figure:
        """A Brier score, 0.1625."""
        return figure(path, value, "score", self.style)

    def level(self, path: str, value: float, *, whole: bool = False) -> Figure:
        """An index level, 18,105.30; without its decimals 18,105."""
        return figure(path, value, "level_whole" if whole else "level", self.style)

    def distance(self, path: str, value: float) -> Figure:
        """A distance in index points, 424."""
        return figure(path, value, "size_whole", self.style)

    def day(self, path: str, iso: str) -> Figure:
        """A date, 25 Aug; of another year 25 Aug 2025."""
        return figure(path, iso, "day" if iso.startswith(self.year) else "dated", self.style)

    def moment(self, path: str, iso: str) -> Figure:
        """A moment in the exchange's zone, 25 Aug 15:30."""
        return figure(path, iso, "day_time", self.style)
