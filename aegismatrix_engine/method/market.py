"""The top of the document and its market block, in words."""

from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.document.schema.market import HIGH_VOLATILITY, TREND_SIGMAS
from aegismatrix_engine.forecasting.origin import RISK_YEARS
from aegismatrix_engine.history import VIX_CARRIED_SESSIONS
from aegismatrix_engine.inference.infer import TREND_SESSIONS
from aegismatrix_engine.intraday.sessions import VIX_BARS
from aegismatrix_engine.markets import BAR, PREOPEN_LEAD, PUBLISHING_INTERVAL, VALIDITY, known_markets
from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, listed, number
from aegismatrix_engine.method.notation import FRACTION, LEVEL, POINTS, SIGMAS, VOL_POINTS
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR

_VALID, _NEXT, _BAR, _LEAD = (number(span.seconds // 60) for span in (VALIDITY, PUBLISHING_INTERVAL, BAR, PREOPEN_LEAD))

REGIMES = (
    f"trend_sigmas at least {number(TREND_SIGMAS)}: HIGH_VOL_BULL where volatility_percentile is at least "
    f"{number(HIGH_VOLATILITY)}, else LOW_VOL_BULL. At most -{number(TREND_SIGMAS)}: HIGH_VOL_BEAR and LOW_VOL_BEAR by "
    f"the same cut. In between: CHOPPY where volatility_percentile is at least {number(HIGH_VOLATILITY)}, else SIDEWAYS"
)

ENTRIES = (
    Entry(
        path="",
        about="When the document was made, from which moment it speaks and until when.",
        silent="That a document past `valid_until` is wrong: it is old, and a newer one should be there.",
        fields=(
            Formula("generated_at", "", "the clock of the run, in the exchange's zone"),
            Formula("schema_version", "", f"{SCHEMA_VERSION}; docs/document.md says what a change of it means"),
            Formula("market_id", "", listed(known_markets(), "or")),
            Formula(
                "as_of",
                "",
                "official close of the last session in the history, special sessions included; the US close where the "
                "night is known; inside a session the end of its newest complete bar",
            ),
            Formula(
                "valid_until",
                "",
                f"inside a session {_VALID} minutes after the end of its newest bar, but not before the next bar is "
                "complete; else so long after the next open, or, while the official close is not in, after the last "
                "quarter of an hour",
            ),
            Formula(
                "next_due",
                "",
                f"inside a session {_NEXT} minutes after the end of its newest bar, or the end of continuous trading "
                f"where that is sooner; while the official close is not in, so long after the last quarter of an hour; "
                f"with it {_LEAD} minutes before the next open; between that moment and the open {_BAR} minutes after "
                "the open",
            ),
            Formula("disclaimer", "", "the same in every document"),
        ),
    ),
    Entry(
        path="market",
        about="At `as_of`, against the close of the session before the one it speaks from (special sessions count).",
        silent="Where the index will go. The regime describes the past month and the forecast's size, not its sign.",
        basis=(("model", "of healthy models; `vix_basis` says whether vix is the published one"), STANDS_IN),
        models=("distribution",),
        fields=(
            Formula("spot", LEVEL, "official close of the last session; inside a session the close of its newest bar"),
            Formula("spot_change", POINTS, "spot - previous_close"),
            Formula("spot_change_pct", FRACTION, "spot / previous_close - 1"),
            Formula(
                "vix",
                VOL_POINTS,
                f"inside a session the close of its newest bar (forecasts stand on the median of the last {VIX_BARS}); "
                f"else the close of the volatility index, at most {VIX_CARRIED_SESSIONS} sessions old unless the run "
                "allows more; else the engine's own: "
                f"100 x sqrt({SESSIONS_PER_YEAR}) x B_22",
            ),
            Formula("vix_as_of", "", "end of the bar, or official close of the session, that vix is of"),
            Formula(
                "vix_change",
                VOL_POINTS,
                "vix - close of the session before, inside a session of the last; 0 where either is not known",
            ),
            Formula("vix_change_pct", FRACTION, "vix_change / (vix - vix_change)"),
            Formula("regime", "", "by trend_sigmas and volatility_percentile, as published", REGIMES),
            Formula("previous_close", LEVEL, "close of the session before the last; inside a session of the last"),
            Formula("previous_close_date", "", "date of that session, special ones included"),
            Formula(
                "previous_close_basis",
                "",
                "official, unless that session's daily row was missing and its close made from its bars: rebuilt, "
                "which health names too",
            ),
            Formula("vix_basis", "", "market where vix is the published index, else estimator"),
            Formula(
                "trend_sigmas",
                SIGMAS,
                f"(C[t] - C[t-{TREND_SESSIONS}]) / sqrt({TREND_SESSIONS} x mean of V over {TREND_SESSIONS} sessions)",
            ),
            Formula(
                "volatility_percentile",
                FRACTION,
                f"percentile of B_5 among today's model's B_5 at the closes of the last {RISK_YEARS} years; "
                "equals direction.risk_score",
            ),
        ),
    ),
)
