"""Expiries of 2018 and 2019 by hand: Thursdays, the last of a month a monthly, on the session before a holiday."""

import pandas as pd
from material import CALENDAR, Material

WEEKLIES_SINCE = pd.Timestamp("2019-02-11")


def expiries(m: Material) -> list[tuple[pd.Timestamp, bool]]:
    """(date, whether monthly) after the last close, in order."""
    last = m.daily.index[-1]
    thursdays = pd.date_range(last - pd.Timedelta(days=7), last + pd.Timedelta(days=120), freq="W-THU")
    found = []
    for day in thursdays:
        monthly = (day + pd.Timedelta(days=7)).month != day.month
        date = CALENDAR.regular(day - pd.Timedelta(days=10), day)[-1]
        if date > last and (monthly or last >= WEEKLIES_SINCE):
            found.append((date, monthly))
    return found


def weeklies(m: Material) -> bool:
    """Whether weekly contracts are listed."""
    return bool(m.daily.index[-1] >= WEEKLIES_SINCE)


def primary(m: Material) -> pd.Timestamp:
    """The next monthly one at least a week away."""
    return next(day for day, monthly in expiries(m) if monthly and (day - m.day).days >= 7)


def nearest_steps(m: Material) -> int:
    return m.closes_to(expiries(m)[0][0]) if weeklies(m) else 5


def listed(m: Material) -> list[pd.Timestamp]:
    """The next two monthly ones, and the next two weekly ones once these are listed."""
    coming = expiries(m)
    monthly, weekly = ([day for day, kind in coming if kind == wanted][:2] for wanted in (True, False))
    return sorted(monthly + weekly)
