"""The forecast core in words: scale, shape, touch, events and intervals."""

from aegismatrix_engine.method.entry import listed, number, percent, ratio, table
from aegismatrix_engine.volatility.conformal import (
    COVERAGES,
    LEARNING_RATE,
    MISS_BOUNDS,
    WIDENED_AT,
    WIDENED_FROM,
    WIDENING,
)
from aegismatrix_engine.volatility.event_head import HEAD_FEATURES, INVERSE_PENALTY, MINIMUM_ROWS, SHORT_HISTORY
from aegismatrix_engine.volatility.features import (
    BURN_IN,
    EWMA_DECAY,
    RANGE_FEATURES,
    RETURN_CLIP,
    VARIANCE_FLOOR,
    VIX_FEATURES,
)
from aegismatrix_engine.volatility.log_har import HAR_SHARE, MINIMUM_VIX_ROWS, RELATIVE_PENALTY
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, SINGLE_SESSIONS
from aegismatrix_engine.volatility.realised_variance import ATR_WINDOW, RANGE_VARIANCE_FLOOR
from aegismatrix_engine.volatility.shape import LEVELS
from aegismatrix_engine.volatility.shape import MINIMUM_VIX_ROWS as MINIMUM_SHAPE_ROWS

RANGE_VARIANCE = f"""`V[t] = max((H[t] - L[t])^2 / (4 ln 2), {number(RANGE_VARIANCE_FLOOR)}) + (O[t] - C[t-1])^2`, in
squared log points: the estimator of Parkinson (1980) with the squared overnight return added.

`TR[t] = max(H[t], C[t-1]) - min(L[t], C[t-1])`; `ATR` is its mean over the last {ATR_WINDOW} sessions."""

# What each feature is; the windows are part of the names.
_FEATURES = {
    "lv1": "ln V[t]",
    "lv5": "ln of the mean of V over {w} sessions",
    "lv22": "ln of the mean of V over {w} sessions",
    "lv66": "ln of the mean of V over {w} sessions",
    "neg1": "min(r / u, 0), r the last session's return",
    "neg5": "min(clip(r / u, -{clip}, {clip}), 0), r the return of {w} sessions",
    "r22": "clip(r / u, -{clip}, {clip}), r the return of {w} sessions",
    "lew": "ln of max(exponentially weighted mean of squared returns, {floor}), decay {decay} (RiskMetrics, 1996)",
    "lvix": "ln(i^2)",
    "dvix5": "lvix less its mean over {w} sessions",
    "dvix22": "lvix less its mean over {w} sessions",
}


def _window(feature: str) -> str:
    return "".join(letter for letter in feature if letter.isdigit())


def features() -> str:
    """The table of features."""
    rows = []
    for name in (*RANGE_FEATURES, *VIX_FEATURES):
        text = _FEATURES[name].format(
            w=_window(name),
            clip=number(RETURN_CLIP),
            decay=number(EWMA_DECAY),
            floor=number(VARIANCE_FLOOR),
        )
        rows.append((f"`{name}`", "VIX" if name in VIX_FEATURES else "range", text))
    rows.append(("`gap`", "calendar", "ln(calendar days to session t+h / h); for a single session, ln of its own days"))
    return table(("feature", "block", "at the close of session t"), rows)


SCALE = f"""`u` is sqrt(mean of V over {_window("r22")} sessions). A row is complete from session {BURN_IN} on. Each
target has its own ridge regression on standardised columns, with penalty {number(RELATIVE_PENALTY)} x n on the squared
weights and none on the intercept (after Corsi, 2009).

- Targets: ln of the mean of V over t+1..t+h for h = 1..{MAX_HORIZON}, and ln V[t+k] for k = 1..{SINGLE_SESSIONS}.
- First regression: gap and range block, on every complete row.
- Second regression: what the first left over, on gap, range block and VIX block, on the rows with a complete VIX block.
  It needs {MINIMUM_VIX_ROWS + MAX_HORIZON} such rows; with fewer the model knows no VIX.
- `A_h = exp(prediction / 2)`. With VIX `B_h = A_h^({ratio(HAR_SHARE)}) x i^({ratio(1 - HAR_SHARE)})`; without VIX
`B_h = A_h` from the first regression alone. Single sessions likewise: `a_k`, `b_k`.

The exponential of a mean logarithm is not a mean variance. The shape below is measured in units of B, so it makes up
the difference."""

