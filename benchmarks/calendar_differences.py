"""In what the project's table of NSE sessions and the calendar of a library differ, as docs/decisions.md lists it.

python -m benchmarks.calendar_differences
"""

import warnings

import pandas as pd
from exchange_calendars import get_calendar

from aegismatrix_engine.markets import get_market

FIRST, LAST = pd.Timestamp("2000-01-01"), pd.Timestamp("2026-12-31")


def main() -> None:
    warnings.simplefilter("ignore")
    ours = get_market("nifty50").calendar
    theirs = get_calendar("XBOM", start=FIRST, end=LAST).sessions
    regular, special = ours.regular(FIRST, LAST), ours.special(FIRST, LAST)
    only_theirs = [f"{day:%Y-%m-%d}" for day in theirs.difference(regular) if day not in special]
    print("weekdays only theirs:", only_theirs)
    print("weekdays only ours:", [f"{day:%Y-%m-%d}" for day in regular.difference(theirs)])
    print(len(special), "special sessions, of which theirs:", len(special.intersection(theirs)))
    try:
        get_calendar("XBOM", end="2027-06-30")
    except ValueError as error:
        print(error)


if __name__ == "__main__":
    main()
