"""The words and symbols that every other part of the text uses."""

from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS, MOVE_DECIMALS, POINT_DECIMALS
from aegismatrix_engine.forecasting.origin import RISK_YEARS
from aegismatrix_engine.method.entry import number, table
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, SINGLE_SESSIONS
from aegismatrix_engine.volatility.percentile import SESSIONS_IN_YEAR

POINTS = "index points"
LEVEL = "index level"
FRACTION = "fraction"
PROBABILITY = "probability"
VOL_POINTS = "vol points"
SESSIONS = "sessions"
DAYS = "calendar days"
SIGMAS = "standard deviations"

READING = f"""A document speaks from one moment, `as_of`: the official close of the last session in its history, the US
close of the night after it, or the end of the newest complete bar of a session in progress. Nothing later is used. A
horizon counts regular sessions after the last close; inside a session, after today. An expiry's sessions left count
the session in progress. Special sessions (Muhurat, weekends) are not counted;
their closes count as `spot` and as the close a change is measured against. After a special session the features are
those of the last regular one.

Probabilities, scores, shares and `*_pct` are fractions: 0.05 is 5 %. Points and levels are in index points. Volatility
is in vol points where the field is called vix (15 is 15 % a year), otherwise in log points. Published numbers are
rounded once, by the type of the field: {FRACTION_DECIMALS} decimals for fractions, {MOVE_DECIMALS} for relative moves,
{POINT_DECIMALS} for points, levels and vol points. Formulas are stated before rounding.

A **percentile** is the share of the past values below the last one, ties and the value itself counting half. One year
is {SESSIONS_IN_YEAR} sessions, five years are {number(RISK_YEARS * SESSIONS_IN_YEAR)}; with less history it is what
there is."""

BASES = (
    ("model", "a fitted model"),
    ("estimator", "a rule on prices or on the forecast, without a model or without the data the name suggests"),
    ("prior", "a number stated in advance, or a long-run share, because nothing better is known"),
    ("options", "option prices; no block of this version carries it"),
)

SYMBOLS = (
    ("O, H, L, C", "natural logarithms of a regular session's open, high, low and official close"),
    ("t", "the last regular session whose official close is known"),
    ("h", f"sessions ahead, 1 to {MAX_HORIZON}; an h-session return is C[t+h] - C[t]"),
    ("k", f"one single session ahead, 1 to {SINGLE_SESSIONS}"),
    ("level(x)", "spot x exp(x): the index level a log move x away"),
    (
        "i",
        f"VIX / 100 / sqrt({SESSIONS_PER_YEAR}): one session's standard deviation as the volatility index implies it",
    ),
    (
        "S, Q, F, up, down, touch, close",
        "at a close as below; inside a session from now to the close h sessions after today, or to that of the "
        "expiry, see inside a session; after the US night see there",
    ),
    ("B_h", "forecast standard deviation of one session, averaged over t+1..t+h"),
    ("S_h", "B_h x sqrt(h): forecast standard deviation of the h-session return"),
    ("Q_h(p)", "quantile p of the h-session return"),
    ("F_h(x)", "P(h-session return <= x)"),
    ("up_h(d), down_h(d)", "P(a high lies more than d above C[t]), P(a low lies more than d below), within h sessions"),
    ("touch_h(d)", "P(either of the two)"),
    ("close_h(d)", "P(the close after h sessions lies more than d away), up + down"),
    ("clip(x, a, b)", "x, but at least a and at most b"),
    ("ATR", "simple mean of the last true ranges, log points; see the forecast core"),
)


def symbols() -> str:
    """The table of symbols."""
    return table(("symbol", "meaning"), [(f"`{name}`", meaning) for name, meaning in SYMBOLS])


def bases() -> str:
    """The table of what numbers may come from."""
    return table(("basis", "the numbers come from"), [(f"`{name}`", meaning) for name, meaning in BASES])