SHAPE = f"""Filtered historical simulation, after Barone-Adesi, Giannopoulos and Vosper (1999). For each training
session and each h the outcome is divided by that day's `S_h` under the new fit. The sample is kept as quantiles at
{len(LEVELS)} levels from {percent(float(LEVELS[0]))} to {percent(float(LEVELS[-1]))} (Hazen's positions, linear
between them). Four outcomes have a shape of their own at every h:

- the return `C[t+h] - C[t]`,
- up: `max(H[t+1..t+h]) - C[t]`,
- down: `C[t] - min(L[t+1..t+h])`,
- either: the larger of up and down.

`Q_h(p) = S_h x shape quantile`. `F_h(x) = shape share at or below x / S_h`, never nearer to 0 or 1 than 0.5 / (n + 1).
The shape used with VIX is made of rows with VIX, once there are {MINIMUM_SHAPE_ROWS} of them. The shape used without
VIX is standardised by the scale without VIX."""

COHERENCE = """Each outcome's own shape can contradict another's by sampling error, so bounds that hold for the true
probabilities are imposed, h by h from 1 upwards:

- `up_h(d) = max(up_h by shape, up_(h-1)(d), 1 - F_h(d))`, down likewise.
- `touch_h(d) = max(either by shape, touch_(h-1)(d), up_h(d), down_h(d), close_h(d))`, and at most
  `min(up_h(d) + down_h(d), 1)`.
- For unequal distances above and below, `either by shape` is read at the one distance at which up + down by shape is as
  large as it is at the two.

So touch is at least close-beyond on every side, no touch falls with the horizon, and nothing rises with distance."""


def events() -> str:
    """The event heads."""
    columns = ", ".join(f"`{name}`" for name in HEAD_FEATURES)
    return f"""Trap, straddle and breakout have a logistic regression each, per horizon, on {columns}: ridge with
C = {number(INVERSE_PENALTY)} on standardised columns. `threshold` and `har` (A, not B) are over the same span.

- `p = logit mean of the head and the probability from the shape`: `logit p = (logit p_head + logit p_shape) / 2`.
- With fewer than {SHORT_HISTORY} training rows: `logit p = (logit p + logit base rate) / 2`.
- With fewer than {MINIMUM_ROWS} training rows there is no forecast; the block falls back as described below.
- `base rate = (times the event happened + prior) / (known outcomes + 1)`."""


CONFORMAL = f"""Adaptive conformal inference, Gibbs and Candes (2021). For coverages of
{listed(percent(c) for c in COVERAGES)} and each h there is a miss rate `a`, which starts at 1 - coverage. After each
outcome `a = clip(a + {number(LEARNING_RATE)} x (1 - coverage - missed), {number(MISS_BOUNDS[0])},
{number(MISS_BOUNDS[1])})`. `missed` is 1 where the return fell outside the levels a/2 and 1 - a/2 of what was
forecast, else 0. At session t and horizon h only outcomes of sessions up to t - h are known and used. Training walks
through the past; inference goes on from there with the bars since.

The interval is `[m + w (Q_h(a/2) - m), m + w (Q_h(1 - a/2) - m)]`, with m the median and
`w = 1 + {number(WIDENING)} x clip((h - {WIDENED_FROM}) / {WIDENED_AT - WIDENED_FROM}, 0, 1)`: {percent(WIDENING)}
wider about the median from {WIDENED_AT} sessions on."""
