"""The seller's block in words."""

from aegismatrix_engine.intraday.model import OWN_CLOSES
from aegismatrix_engine.markets.expiries import PRIMARY_DAYS
from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, listed, number, percent
from aegismatrix_engine.method.notation import DAYS, FRACTION, LEVEL, POINTS, PROBABILITY, SESSIONS
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.seller.targets import STRESS_MULTIPLE, TRAP_HORIZONS
from aegismatrix_engine.signals.ranges import BREACH_SIGMAS, RANGE_MODELS, ZONE_LEVELS
from aegismatrix_engine.signals.seller import NORMAL_TAIL_SHARE, REALISED_SESSIONS, SKEW_SAMPLE, TAIL
from aegismatrix_engine.volatility.conformal import COVERAGES
from aegismatrix_engine.volatility.percentile import SESSIONS_IN_YEAR

_SHORT, _LONG = TRAP_HORIZONS
_TRAP_EVENT = "mean of squared close-to-close returns over t+1..t+{k} above i^2"
_RATIO_CUTS = "cuts of score / base_rate learned in the walk; see label cuts"
_LOW, _MIDDLE, _HIGH = (f"level(Q_h({number(float(level))}))" for level in ZONE_LEVELS)
ZONE = {
    "strike": f"the strike nearest to {_MIDDLE}",
    "lower": f"{_LOW} down to a strike, at least one step below the middle strike",
    "upper": f"{_HIGH} up to a strike, at least one step above the middle strike",
}

