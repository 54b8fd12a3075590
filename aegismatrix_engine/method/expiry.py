"""The table of expiries in the seller's block, in words."""

from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, listed, number, percent
from aegismatrix_engine.method.notation import DAYS, FRACTION, LEVEL, POINTS, PROBABILITY, SESSIONS
from aegismatrix_engine.method.seller import ZONE
from aegismatrix_engine.signals.ranges import BAND_SIGMAS, BAND_STEPS, CURVE_SIGMAS, RANGE_MODELS, ZONE_LEVELS
from aegismatrix_engine.volatility.conformal import COVERAGES

ENTRIES = (
    Entry(
        path="seller.expiries[]",
        about="One of the next two monthly and, once listed, two weekly expiries, in order of date; h is its "
        "sessions left.",
        silent="Whether a contract of that expiry is liquid. A provisional date can still move to an earlier session.",
        basis=(("model", "of healthy models; its max_pain is an estimator"), STANDS_IN),
        models=(*RANGE_MODELS, "night", "session"),
        fields=(
            Formula("expiry", "", "the last regular session up to the scheduled day"),
            Formula("kind", "", "by the rules of the market, see expiries"),
            Formula("provisional", "", "true where the scheduled day lies past health.calendar.valid_through"),
            Formula("sessions_left", SESSIONS, "h"),
            Formula("horizon_days", DAYS, "date of the expiry - date of as_of"),
        ),
    ),
    Entry(
        path="seller.expiries[].ranges[]",
        about="Two kinds of range at each coverage: of the close at the expiry, and a band not left on the way there.",
        silent="That the two are alike: the band is wider, because it has to hold every session. Bands are not "
        "conformally "
        "adjusted.",
        fields=(
            Formula("coverage", FRACTION, listed(COVERAGES)),
            Formula(
                "lower",
                LEVEL,
                "close_at_expiry: as seller.safe_range, at most the lower bound of the coverage below. band_not_left: "
                f"level(-d), touch_h(d) = 1 - coverage, d between {BAND_STEPS} steps up to {number(BAND_SIGMAS)} x S_h",
            ),
            Formula(
                "upper", LEVEL, "close_at_expiry: as seller.safe_range, at least that below. band_not_left: level(d)"
            ),
            Formula("kind", "", ""),
        ),
    ),
    Entry(
        path="seller.expiries[].breach_curve[]",
        about="The expiry is h sessions away.",
        silent="What a breach costs, or when it comes.",
        fields=(
            Formula(
                "distance",
                POINTS,
                f"{listed(CURVE_SIGMAS)} x spot x S_h, each to the nearest strike step, each at least one step beyond "
                "the last",
            ),
            Formula(
                "touch", PROBABILITY, "touch_h at ln(1 + distance / spot) above and -ln(1 - distance / spot) below"
            ),
            Formula("touch_up", PROBABILITY, "up_h(ln(1 + distance / spot))"),
            Formula("touch_down", PROBABILITY, "down_h(-ln(1 - distance / spot))"),
            Formula("close", PROBABILITY, "close_up + close_down"),
            Formula("close_up", PROBABILITY, "1 - F_h(ln(1 + distance / spot))"),
            Formula("close_down", PROBABILITY, "F_h(ln(1 - distance / spot))"),
        ),
    ),
    Entry(
        path="seller.expiries[].max_pain",
        about="As seller.max_pain, for this expiry: strikes that just hold the middle "
        f"{percent(float(ZONE_LEVELS[2] - ZONE_LEVELS[0]))} of the forecast of its close.",
        silent="Anything about open interest: none is read.",
        basis=(
            ("estimator", "of a healthy model, as long as no open interest is read"),
            ("prior", "as the expiry's distribution"),
        ),
        fields=(
            Formula("strike", LEVEL, ZONE["strike"]),
            Formula("lower", LEVEL, ZONE["lower"]),
            Formula("upper", LEVEL, ZONE["upper"]),
            Formula("confidence", PROBABILITY, "F_h(ln(upper / spot)) - F_h(ln(lower / spot))"),
        ),
    ),
)
