"""Files of operators for the tests, and the markets that follow them."""

from aegismatrix_engine.markets import Market, get_market, known_markets
from aegismatrix_engine.markets.merged_sessions import merged_market
from aegismatrix_engine.markets.operator_calendar import read_operator_calendar

# Weekdays of 2027; the dates of moving holidays are only an illustration.
CLOSURES_2027 = (
    "2027-01-26",
    "2027-03-22",
    "2027-03-26",
    "2027-04-14",
    "2027-05-17",
    "2027-06-16",
    "2027-10-29",
    "2027-11-15",
)
HOURS = 'continuous_close = "15:15", official_close = "15:35", derivatives_close = "15:40", source = "s"'


def closures(*days: str) -> str:
    entries = ", ".join(f'{{ date = {day}, name = "Holiday", source = "s" }}' for day in days)
    return f"closures = [{entries}]\n"


def year_2027(*, days: tuple[str, ...] = CLOSURES_2027, through: str = "2027-12-31") -> str:
    """The table of a newly announced year."""
    return f'[nifty50]\nsource = "circular"\nvalid_through = {through}\n{closures(*days)}'


def market_with(text: str, market_id: str = "nifty50") -> Market:
    """The market under a calendar.toml of that text; raises DataError as the commands do."""
    operator = read_operator_calendar(text.encode(), "on/calendar.toml", "calendar.toml", market_id, known_markets())
    assert operator is not None
    return merged_market(get_market(market_id), operator)