ENTRIES = (
    Entry(
        path="seller.safe_range",
        about=f"Whether the close at the primary expiry lies inside. Primary: the next monthly at least {PRIMARY_DAYS} "
        "calendar days away; h is its sessions left.",
        silent="That the index stays inside on the way: `touch_probability` is the chance that it does not, never less "
        f"than that of a close outside. {percent(1 - COVERAGES[0])} of such ranges are meant to fail.",
        basis=(("model", "of healthy models"), STANDS_IN),
        models=(*RANGE_MODELS, "night", "session"),
        fields=(
            Formula("lower", LEVEL, "level(m + w (Q_h(a/2) - m)); a, w and m as under conformal intervals"),
            Formula("upper", LEVEL, "level(m + w (Q_h(1 - a/2) - m))"),
            Formula("horizon_days", DAYS, "date of the expiry - date of as_of"),
            Formula("coverage", FRACTION, number(COVERAGES[0])),
            Formula("kind", "", "the event is the close at the expiry"),
            Formula("touch_probability", PROBABILITY, "touch_h with the distance to each bound on its own side"),
            Formula("expiry", "", "date of the primary expiry"),
            Formula("sessions_left", SESSIONS, "h"),
            Formula("lower_level", PROBABILITY, "a/2, before the widening w"),
            Formula("upper_level", PROBABILITY, "1 - a/2, before the widening w"),
        ),
    ),
    Entry(
        path="seller.max_pain",
        about="Where the close at the nearest listed expiry is expected, weekly or monthly and today's until its "
        "close, in strikes round the median of the forecast. The same as that expiry's in seller.expiries.",
        silent="Anything about open interest: none is read. It is not the strike at which options pay least, and no "
        "pull "
        "towards it is claimed.",
        basis=(("estimator", "of a healthy model, as long as no open interest is read"), STANDS_IN),
        models=("distribution", "night", "session"),
        fields=(
            Formula("lower", LEVEL, ZONE["lower"]),
            Formula("upper", LEVEL, ZONE["upper"]),
            Formula("confidence", PROBABILITY, "F_h(ln(upper / spot)) - F_h(ln(lower / spot))"),
            Formula("strike", LEVEL, ZONE["strike"]),
            Formula(
                "expiry",
                "",
                "date of the nearest listed expiry, h its sessions left; of the next monthly before weeklies existed",
            ),
        ),
    ),
    Entry(
        path="seller.trap",
        about=f"Over the next {_SHORT} sessions after the last close: {_TRAP_EVENT.format(k=_SHORT)}. The seller is "
        "then "
        "paid too little.",
        silent="How large the loss is, or which way the index goes. Realised variance here is close to close; a path "
        "that "
        "swings and comes back counts little.",
        basis=(
            ("model", "VIX known"),
            (
                "prior",
                "VIX not known, too few training rows, or climatology in place of either model: scores are base rates",
            ),
        ),
        models=("distribution", "trap"),
        fields=(
            Formula(
                "score",
                PROBABILITY,
                f"logit mean of head and shape; shape: share of past sqrt(realised variance) / B_{_SHORT} above i / "
                f"B_{_SHORT}",
            ),
            Formula("label", "", "ratio of score to base_rate", f"LOW, MEDIUM, HIGH: {_RATIO_CUTS}"),
            Formula(
                "iv_percentile",
                FRACTION,
                f"percentile of VIX among its last {SESSIONS_IN_YEAR} closes; without VIX, rv_percentile",
            ),
            Formula(
                "rv_percentile",
                FRACTION,
                f"percentile, over {SESSIONS_IN_YEAR} sessions, of sqrt(mean of squared returns over "
                f"{REALISED_SESSIONS} sessions)",
            ),
            Formula("horizon_sessions", SESSIONS, number(_SHORT)),
            Formula(
                "base_rate",
                PROBABILITY,
                "share of training sessions followed by the event, as under event heads",
            ),
            Formula(
                "score_10",
                PROBABILITY,
                f"the same for {_LONG} sessions",
            ),
        ),
    ),
    Entry(
        path="seller.skew",
        about="At the primary expiry, h sessions away: how much of the distribution's variance lies in each of its "
        f"tails of {percent(TAIL)}. The larger, the heavier; a tail of a normal distribution holds "
        f"{number(round(NORMAL_TAIL_SHARE, 2))}.",
        silent="What options cost at either side: it is the forecast's skew, not the market's. Nor how wide the "
        "distribution is, which forecast.horizons says.",
        basis=(("estimator", "of a healthy model, as long as no option prices are read"), STANDS_IN),
        models=("distribution", "night", "session"),
        fields=(
            Formula(
                "put_skew",
                FRACTION,
                f"sum of (q - m)^2 over the lowest {percent(TAIL)} of q, over its sum over all of q; q: Q_h at the "
                f"middles of {SKEW_SAMPLE} equal steps of probability, m their mean",
            ),
            Formula(
                "call_skew",
                FRACTION,
                f"the same over the highest {percent(TAIL)} of q",
            ),
            Formula("net_skew", FRACTION, "call_skew - put_skew, both as published"),
            Formula("expiry", "", "date of the primary expiry"),
        ),
    ),
    Entry(
        path="seller.expiry_stress",
        about=f"From now to the nearest expiry: a high or low more than {number(STRESS_MULTIPLE)} x i x "
        "sqrt(h) away. "
        "After the close of an expiry day it speaks of the next expiry.",
        silent="That the index ends there: a touch may come back. Nor the side.",
        basis=(
            ("model", "VIX known"),
            ("prior", "VIX not known, or climatology in place of either model: the base rate"),
        ),
        models=("distribution", "night", "session", "stress"),
        fields=(
            Formula("score", PROBABILITY, f"touch_h({number(STRESS_MULTIPLE)} x i x sqrt(h))"),
            Formula("label", "", "ratio of score to base_rate", f"CALM, CAUTION, HOSTILE: {_RATIO_CUTS}"),
            Formula("expiry", "", "date of the nearest expiry"),
            Formula("sessions_left", SESSIONS, "h"),
            Formula(
                "distance_points",
                POINTS,
                f"spot x {number(STRESS_MULTIPLE)} x i x sqrt(h); without VIX, i is B_22; inside a session h is the "
                f"share "
                "of a session still open + the sessions after it",
            ),
            Formula(
                "base_rate",
                PROBABILITY,
                "the same share, of the sessions with VIX, within h sessions; inside a session from that moment of "
                "the day, "
                f"for its first {OWN_CLOSES} closes; prior as under event heads",
            ),
        ),
    ),
    Entry(
        path="seller.breach_probabilities[]",
        about="The primary expiry is h sessions away. Four distances, nearest first.",
        silent="What a breach costs, or when it comes. `probability` is of a touch, `close_beyond` of a close.",
        fields=(
            Formula(
                "distance",
                POINTS,
                f"{listed(BREACH_SIGMAS)} x spot x S_h, each to the nearest strike step, each at least one step "
                "beyond the last",
            ),
            Formula(
                "probability",
                PROBABILITY,
                "touch_h at ln(1 + distance / spot) above and -ln(1 - distance / spot) below",
            ),
            Formula("close_beyond", PROBABILITY, "close_up + close_down"),
            Formula("touch_up", PROBABILITY, "up_h(ln(1 + distance / spot))"),
            Formula("touch_down", PROBABILITY, "down_h(-ln(1 - distance / spot))"),
            Formula("close_up", PROBABILITY, "1 - F_h(ln(1 + distance / spot))"),
            Formula("close_down", PROBABILITY, "F_h(ln(1 - distance / spot))"),
        ),
    ),
    Entry(
        path="seller.breach",
        about="",
        silent="Numbers of its own.",
        basis=(("model", "of healthy models"), STANDS_IN),
        models=("distribution", "night", "session"),
        fields=(
            Formula("expiry", "", "date of the primary expiry"),
            Formula("sessions_left", SESSIONS, "h"),
        ),
    ),
    Entry(
        path="seller.seller_flag",
        about="Trap at the last close and expiry stress put together.",
        silent="That selling pays, or that it does not: it grades two risks against their own past.",
        basis=(("model", "as the trap"), ("prior", "as the trap")),
        models=("distribution", "night", "session", "stress", "trap"),
        fields=(
            Formula(
                "label",
                "",
                "grade of trap (LOW 0, MEDIUM 1, HIGH 2) + grade of stress (CALM 0, CAUTION 1, HOSTILE 2)",
                "FAVOURABLE 0 or 1, CAUTION 2, HOSTILE 3 or 4",
            ),
            Formula("color", "", "GREEN for FAVOURABLE, AMBER for CAUTION, RED for HOSTILE"),
            Formula("reasons", "", "trap, stress and percentiles in sentences, with their numbers"),
        ),
    ),
    Entry(
        path="seller",
        about="The seller's tiles and the measured hit rate.",
        silent="More than trap, stress and track record do. A hit rate of the past is not a promise.",
        fields=(
            Formula(
                "historical_hit_rate",
                FRACTION,
                "track_record.safe_range.pooled",
                f"the nominal {number(COVERAGES[0])} under {MINIMUM_EVENTS} expiries, until live ones move it",
            ),
            Formula("regime", "", "the larger grade of trap and stress", "CALM 0, CAUTIOUS 1, HOSTILE 2"),
            Formula(
                "daily_flag",
                "",
                "grade of stress, one more if trap is HIGH",
                "FAVOURABLE 0, NEUTRAL 1, RISKY 2 and above",
            ),
        ),
        apart=True,
    ),
)
