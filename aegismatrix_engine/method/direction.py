"""The direction block in words."""

from aegismatrix_engine.direction.model import MARGINS
from aegismatrix_engine.direction.targets import DEAD_ZONE, HORIZONS
from aegismatrix_engine.document.schema.direction import HORIZONS as NAMED_HORIZONS
from aegismatrix_engine.forecasting.origin import RISK_YEARS
from aegismatrix_engine.intraday.open_session import MINIMUM_PAST
from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, listed, number
from aegismatrix_engine.method.notation import FRACTION, POINTS, PROBABILITY, SESSIONS
from aegismatrix_engine.signals.direction import MODELS
from aegismatrix_engine.volatility.percentile import SESSIONS_IN_YEAR

_ZONE = f"{number(DEAD_ZONE)} x sqrt(h)"

_CALL = (
    Formula(
        "direction",
        "",
        "NEUTRAL while abs(edge) is below the proven margin, or none is proven, or the other side is as likely; else "
        "UP for edge > 0, DOWN for edge < 0",
        f"margins tried: {listed(MARGINS, 'or')}; see the direction gate",
    ),
    Formula("expected_move_points", POINTS, "spot x (exp(Q_h(0.5)) - 1); 0 where its sign speaks against UP or DOWN"),
    Formula(
        "conviction",
        FRACTION,
        "abs(edge) / (1 - base of the side edge favours), under NEUTRAL as well",
    ),
    Formula("p_up", PROBABILITY, "1 - F_h(dead zone)"),
    Formula("p_down", PROBABILITY, "F_h(-dead zone)"),
    Formula("p_neutral", PROBABILITY, "1 - p_up - p_down; it takes the rounding, so that the three sum to 1"),
    Formula(
        "base_up",
        PROBABILITY,
        "s x (p_up + p_down), s the long-run share of ups among moves beyond the dead zone",
    ),
    Formula("base_down", PROBABILITY, "(1 - s) x (p_up + p_down)"),
    Formula("dead_zone_pct", FRACTION, f"{_ZONE}, a log move"),
)

_LABELS = ", ".join(f"{key} {label} ({sessions})" for key, (sessions, label) in NAMED_HORIZONS.items())

ENTRIES = (
    Entry(
        path="direction.today",
        about="Inside a session: from now to its official close, with the dead zone of one session. Elsewhere: to the "
        "close of the next session, the same call as t1.",
        silent="What happens between now and that close, or where to enter: points are the median of a wide "
        "distribution.",
        basis=(
            ("model", "of healthy models"),
            ("prior", f"{STANDS_IN[1]}; or inside a session by the constants that ship"),
        ),
        models=(*MODELS, "night", "session"),
        fields=(
            *_CALL,
            Formula(
                "intraday_volatility_score",
                FRACTION,
                f"inside a session: percentile of the sum of v so far among the last {SESSIONS_IN_YEAR} sessions at "
                f"the "
                f"same moment; elsewhere, or with under {MINIMUM_PAST} such sessions: percentile of the last session's "
                f"true range among the last {SESSIONS_IN_YEAR}",
            ),
            Formula("last_update", "", "as_of"),
            Formula("session", "", "the regular session in progress, else the next one"),
        ),
    ),
    Entry(
        path="direction.horizons.*",
        about=f"From now to the close h sessions ahead, inside a session h after today; h = "
        f"{listed(HORIZONS.values())}.",
        silent="That NEUTRAL means a quiet market. It means that no view on the sign has earned a call; `p_neutral` "
        "is the "
        "chance of a small move. Conviction under NEUTRAL is no call either.",
        basis=(("model", "of healthy models"), STANDS_IN),
        models=(*MODELS, "night", "session"),
        fields=(
            *_CALL,
            Formula("label", "", f"by horizon and its sessions: {_LABELS}"),
            Formula("sessions", SESSIONS, "h"),
            Formula("until", "", "date of that session"),
            Formula("margin", PROBABILITY, "see the direction gate; after the US night the margin measured there"),
            Formula("margin_proven", "", ""),
        ),
    ),
    Entry(
        path="direction.risk",
        about="At the last official close, for the next five sessions.",
        silent="Which way the risk lies, or that the market is calm in absolute terms: after five calm years a low "
        "level can "
        "stand high. The past values are today's model's, made in hindsight.",
        basis=(("model", "of healthy models"), STANDS_IN),
        models=("distribution",),
        fields=(
            Formula(
                "score", FRACTION, f"percentile of B_5 among its values at the closes of the last {RISK_YEARS} years"
            ),
            Formula("sigma_5_pct", FRACTION, "S_5, a log move"),
            Formula("percentile_years", "years", f"closes compared / {SESSIONS_IN_YEAR}, at most {RISK_YEARS}"),
        ),
    ),
    Entry(
        path="direction",
        about="The risk score alone, for readers that show one number.",
        silent="More than `direction.risk` does.",
        fields=(Formula("risk_score", FRACTION, "direction.risk.score"),),
        apart=True,
    ),
)
