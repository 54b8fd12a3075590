"""The buyer's block in words."""

from aegismatrix_engine.buyer.payoff import BLOCK_SESSIONS, REPLICATIONS
from aegismatrix_engine.buyer.spike_side import MINIMUM_BREAKOUTS
from aegismatrix_engine.buyer.targets import STRADDLE_HORIZONS, STRADDLE_WIDTH
from aegismatrix_engine.intraday.profile import MINIMUM_SESSIONS
from aegismatrix_engine.method import breakout
from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, number
from aegismatrix_engine.method.notation import FRACTION, POINTS, PROBABILITY, SESSIONS
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.signals.buyer import ERRORS_BEYOND, REGIME_LAG, REGIME_WINDOW, REGIME_Z

ENTRIES = (
    *breakout.ENTRIES,
    Entry(
        path="buyer.spike_direction_bias",
        about="Given that the next session is a breakout: whether it closes above or below the last close.",
        silent="That the index goes either way: it is conditional on a breakout. Where rising and falling weeks do not "
        "differ by more than sampling error it is the base rate.",
        basis=(("model", "of healthy models"), STANDS_IN),
        models=("spike",),
        fields=(
            Formula(
                "up_prob",
                PROBABILITY,
                "w x (share up after weeks like the last one) + (1 - w) x base_up; weeks: falling or rising over five "
                "sessions; w = between / (between + sampling variance), beta-binomial by moments",
                f"base_up alone under {MINIMUM_BREAKOUTS} breakouts in either state",
            ),
            Formula("down_prob", PROBABILITY, "1 - up_prob"),
            Formula("base_up", PROBABILITY, "(breakouts that closed up + 1) / (breakouts + 2)"),
            Formula("evidence", "breakouts", "breakouts in training, k = 1, features complete"),
        ),
    ),
    Entry(
        path="buyer.gamma_windows[]",
        about="How the variance of a session, the night left out, is spread over its six windows: of an average "
        "one, and "
        "inside a session of this one.",
        silent="Anything about option gamma. Before the open it is a mean over past sessions and says nothing of the "
        "coming one.",
        basis=(
            ("model", f"training saw at least {MINIMUM_SESSIONS} complete intraday sessions"),
            (
                "prior",
                "otherwise, and `health.notes` says so; or climatology stands in for a model that gamma declares",
            ),
        ),
        fields=(
            Formula("window", "", "start and end, by market"),
            Formula(
                "score",
                FRACTION,
                "x / (1 + x), x = share of variance / share of the session's minutes",
                "0.5 is an even spread",
            ),
            Formula(
                "share",
                FRACTION,
                "mean over sessions of: sum of ln(H/L)^2 over the window's bars / that of the session; inside a "
                "session "
                "v shown by its bars + S_1^2 spread over the rest of each window by that mean, over their sum",
            ),
            Formula("state", "", "by the newest complete bar; ahead outside a session"),
            Formula(
                "against_usual",
                "ratio",
                "1 outside a session; inside v shown and forecast of the window / (mean share x session's part, the "
                "night left out, of the variance forecast for today at the close before)",
            ),
        ),
    ),
    Entry(
        path="buyer.gamma",
        about="",
        silent="Numbers of its own.",
        basis=(("model", "as the windows"), ("prior", "as the windows")),
        models=("distribution", "gamma", "session"),
        fields=(),
    ),
    Entry(
        path="buyer.theta_edge",
        about=f"From now to the nearest expiry, at most {STRADDLE_HORIZONS[-1]} sessions: whether "
        "abs(C[t+h] - C[t]) "
        f"exceeds the cost of the at-the-money straddle, {number(STRADDLE_WIDTH)} x i x sqrt(h) (Brenner and "
        "Subrahmanyam, 1988).",
        silent="What a straddle costs on the screen: the cost is implied by the volatility index, which speaks of a "
        "month. "
        "Nor what hedging or an exit before expiry pays.",
        basis=(
            ("model", "VIX known"),
            (
                "prior",
                "VIX not known, too few training rows, or climatology in place of either model: the score is the base "
                "rate, the ratio that of past straddles",
            ),
        ),
        models=("distribution", "night", "session", "theta"),
        fields=(
            Formula(
                "score",
                PROBABILITY,
                "logit mean of head and shape; shape: close_h(cost). Inside a session and after the US night "
                "close_h(cost) "
                "alone",
            ),
            Formula(
                "label",
                "",
                "expected_payoff_ratio, give or take payoff_error",
                f"EDGE_JUSTIFIES_PREMIUM: ratio - {number(ERRORS_BEYOND)} x error > 1. DONT_WASTE_PREMIUM: "
                f"ratio + {number(ERRORS_BEYOND)} x error < 1. Else BORDERLINE. Never EDGE_JUSTIFIES_PREMIUM "
                "under basis prior: BORDERLINE then",
            ),
            Formula(
                "expected_payoff_ratio",
                "ratio",
                "forecast mean of abs(C[t+h] - C[t]) / cost; under basis prior the mean of the same over past "
                "sessions, each with the cost of its own day, where VIX was ever known",
            ),
            Formula(
                "payoff_error",
                "ratio",
                "expected_payoff_ratio x relative standard error of the mean of past abs(return) / S_h; moving-block "
                f"bootstrap (Kunsch, 1989), {REPLICATIONS} draws of blocks of {BLOCK_SESSIONS} sessions",
            ),
            Formula(
                "straddle_cost_points",
                POINTS,
                "spot x cost; without VIX, i is B_22; inside a session h is the share of a session still open + the "
                "sessions after it",
            ),
            Formula("sessions_left", SESSIONS, "h"),
            Formula("expiry", "", "date of the nearest expiry"),
            Formula(
                "base_rate",
                PROBABILITY,
                "share of training sessions on which the move exceeded the cost, same h, as under event heads; "
                "inside a "
                "session from that moment of the day",
            ),
        ),
    ),
    Entry(
        path="buyer.regime_evidence",
        about=f"Whether returns of the last {REGIME_WINDOW} sessions trended or reverted: Lo and MacKinlay (1988).",
        silent="That the coming sessions trend: it describes the past year.",
        basis=(("estimator", "always: a statistic of past returns"),),
        fields=(
            Formula(
                "variance_ratio",
                "ratio",
                f"variance of {REGIME_LAG}-session returns / ({REGIME_LAG} x that of one session)",
            ),
            Formula(
                "z_statistic", "standard errors", "(variance_ratio - 1) / its heteroskedasticity-robust standard error"
            ),
            Formula("lag", SESSIONS, number(REGIME_LAG)),
            Formula("window", SESSIONS, f"returns used, at most {REGIME_WINDOW}"),
        ),
    ),
    Entry(
        path="buyer.buyer_environment",
        about="Theta, the breakout of today or the next session, and the regime put together.",
        silent="That buying pays: PREMIUM_FRIENDLY can rest on a high breakout chance alone.",
        basis=(("model", "as theta_edge"), ("prior", "as theta_edge")),
        models=("breakout", "distribution", "night", "session", "theta"),
        fields=(
            Formula(
                "label",
                "",
                "the first of these that holds",
                "PREMIUM_FRIENDLY: theta EDGE_JUSTIFIES_PREMIUM, or breakout HIGH and theta not DONT_WASTE_PREMIUM. "
                "UNFAVOURABLE: theta DONT_WASTE_PREMIUM, breakout not HIGH, regime not TREND_FOLLOWING. "
                "Else SPECULATIVE_ONLY",
            ),
            Formula("color", "", "GREEN for PREMIUM_FRIENDLY, AMBER for SPECULATIVE_ONLY, RED for UNFAVOURABLE"),
            Formula("reasons", "", "theta, breakout and variance ratio in sentences, with their numbers"),
        ),
    ),
    Entry(
        path="buyer",
        about="The buyer's tiles and the measured rate of breakouts after a call.",
        silent="More than breakout, theta, regime and track record do. A rate of the past is not a promise.",
        fields=(
            Formula(
                "regime",
                "",
                "by regime_evidence.z_statistic",
                f"TREND_FOLLOWING from {number(REGIME_Z)} on, MEAN_REVERTING up to -{number(REGIME_Z)}, else CHOPPY",
            ),
            Formula(
                "historical_spike_rate",
                FRACTION,
                "track_record.breakout_calls.pooled",
                f"the base rate under {MINIMUM_EVENTS} calls, until live ones move it",
            ),
            Formula(
                "environment_state",
                "",
                "buyer_environment.label in other words",
                "PREMIUM_FRIENDLY, CAUTIOUS for SPECULATIVE_ONLY, AVOID_FULL_RISK for UNFAVOURABLE",
            ),
        ),
        apart=True,
    ),
)
